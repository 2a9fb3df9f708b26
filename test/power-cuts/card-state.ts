// Everything that a token keeps, read without changing anything, as text that compares.

import type { Card } from "../../firmware/card.ts";
import { ID_KEY, ID_KINDS, ID_MANAGEMENT_KEY, ID_REFERENCE_DATA } from "../../firmware/journal-ids.ts";
import { ALG_P384 } from "../../protocol/piv.ts";
import { JOURNAL_READABLE_ENTRIES } from "../../protocol/vendor.ts";
import { publicKeyOfP256, publicKeyOfP384 } from "../support/repeatable-world.ts";

export interface CardState {
  /** Every value of the journal in hex, by its id: tries, verifiers, keys, objects, revision, erased keys. */
  readonly values: ReadonlyMap<number, string>;
  /** Signature journal: counter, hash, and the newest entries that must stay readable. */
  readonly log: string;
  /** Both, and what the card makes of them. */
  readonly text: string;
}

const KEY_HEADER_BYTES = 4;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function logText(card: Card): string {
  const counter = card.log.counter();
  const parts = [String(counter), hex(card.log.hash())];
  let next = Math.max(1, counter - JOURNAL_READABLE_ENTRIES + 1);
  while (next <= counter) {
    const { first, hashBefore, entries } = card.log.read(next, JOURNAL_READABLE_ENTRIES);
    if (first !== next || entries.length === 0) return `${parts.join(" ")}: entry ${next} is missing`;
    parts.push(hex(hashBefore), ...entries.map(hex));
    next += entries.length;
  }
  return parts.join(" ");
}

export function readState(card: Card): CardState {
  const values = new Map<number, string>();
  for (const id of card.journal.ids().sort((a, b) => a - b)) values.set(id, hex(card.journal.read(id) ?? new Uint8Array()));
  const log = logText(card);
  const meaning = `initialised ${card.isInitialised()} pin ${card.pin.triesLeft()}/${card.pin.triesTotal()} puk ${card.puk.triesLeft()}/${card.puk.triesTotal()}`;
  return { values, log, text: `${[...values].map(([id, value]) => `${id.toString(16)}=${value}`).join("\n")}\n${log}\n${meaning}` };
}

/** The chain of the signature journal does not hold: the reason; null: it does. */
function brokenChain(card: Card): string | null {
  const counter = card.log.counter();
  const sha256 = card.hal.crypto.sha256;
  const first = Math.max(1, counter - JOURNAL_READABLE_ENTRIES + 1);
  let hash: Uint8Array = new Uint8Array(32);
  for (let next = first; next <= counter; ) {
    const { first: told, hashBefore, entries } = card.log.read(next, JOURNAL_READABLE_ENTRIES);
    if (told !== next || entries.length === 0) return `the signature journal lacks entry ${next}`;
    if (next === 1 && Buffer.compare(hashBefore, hash) !== 0) return "the signature journal does not begin with zeros";
    if (next > first && Buffer.compare(hashBefore, hash) !== 0) return `the signature journal breaks at entry ${next}`;
    hash = hashBefore;
    for (const entry of entries) {
      const number = new Uint8Array(4);
      new DataView(number.buffer).setUint32(0, next++);
      hash = sha256(Buffer.concat([hash, number, entry]));
    }
  }
  return Buffer.compare(hash, card.log.hash()) === 0 ? null : "the signature journal does not lead to its hash";
}

/** What is wrong with a state in itself: a key that is half there, a chain that breaks. null: nothing. */
export function defectOf(card: Card): string | null {
  for (const id of card.journal.ids()) {
    if ((id & ID_KINDS) !== ID_KEY) continue;
    const record = card.journal.read(id) ?? new Uint8Array();
    const is384 = record[0] === ALG_P384;
    const end = KEY_HEADER_BYTES + (is384 ? 48 : 32);
    const point = (is384 ? publicKeyOfP384 : publicKeyOfP256)(record.slice(KEY_HEADER_BYTES, end));
    if (Buffer.compare(point, record.slice(end)) !== 0) return `the key ${id.toString(16)} does not match its public point`;
  }
  return brokenChain(card);
}

/** The secrets of a state: private keys, management key, verifiers of PIN and PUK. */
export function secretsOf(state: CardState): Map<number, Uint8Array> {
  const secrets = new Map<number, Uint8Array>();
  for (const [id, value] of state.values) {
    const bytes = new Uint8Array(Buffer.from(value, "hex"));
    const kind = id & ID_KINDS;
    if (kind === ID_KEY) secrets.set(id, bytes.slice(KEY_HEADER_BYTES, KEY_HEADER_BYTES + (bytes[0] === ALG_P384 ? 48 : 32)));
    if (kind === ID_MANAGEMENT_KEY) secrets.set(id, bytes.slice(1));
    if (kind === ID_REFERENCE_DATA) secrets.set(id, bytes);
  }
  return secrets;
}

/** The first line in which two states differ, for a message. */
export function firstDifference(found: CardState, expected: CardState): string {
  const a = found.text.split("\n");
  const b = expected.text.split("\n");
  const at = a.findIndex((line, i) => line !== b[i]);
  return `${(a[at] ?? "nothing").slice(0, 120)} instead of ${(b[at] ?? "nothing").slice(0, 120)}`;
}
