// Kinds of keys as people type and read them.

import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";

/** What `--algorithm` takes. */
export const KEY_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ["p256", ALG_P256],
  ["p384", ALG_P384],
]);

/** ALG_P256, ALG_P384 → P-256, P-384. */
export function algorithmName(algorithm: number): string {
  return algorithm === ALG_P384 ? "P-384" : "P-256";
}
