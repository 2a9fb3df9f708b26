// What legal representatives type, and what officers type about them.

import { z } from "zod";
import { CODE_DIGITS, KEY_DIGITS, plainDigits } from "../../representatives/access-secrets.ts";
import { isPlainText } from "../../store/plain-text.ts";
import { EMAIL } from "../account/mailbox-form.ts";
import { says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";
import { pageNumber } from "../edge/page-number.ts";

const MAX_IDENTIFIER = 30;
const MAX_DIGITS = 60;
const MAX_NAME = 64;
const MAX_PART = 100;
export const MAX_REASON = 300;

const identifier = lineField(MAX_IDENTIFIER).min(1, says("required"));

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

const part = z.string().max(MAX_PART).refine(isPlainText).catch("");
/** What can be no search is all. */
export const SEARCH = z.object({
  email: part,
  name: part,
  state: z.enum(["any", "valid", "revoked"]).catch("any"),
  page: pageNumber,
  done: z.enum(["revoked", "before"]).nullable().catch(null).default(null),
});

export const REASON = z.object({ reason: lineField(MAX_REASON).min(3, says("required")) });
export const APPOINT = z.object({
  name: lineField(MAX_NAME).min(1, says("required")),
  email: EMAIL,
  language: z.enum(["fr", "en"], says("choose")),
});
