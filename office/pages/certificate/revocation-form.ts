// What an officer enters to revoke a certificate: one of the eleven reasons (S42), and the end of its serial number, typed.

import { z } from "zod";
import {
  LISTED,
  LISTED_TEXT,
  NOT_PROVED,
  NOT_PROVED_TEXT,
  REVOCATION_REASONS,
  type RevocationReason,
} from "../../issuance/revocation-reasons.ts";
import { says } from "../edge/form.ts";
import { typedEnd } from "../frame/typed-confirmation.ts";
import type { Language } from "../texts/language.ts";

const REASONS = Object.keys(REVOCATION_REASONS) as [RevocationReason, ...RevocationReason[]];

export const reasonOptions = (language: Language, reasons: readonly RevocationReason[] = REASONS) =>
  reasons.map((reason) => [reason, REVOCATION_REASONS[reason][language]] as const);

export function reasonText(reason: string, language: Language): string {
  if (reason === LISTED) return LISTED_TEXT[language];
  if (reason === NOT_PROVED) return NOT_PROVED_TEXT[language];
  return Object.hasOwn(REVOCATION_REASONS, reason) ? REVOCATION_REASONS[reason as RevocationReason][language] : reason;
}

export const revocationForm = (serialNumber: string) =>
  z.object({ reason: z.enum(REASONS, says("choose")), confirmation: typedEnd(serialNumber, "not-the-serial") });
