// What an officer enters to revoke a certificate: one of the eleven reasons (S42), and the end of its serial number, typed.

import { z } from "zod";
import { NOT_PROVED, NOT_PROVED_TEXT, REVOCATION_REASONS, type RevocationReason } from "../../issuance/revocation-reasons.ts";
import { says } from "../edge/form.ts";
import type { Language } from "../texts/language.ts";

const REASONS = Object.keys(REVOCATION_REASONS) as [RevocationReason, ...RevocationReason[]];
const TYPED_CHARACTERS = 8;

export const reasonOptions = (language: Language) => REASONS.map((reason) => [reason, REVOCATION_REASONS[reason][language]] as const);

export function reasonText(reason: string, language: Language): string {
  if (reason === NOT_PROVED) return NOT_PROVED_TEXT[language];
  return Object.hasOwn(REVOCATION_REASONS, reason) ? REVOCATION_REASONS[reason as RevocationReason][language] : reason;
}

/** So many characters at the end of the serial number are typed: enough to tell that this certificate was meant, and was read. */
export const endOf = (serialNumber: string): string => serialNumber.slice(-TYPED_CHARACTERS);

export function revocationForm(serialNumber: string) {
  return z.object({
    reason: z.enum(REASONS, says("choose")),
    confirmation: z
      .string(says("required"))
      .max(100, says("too-long"))
      .transform((text) => text.replace(/\s/g, "").toLowerCase())
      .refine((text) => text !== "", says("required"))
      .refine((text) => text === "" || text === endOf(serialNumber), says("not-the-serial")),
  });
}
