// An ECDSA signature whose DER has always the same length. Software that reserves room for a signature by making one first (pdfsig
// does) fails when the second is longer, so the arithmetic gives an r and an s that both fill the field as a DER INTEGER (hal.ts).

import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import type { KeyAlgorithm } from "./key-algorithm.ts";
import { SwError } from "./sw-error.ts";

/**
 * Signs a digest of up to `fieldBytes` (a shorter one counts as padded with zeros on the left, FIPS 186-5 §6.4.1).
 * The answer is Ecdsa-Sig-Value (RFC 3279 §2.2.3) in DER: always 70 bytes for P-256 and 102 for P-384, always low s.
 * @throws SwError 6F00 when what the arithmetic made did not verify
 */
export function signEcdsa(algorithm: KeyAlgorithm, key: Uint8Array, point: Uint8Array, digest: Uint8Array): Uint8Array {
  const f = algorithm.fieldBytes;
  let padded = digest;
  if (digest.length < f) {
    padded = new Uint8Array(f);
    padded.set(digest, f - digest.length);
  }
  const raw = algorithm.curve.sign(key, point, padded);
  if (raw === null) throw new SwError(SW_INTERNAL_ERROR);
  const der = new Uint8Array(2 * f + 6);
  der.set([0x30, 2 * f + 4, 0x02, f], 0);
  der.set(raw.subarray(0, f), 4);
  der.set([0x02, f], 4 + f);
  der.set(raw.subarray(f, 2 * f), 6 + f);
  return der;
}
