// What a program sends to the office: JSON of one form, from this office's own origin or from no page at all. Bytes are base64url.

import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { requireOwnOrigin } from "./same-site.ts";

/** What was sent is not what this route takes. */
class UnreadableRequestError extends Error {
  override readonly name = "UnreadableRequestError";
  readonly statusCode = 400;
}

export const bytesField = (maxCharacters: number) =>
  z
    .string()
    .min(1)
    .max(maxCharacters)
    .regex(/^[A-Za-z0-9_-]+$/)
    .transform((text) => new Uint8Array(Buffer.from(text, "base64url")));

/** @throws ForeignRequestError, UnreadableRequestError */
export function readJson<T>(schema: z.ZodType<T>, { body, headers }: FastifyRequest, publicUrl: string): T {
  requireOwnOrigin(headers, publicUrl, true);
  const result = schema.safeParse(body);
  // Without zod's words: they could repeat what was sent.
  if (!result.success) throw new UnreadableRequestError("not the fields of this route");
  return result.data;
}
