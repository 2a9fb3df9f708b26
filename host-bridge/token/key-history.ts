// The Key History object (SP 800-73-5 Part 1 §3.3.3): how many retired keys have their certificate on the token. Software that finds none in it,
// as OpenSC, looks at no retired slot.

import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { concatBytes } from "../../protocol/bytes.ts";
import { OBJECT_KEY_HISTORY, RETIRED_SLOTS, retiredKeySlot, TAG_ERROR_DETECTION } from "../../protocol/piv.ts";
import { SW_NOT_FOUND } from "../../protocol/status-words.ts";
import type { TokenClient } from "./token-client.ts";
import { TokenError } from "./token-error.ts";

export const TAG_KEYS_WITH_ON_CARD_CERTIFICATES = 0xc1;
const TAG_KEYS_WITH_OFF_CARD_CERTIFICATES = 0xc2;

/**
 * Writes the object anew after a certificate of a retired slot has come or gone, after authenticateManagement. The standard has the slots used one
 * after the other from 82 on; a gap counts as used, so that what lies behind it is found.
 */
export async function updateKeyHistory(client: TokenClient): Promise<void> {
  let count = 0;
  for (let index = 0; index < RETIRED_SLOTS; index++) {
    if ((await client.readObject(retiredKeySlot(index).certificate)) !== null) count = index + 1;
  }
  const content = concatBytes([
    encodeTlv(TAG_KEYS_WITH_ON_CARD_CERTIFICATES, [new Uint8Array([count])]),
    encodeTlv(TAG_KEYS_WITH_OFF_CARD_CERTIFICATES, [new Uint8Array([0])]),
    encodeTlv(TAG_ERROR_DETECTION, []),
  ]);
  try {
    await client.writeObject(OBJECT_KEY_HISTORY, count === 0 ? new Uint8Array(0) : content);
  } catch (error) {
    if (!(error instanceof TokenError && error.sw === SW_NOT_FOUND)) throw error; // a card that has no such object
  }
}
