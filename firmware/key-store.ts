// The private keys, one a slot. Record: algorithm, PIN policy, button policy, origin (a byte each), private key (32), point (65).

import { concatBytes, copyBytes } from "../protocol/bytes.ts";
import { ALG_P256, KEY_SLOTS, ORIGIN_GENERATED } from "../protocol/piv.ts";
import type { CryptoProvider } from "./hal.ts";
import type { Journal } from "./journal.ts";
import { ID_KEY } from "./journal-ids.ts";
import { nextRevision } from "./revision.ts";

const HEADER_BYTES = 4;
const PRIVATE_BYTES = 32;
const POINT_BYTES = 65;
export const KEY_RECORD_BYTES = HEADER_BYTES + PRIVATE_BYTES + POINT_BYTES;

export interface KeyPolicies {
  /** PIN_POLICY_NEVER, _ONCE or _ALWAYS. */
  readonly pin: number;
  /** BUTTON_POLICY_NEVER, _ALWAYS or _CACHED. */
  readonly button: number;
}

/** What may be told of a key. */
export interface KeyInfo {
  readonly algorithm: number;
  readonly policies: KeyPolicies;
  readonly origin: number;
  readonly publicKey: Uint8Array;
}

export function isKeySlot(slot: number): boolean {
  return KEY_SLOTS.find((known) => known.slot === slot) !== undefined;
}

export class KeyStore {
  private readonly journal: Journal;
  private readonly crypto: CryptoProvider;

  constructor(journal: Journal, crypto: CryptoProvider) {
    this.journal = journal;
    this.crypto = crypto;
  }

  /** Makes a P-256 key in `slot`, in place of the one that was there. The answer is its point. */
  generate(slot: number, policies: KeyPolicies): Uint8Array {
    const key = this.crypto.p256GenerateKey();
    const publicKey = this.crypto.p256PublicKey(key);
    const header = new Uint8Array([ALG_P256, policies.pin, policies.button, ORIGIN_GENERATED]);
    const record = concatBytes([header, key, publicKey]);
    key.fill(0);
    this.journal.write([{ id: ID_KEY | slot, value: record }, nextRevision(this.journal)]);
    record.fill(0);
    return publicKey;
  }

  /** null: no key in this slot. */
  info(slot: number): KeyInfo | null {
    const record = this.journal.read(ID_KEY | slot);
    if (record === null) return null;
    const publicKey = copyBytes(record, HEADER_BYTES + PRIVATE_BYTES, record.length);
    const info = { algorithm: record[0], policies: { pin: record[1], button: record[2] }, origin: record[3], publicKey };
    record.fill(0);
    return info;
  }

  /** Lends the private key of a slot that has one to `use`, and wipes the copy afterwards. */
  withPrivateKey(slot: number, use: (key: Uint8Array) => Uint8Array): Uint8Array {
    const record = this.journal.read(ID_KEY | slot) as Uint8Array;
    const key = record.subarray(HEADER_BYTES, HEADER_BYTES + PRIVATE_BYTES);
    try {
      return use(key);
    } finally {
      record.fill(0);
    }
  }
}
