// What signing in by a code asks for.

import { z } from "zod";
import { ownPath } from "../../../host-bridge/web/own-path.ts";
import { says } from "../edge/form.ts";

const MAX_EMAIL = 255;
const MAX_PATH = 500;

export const EMAIL = z
  .string(says("required"))
  .trim()
  .min(1, says("required"))
  .max(MAX_EMAIL, says("too-long"))
  .regex(/^[!-?A-~]+@[!-?A-~]+$/, says("not-an-email"));

export const MAILBOX = z.object({ email: EMAIL });

/** Eight digits, with spaces wherever somebody puts them. */
export const CODE = z.object({
  code: z
    .string(says("required"))
    .transform((text) => text.replace(/\s/g, ""))
    .pipe(
      z
        .string()
        .min(1, says("required"))
        .regex(/^\d{8}$/, says("not-a-code")),
    ),
});

const NEXT = z.object({ next: z.string().min(1).max(MAX_PATH).regex(/^\//) });

/** Where somebody goes on once they are in: a path of ours. */
export function nextOf(sent: unknown): string {
  const result = NEXT.safeParse(sent ?? {});
  return result.success ? ownPath(result.data.next) : "/account";
}
