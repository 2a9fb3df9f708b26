// What a page asked the holder's consent for, in one word: it goes with the PIN, and the token is not asked when it is something else by then (another
// tab, another certificate on the token).

import { createHash } from "node:crypto";
import type { DocumentSet } from "./document-set.ts";

/** @param certificate of the key that is to sign, DER @returns 43 characters of base64url */
export function shownOrder({ id, unsigned, order }: DocumentSet, certificate: Uint8Array): string {
  const { reason, seal } = order;
  const told = JSON.stringify([id, unsigned, reason, seal.page, seal.corner, Buffer.from(certificate).toString("base64")]);
  return createHash("sha256").update(told).digest("base64url");
}
