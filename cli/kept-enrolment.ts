// What `sceau office enrol` is about to send when it asks for the certificate, kept until the certificate is on the token and proven: an office that issued
// and whose answer was lost gives the same certificate for the same order. Nothing in it is secret; of the code there is only a digest.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { StateFolder } from "./state-folder.ts";

const KEPT = z.strictObject({
  /** Address. */
  office: z.string(),
  /** SHA-256 of the code, hexadecimal. */
  code: z.string(),
  /** The key in 9A, uncompressed, base64url. */
  point: z.string(),
  /** PKCS#10 with the office's challenge in it, attestation and its issuer: DER, base64url. */
  request: z.string(),
  attestation: z.string(),
  issuer: z.string(),
});

export interface EnrolmentOrder {
  readonly request: string;
  readonly attestation: string;
  readonly issuer: string;
}

export interface EnrolmentOf {
  readonly serial: string;
  readonly office: string;
  readonly code: string;
  /** Base64url. */
  readonly point: string;
}

const digestOf = (code: string): string => createHash("sha256").update(code).digest("hex");

function read(path: string): z.infer<typeof KEPT> | null {
  if (!existsSync(path)) return null;
  try {
    return KEPT.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null; // cut off when the computer went down: then nothing was sent either
  }
}

/** On the disk before the office hears of it. */
export function keepEnrolment(state: StateFolder, { serial, office, code, point }: EnrolmentOf, order: EnrolmentOrder): void {
  const path = state.enrolment(serial);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify({ office, code: digestOf(code), point, ...order })}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** What was sent, or was about to be, with this code for this key to this office; null: nothing. */
export function keptEnrolment(state: StateFolder, { serial, ...asked }: EnrolmentOf): EnrolmentOrder | null {
  const kept = read(state.enrolment(serial));
  if (kept === null || kept.office !== asked.office || kept.code !== digestOf(asked.code) || kept.point !== asked.point) return null;
  const { request, attestation, issuer } = kept;
  return { request, attestation, issuer };
}

export function forgetEnrolment(state: StateFolder, serial: string): void {
  rmSync(state.enrolment(serial), { force: true });
}
