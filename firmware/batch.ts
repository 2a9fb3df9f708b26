// Batch consent: the digests that the holder has consented to, with one PIN and one press. Each is signed once, in any order.

import { equalBytes } from "../protocol/bytes.ts";

export class Batch {
  readonly slot: number;
  /** The key that the consent is for: another one in its slot has none. */
  readonly publicKey: Uint8Array;
  /** hal.clock's time of the consent. */
  readonly sinceMs: number;
  private digests: Uint8Array[];

  constructor(slot: number, publicKey: Uint8Array, digests: Uint8Array[], sinceMs: number) {
    this.slot = slot;
    this.publicKey = publicKey;
    this.digests = digests;
    this.sinceMs = sinceMs;
  }

  /** Takes a digest off the list. False: it is not on it (any more). */
  take(digest: Uint8Array): boolean {
    for (let i = 0; i < this.digests.length; i++) {
      if (!equalBytes(this.digests[i], digest)) continue;
      this.digests.splice(i, 1);
      return true;
    }
    return false;
  }

  isEmpty(): boolean {
    return this.digests.length === 0;
  }
}
