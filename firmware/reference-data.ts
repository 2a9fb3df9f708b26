// PIN and PUK: kept as a salted hash beside a counter of tries. The counter is spent in flash before the comparison.

import { concatBytes, copyBytes, equalSecrets } from "../protocol/bytes.ts";
import { FACTORY_PIN, FACTORY_PUK, KEY_REF_PIV_PIN, PIN_FILLER, PIN_MIN_DIGITS, REFERENCE_DATA_BYTES } from "../protocol/piv.ts";
import { SW_AUTH_METHOD_BLOCKED, SW_CONDITIONS_NOT_SATISFIED, SW_TRIES_LEFT, SW_WRONG_DATA } from "../protocol/status-words.ts";
import { type Hal, randomBytes } from "./hal.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { ID_REFERENCE_DATA, ID_TRIES } from "./journal-ids.ts";
import { SwError } from "./sw-error.ts";
import { isTrivial } from "./trivial-secret.ts";

const SALT_BYTES = 16;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const DEFAULT_TRIES = 3;

/** Text as reference data: its characters, filled up with FF to 8 bytes. */
export function padReferenceData(text: string): Uint8Array {
  const bytes = new Uint8Array(REFERENCE_DATA_BYTES).fill(PIN_FILLER);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** 6 to 8 decimal digits, then only FF (SP 800-73-5 Part 2 §2.4.3). */
function isPin(value: Uint8Array): boolean {
  let digits = 0;
  while (digits < value.length && value[digits] >= DIGIT_0 && value[digits] <= DIGIT_9) digits++;
  if (digits < PIN_MIN_DIGITS) return false;
  for (let i = digits; i < value.length; i++) if (value[i] !== PIN_FILLER) return false;
  return true;
}

/** 8 bytes, none of them the filler. */
function isPuk(value: Uint8Array): boolean {
  for (const byte of value) if (byte === PIN_FILLER) return false;
  return true;
}

/** The PIN (key reference 80) or the PUK (81) of a token. Record: factory value (1), salt (16), SHA-256 of salt ‖ value (32). */
export class ReferenceData {
  readonly keyRef: number;
  private readonly hal: Hal;
  private readonly journal: Journal;
  private readonly refusesWeak: boolean;

  /** @param refusesWeak neither the factory's value nor a trivial one may be set */
  constructor(hal: Hal, journal: Journal, keyRef: number, refusesWeak: boolean) {
    this.hal = hal;
    this.journal = journal;
    this.keyRef = keyRef;
    this.refusesWeak = refusesWeak;
  }

  private factoryValue(): Uint8Array {
    return padReferenceData(this.keyRef === KEY_REF_PIV_PIN ? FACTORY_PIN : FACTORY_PUK);
  }

  /** True until it has been changed for the first time, and where the factory's value may be set again, when it was. */
  isFactory(): boolean {
    if (this.journal.read(ID_REFERENCE_DATA | this.keyRef) === null) return true;
    return !this.refusesWeak && this.matches(this.factoryValue());
  }

  triesLeft(): number {
    const stored = this.journal.read(ID_TRIES | this.keyRef);
    return stored === null ? DEFAULT_TRIES : stored[0];
  }

  triesTotal(): number {
    const stored = this.journal.read(ID_TRIES | this.keyRef);
    return stored === null || stored.length < 2 ? DEFAULT_TRIES : stored[1];
  }

  /** Whether a value has the form that SP 800-73-5 Part 2 §2.4.3 asks for: what counts always has. */
  isWellFormed(value: Uint8Array): boolean {
    return this.keyRef === KEY_REF_PIV_PIN ? isPin(value) : isPuk(value);
  }

  private triesEntry(left: number, total: number): JournalEntry {
    return { id: ID_TRIES | this.keyRef, value: new Uint8Array([left, total]) };
  }

  /**
   * What the journal has to keep so that there are `total` tries from now on: all of them, or as many as were left when some were spent.
   * @throws SwError 6985 when some were spent and `total` or more are left: nobody would know any more that some were spent
   */
  triesReplacement(total: number): JournalEntry {
    const left = this.triesLeft();
    if (left === this.triesTotal()) return this.triesEntry(total, total);
    if (left >= total) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
    return this.triesEntry(left, total);
  }

  private hash(salt: Uint8Array, value: Uint8Array): Uint8Array {
    return this.hal.crypto.sha256(concatBytes([salt, value]));
  }

  private matches(value: Uint8Array): boolean {
    const record = this.journal.read(ID_REFERENCE_DATA | this.keyRef);
    if (record === null) return equalSecrets(value, this.factoryValue());
    const salt = copyBytes(record, 0, SALT_BYTES);
    return equalSecrets(this.hash(salt, value), copyBytes(record, SALT_BYTES, record.length));
  }

  /**
   * Spends a try, compares, and gives the tries back when the value is right.
   * @throws SwError 63Cx wrong, x tries left; 6983 blocked
   */
  verify(value: Uint8Array): void {
    const left = this.triesLeft();
    if (left === 0) throw new SwError(SW_AUTH_METHOD_BLOCKED);
    const total = this.triesTotal();
    this.journal.write([this.triesEntry(left - 1, total)]); // spent first, so that pulling the plug can't refund it
    if (!this.matches(value)) throw new SwError(left === 1 ? SW_AUTH_METHOD_BLOCKED : SW_TRIES_LEFT + left - 1);
    this.journal.write([this.triesEntry(total, total)]);
  }

  /**
   * What the journal has to keep so that `value` counts from now on, with all its tries.
   * @throws SwError 6A80 when the value has the wrong form, or is trivial or the factory's and this token refuses that
   */
  replacement(value: Uint8Array): JournalEntry[] {
    if (!this.isWellFormed(value)) throw new SwError(SW_WRONG_DATA);
    if (this.refusesWeak && (equalSecrets(value, this.factoryValue()) || isTrivial(value))) throw new SwError(SW_WRONG_DATA);
    return this.entriesFor(value, this.triesTotal());
  }

  /** What the journal has to keep so that the factory's value counts again, with `total` tries: for profiles that allow it. */
  factoryReplacement(total: number): JournalEntry[] {
    return this.entriesFor(this.factoryValue(), total);
  }

  private entriesFor(value: Uint8Array, total: number): JournalEntry[] {
    const salt = randomBytes(this.hal.rng, SALT_BYTES);
    const record = concatBytes([salt, this.hash(salt, value)]);
    return [{ id: ID_REFERENCE_DATA | this.keyRef, value: record }, this.triesEntry(total, total)];
  }
}
