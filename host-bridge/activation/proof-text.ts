// What a holder's key signs to prove that it is there, with its certificate. Office and token's side must mean the same bytes.

import { createHash } from "node:crypto";

const TEXT = "Sceau possession 1\n";

/** What the key is to sign, by ECDSA with SHA-256 (P-256) or SHA-384 (P-384). @param certificate DER */
export function proofText(certificate: Uint8Array): Uint8Array {
  return new TextEncoder().encode(`${TEXT}${createHash("sha256").update(certificate).digest("hex")}\n`);
}
