// What legal representatives type, and what officers type about them.

import { z } from "zod";
import { CODE_DIGITS, KEY_DIGITS, plainDigits } from "../../representatives/access-secrets.ts";
import { EMAIL } from "../account/mailbox-form.ts";
import { says } from "../edge/form.ts";
import { pageNumber } from "../edge/page-number.ts";

const MAX_IDENTIFIER = 30;
const MAX_DIGITS = 60;
const MAX_NAME = 64;
const MAX_PART = 100;
export const MAX_REASON = 300;

const identifier = z.string(says("required")).trim().min(1, says("required")).max(MAX_IDENTIFIER, says("too-long"));

const digits = (count: number, problem: "not-an-access-key" | "not-a-code") =>
  z
    .string(says("required"))
    .max(MAX_DIGITS, says(problem))
    .transform(plainDigits)
    .pipe(
      z
        .string()
        .min(1, says("required"))
        .regex(new RegExp(`^\\d{${count}}$`), says(problem)),
    );

const accessKey = digits(KEY_DIGITS, "not-an-access-key");
const code = digits(CODE_DIGITS, "not-a-code");

export const SIGN_IN = z.object({ identifier, key: accessKey });
export const COLLECT = z.object({ identifier, code });
export const MAILBOX = z.object({ email: EMAIL });
export const SECRET_CODE = z.object({ code });
/** A page that shows what was just made, in the other language. */
export const SHOWN_KEY = z.object({ identifier, key: accessKey });
export const SHOWN_CODE = z.object({ code });

const part = z
  .string()
  .max(MAX_PART)
  .regex(/^\P{Cc}*$/u)
  .catch("");
/** What can be no search is all. */
export const SEARCH = z.object({
  email: part,
  name: part,
  state: z.enum(["any", "valid", "revoked"]).catch("any"),
  page: pageNumber,
  done: z.enum(["revoked", "before"]).nullable().catch(null).default(null),
});

const reason = z
  .string(says("required"))
  .trim()
  .min(3, says("required"))
  .max(MAX_REASON, says("too-long"))
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, says("unreadable"));
export const REASON = z.object({ reason });
export const APPOINT = z.object({
  name: z
    .string(says("required"))
    .trim()
    .min(1, says("required"))
    .max(MAX_NAME, says("too-long"))
    .regex(/^[^\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u, says("unreadable")),
  email: EMAIL,
  language: z.enum(["fr", "en"], says("choose")),
});
