// The factory step: the attestation key is made on the token, its certificate comes from a root that the factory names, and then both are sealed.

import { OBJECT_ATTESTATION_CERTIFICATE } from "../protocol/piv.ts";
import type { Card } from "./card.ts";

/** The attestation key and its certificate are in place, for good. */
export function isSealed(card: Card): boolean {
  return card.objects.read(OBJECT_ATTESTATION_CERTIFICATE) !== null;
}
