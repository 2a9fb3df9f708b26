// Makes a token new again on purpose: RESET (YubiKey PIV extension) asks for PIN and PUK that are both blocked.

import { KEY_REF_PIV_PIN, KEY_REF_PUK, PIN_FILLER, REFERENCE_DATA_BYTES } from "../../protocol/piv.ts";
import type { TokenClient } from "./token-client.ts";
import { TokenError } from "./token-error.ts";

/** Neither a PIN, which has digits, nor a PUK, which has no filler in it: wrong for certain. */
const NEVER_RIGHT = new Uint8Array(REFERENCE_DATA_BYTES).fill(PIN_FILLER);
/** A token has at most 15 tries (SET TRIES); one that still has some then counts wrong. */
const MOST_TRIES = 15;

async function spendTries(client: TokenClient, reference: number): Promise<void> {
  const change = reference === KEY_REF_PUK ? client.changePuk.bind(client) : client.changePin.bind(client);
  for (let spent = 0; spent < MOST_TRIES && (await client.tries(reference)).left > 0; spent++) {
    try {
      await change(NEVER_RIGHT, NEVER_RIGHT);
    } catch (error) {
      if (!(error instanceof TokenError) || error.triesLeft === null) throw error;
    }
  }
}

/**
 * Erases all that holder and office put on the token; the attestation key and the signature journal stay. Cut short it leaves a token with fewer
 * tries, or blocked, or new: run again, it goes on from there.
 * @throws TokenError 6D00 on a card that is no token of ours; nothing was done
 */
export async function blockAndReset(client: TokenClient): Promise<void> {
  client.checkIsOwn("RESET"); // a card that can't be reset would stay blocked
  await spendTries(client, KEY_REF_PIV_PIN);
  await spendTries(client, KEY_REF_PUK);
  await client.reset();
}
