// The private keys, one a slot, and what is left of an erased one: its public part. Record of a key: algorithm, PIN policy, button policy, origin
// (a byte each), private key (f), point (1 + 2f), f the length of its curve's field. Record of an erased key: counter of the journal's entry that
// tells it (4), algorithm (1), point.

import { concatBytes, copyBytes, readUint32, wipe, writeUint32 } from "../protocol/bytes.ts";
import { isRetiredSlot, KEY_SLOTS, ORIGIN_GENERATED, RETIRED_SLOTS, retiredKeySlot, SLOT_ATTESTATION } from "../protocol/piv.ts";
import { ENTRY_ERASURE } from "../protocol/vendor.ts";
import type { CryptoProvider } from "./hal.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { ID_ERASED_KEY, ID_KEY } from "./journal-ids.ts";
import { type KeyAlgorithm, keyAlgorithm } from "./key-algorithm.ts";
import { nextRevision } from "./revision.ts";
import type { SignatureLog } from "./signature-log.ts";

const HEADER_BYTES = 4;
const ERASED_HEADER_BYTES = 5;

export interface KeyPolicies {
  /** PIN_POLICY_NEVER, _ONCE or _ALWAYS. */
  readonly pin: number;
  /** BUTTON_POLICY_NEVER, _ALWAYS or _CACHED. */
  readonly button: number;
}

/** What may be told of a key. */
export interface KeyInfo {
  readonly algorithm: number;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly policies: KeyPolicies;
  readonly origin: number;
  readonly publicKey: Uint8Array;
}

/** What may be told of an erased one. */
export interface ErasedKey {
  /** Of the entry in the signature journal that tells it. */
  readonly counter: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

/** What is made of a private key that is lent, and of its point. */
export type PrivateKeyUse = (algorithm: KeyAlgorithm, key: Uint8Array, point: Uint8Array) => Uint8Array;

/** A slot for a key of the holder's: not the attestation key's. */
export function isKeySlot(slot: number): boolean {
  for (const known of KEY_SLOTS) if (known.slot === slot) return true;
  return isRetiredSlot(slot);
}

/** All of them. */
export function allKeySlots(): number[] {
  const slots = KEY_SLOTS.map((known) => known.slot);
  for (let i = 0; i < RETIRED_SLOTS; i++) slots.push(retiredKeySlot(i).slot);
  return slots;
}

export function keyRecordBytes(algorithm: KeyAlgorithm): number {
  return HEADER_BYTES + 3 * algorithm.fieldBytes + 1;
}

export class KeyStore {
  private readonly journal: Journal;
  private readonly log: SignatureLog;
  private readonly crypto: CryptoProvider;
  /** A key was erased, and the signature journal may not tell it yet. */
  private erasing: boolean;
  /** What was told last, and of which slot; null: of none. A key that is in use is asked for several times in each command. */
  private lastInfo: KeyInfo | null;
  private lastSlot: number;

  constructor(journal: Journal, log: SignatureLog, crypto: CryptoProvider) {
    this.journal = journal;
    this.log = log;
    this.crypto = crypto;
    this.lastInfo = null;
    this.lastSlot = 0;
    this.erasing = true;
    this.finishErasure();
  }

  /** Makes a key in `slot`, in place of the one that was there. The answer is its point. */
  generate(slot: number, algorithm: KeyAlgorithm, policies: KeyPolicies): Uint8Array {
    const key = algorithm.curve.generateKey();
    const publicKey = algorithm.curve.publicKey(key);
    const header = new Uint8Array([algorithm.id, policies.pin, policies.button, ORIGIN_GENERATED]);
    const record = concatBytes([header, key, publicKey]);
    wipe(key);
    this.replace(slot, record);
    wipe(record);
    return publicKey;
  }

  /** Erases the key of a slot that has one. */
  erase(slot: number): void {
    this.replace(slot, null);
  }

  /** null: no key in this slot. */
  info(slot: number): KeyInfo | null {
    if (this.lastInfo !== null && this.lastSlot === slot) return this.lastInfo;
    const id = ID_KEY | slot;
    if (!this.journal.has(id)) return null;
    const header = this.journal.readPiece(id, 0, HEADER_BYTES);
    const algorithm = this.algorithmOf(header[0]);
    const f = algorithm.fieldBytes;
    const publicKey = this.journal.readPiece(id, HEADER_BYTES + f, 1 + 2 * f);
    const policies = { pin: header[1], button: header[2] };
    this.lastInfo = { algorithm: header[0], keyAlgorithm: algorithm, policies, origin: header[3], publicKey };
    this.lastSlot = slot;
    return this.lastInfo;
  }

  /** The key that was erased or replaced last in this slot; null: none was. */
  erased(slot: number): ErasedKey | null {
    const record = this.journal.read(ID_ERASED_KEY | slot);
    if (record === null) return null;
    return { counter: readUint32(record, 0), algorithm: record[4], publicKey: copyBytes(record, ERASED_HEADER_BYTES, record.length) };
  }

  /**
   * Lends the private key of a slot that has one to `use`, and wipes the copy afterwards. The use is told in the signature journal first: what
   * a key has made is never missing there.
   * @param kind ENTRY_*
   * @param digest 32 bytes
   */
  usePrivateKey(slot: number, kind: number, digest: Uint8Array, use: PrivateKeyUse): Uint8Array {
    this.finishErasure();
    this.log.append(slot, kind, digest);
    const info = this.info(slot) as KeyInfo;
    const algorithm = info.keyAlgorithm;
    const key = this.journal.readPiece(ID_KEY | slot, HEADER_BYTES, algorithm.fieldBytes);
    try {
      return use(algorithm, key, info.publicKey);
    } finally {
      wipe(key);
    }
  }

  /** A key is in the flash only when it was made here. */
  private algorithmOf(id: number): KeyAlgorithm {
    return keyAlgorithm(this.crypto, id) as KeyAlgorithm;
  }

  /** The old key goes, the new one comes, and what is left of the old one is kept, all in one record; then the journal's entry follows. */
  private replace(slot: number, record: Uint8Array | null): void {
    this.finishErasure();
    const old = this.info(slot);
    const entries: JournalEntry[] = [{ id: ID_KEY | slot, value: record }, nextRevision(this.journal)];
    if (old !== null) {
      const header = new Uint8Array(ERASED_HEADER_BYTES);
      writeUint32(header, 0, this.log.counter() + 1);
      header[4] = old.algorithm;
      entries.push({ id: ID_ERASED_KEY | slot, value: concatBytes([header, old.publicKey]) });
    }
    this.erasing = old !== null;
    this.lastInfo = null;
    this.journal.write(entries);
    if (old !== null) this.log.append(slot, ENTRY_ERASURE, this.crypto.sha256(old.publicKey));
    this.erasing = false;
  }

  /** An erasure whose entry is not in the signature journal yet gets it now, be it that a cut or an exception has kept it from there. */
  private finishErasure(): void {
    if (!this.erasing) return;
    const slots = allKeySlots();
    slots.push(SLOT_ATTESTATION);
    for (const slot of slots) {
      const erased = this.erased(slot);
      if (erased !== null && erased.counter === this.log.counter() + 1) {
        this.log.append(slot, ENTRY_ERASURE, this.crypto.sha256(erased.publicKey));
        break;
      }
    }
    this.erasing = false;
  }
}
