// SKETCH of the interface; being written.
import type { CryptoProvider, Flash } from "./hal.ts";

export const LOG_ENTRY_BYTES = 34;

export interface LogReading {
  readonly first: number;
  readonly hashBefore: Uint8Array;
  readonly entries: Uint8Array[];
}

export class SignatureLog {
  private newest: number;
  private newestHash: Uint8Array;
  private readonly all: Uint8Array[];
  private readonly crypto: CryptoProvider;
  constructor(_flash: Flash, crypto: CryptoProvider) {
    this.newest = 0;
    this.newestHash = new Uint8Array(32);
    this.all = [];
    this.crypto = crypto;
  }
  counter(): number {
    return this.newest;
  }
  hash(): Uint8Array {
    return this.newestHash;
  }
  append(slot: number, kind: number, digest: Uint8Array): void {
    const bytes = new Uint8Array(LOG_ENTRY_BYTES);
    bytes[0] = slot;
    bytes[1] = kind;
    bytes.set(digest, 2);
    this.newest++;
    this.newestHash = this.crypto.sha256(bytes);
    this.all.push(bytes);
  }
  read(first: number, count: number): LogReading {
    return {
      first,
      hashBefore: new Uint8Array(32),
      entries: this.all.filter((e) => this.all.indexOf(e) + 1 >= first && this.all.indexOf(e) + 1 < first + count),
    };
  }
}

/** What the journal keeps of a signed digest: 32 bytes; a longer one as its SHA-256, a shorter one with zeros before. */
export function loggedDigest(crypto: CryptoProvider, digest: Uint8Array): Uint8Array {
  if (digest.length > 32) return crypto.sha256(digest);
  const padded = new Uint8Array(32);
  padded.set(digest, 32 - digest.length);
  return padded;
}
