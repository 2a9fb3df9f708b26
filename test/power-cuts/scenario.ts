// What is swept: a token in some state, a command, and the states that a cut may leave.

import type { Card } from "../../firmware/card.ts";
import { ID_TRIES } from "../../firmware/journal-ids.ts";
import type { ReferenceData } from "../../firmware/reference-data.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import type { Opened } from "./laboratory.ts";

export interface Scenario {
  readonly name: string;
  /** The flash when the token is plugged in. */
  readonly image: FlashImage;
  /** Swept is what plugging the token in does, and nothing else. */
  readonly isOpening?: boolean;
  /** What happens after plugging in, before the part that is swept: proving the PIN or the management key. */
  readonly prepare?: (opened: Opened) => void;
  /** The swept part. */
  readonly act: (opened: Opened) => void;
  /**
   * A command of several steps: what a cut may leave besides the state before and the state after, each as a change of the one before it, in the
   * order in which they come about.
   */
  readonly between?: readonly ((card: Card) => void)[];
  /** The flash must tell, before a private key is used, that it was; before a PIN is compared, that a try is spent. */
  readonly spentBefore?: "key use" | "comparison";
}

/** A try of the PIN or PUK is spent. */
export function trySpent(which: (card: Card) => ReferenceData): (card: Card) => void {
  return (card) => {
    const reference = which(card);
    const value = new Uint8Array([reference.triesLeft() - 1, reference.triesTotal()]);
    card.journal.write([{ id: ID_TRIES | reference.keyRef, value }]);
  };
}

/** All its tries are back. */
export function triesBack(which: (card: Card) => ReferenceData): (card: Card) => void {
  return (card) => {
    const reference = which(card);
    const total = reference.triesTotal();
    card.journal.write([{ id: ID_TRIES | reference.keyRef, value: new Uint8Array([total, total]) }]);
  };
}
