// Kinds of keys as people type and read them.

import { rsaBitsOf } from "../host-bridge/token/key-metadata.ts";
import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";

/** What `--algorithm` takes. */
export const KEY_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ["p256", ALG_P256],
  ["p384", ALG_P384],
]);

/** ALG_P256, ALG_P384, ALG_RSA_2048 → P-256, P-384, RSA 2048. */
export function algorithmName(algorithm: number): string {
  const bits = rsaBitsOf(algorithm);
  if (bits !== null) return `RSA ${bits}`;
  return algorithm === ALG_P384 ? "P-384" : "P-256";
}
