// The signature journal as a token gives it: every use of a private key, chained by hashes (protocol/vendor.ts), checked against the head
// that the attestation key has signed.

import { createHash } from "node:crypto";
import { concatBytes, equalBytes, writeUint32 } from "../../protocol/bytes.ts";
import { SLOT_ATTESTATION } from "../../protocol/piv.ts";
import { ENTRY_SIGNATURE } from "../../protocol/vendor.ts";
import { type JournalHead, type SignedStatement, statementDigest } from "./statement.ts";

export const HASH_BYTES = 32;
/** Slot, kind, digest. */
export const ENTRY_BYTES = 2 + HASH_BYTES;
/** The hash before entry 1. */
const BEGINNING = new Uint8Array(HASH_BYTES);

export interface JournalEntry {
  readonly counter: number;
  readonly slot: number;
  /** ENTRY_*. */
  readonly kind: number;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

/** Consecutive entries. */
export interface JournalSection {
  /** Counter of the first entry. */
  readonly first: number;
  /** Hash of the entry before it, 32 bytes. */
  readonly hashBefore: Uint8Array;
  readonly entries: readonly JournalEntry[];
}

/**
 * `gap`: the counters do not follow each other; `start`: the journal's first entry has something before it; `incomplete`: entries up to the head
 * are missing; `beyond-head`: there are entries that the head does not vouch for; `chain`: the entries are not those that the head was signed for;
 * `own-entry`: the entry after the head is not that of the head's own signature.
 */
export type JournalProblem = "gap" | "start" | "incomplete" | "beyond-head" | "chain" | "own-entry";

/** @param bytes ENTRY_BYTES, as the token gives an entry */
export function parseEntry(counter: number, bytes: Uint8Array): JournalEntry {
  const [slot = 0, kind = 0] = bytes;
  return { counter, slot, kind, digest: bytes.slice(2) };
}

/** SHA-256(hash of the entry before ‖ counter (4) ‖ slot (1) ‖ kind (1) ‖ digest (32)). */
export function entryHash(before: Uint8Array, { counter, slot, kind, digest }: JournalEntry): Uint8Array {
  const head = new Uint8Array(6);
  writeUint32(head, 0, counter);
  head.set([slot, kind], 4);
  return new Uint8Array(
    createHash("sha256")
      .update(concatBytes([before, head, digest]))
      .digest(),
  );
}

/** Without the entries that came after the head and its own signature: nobody vouches for them. */
export function upToHead(section: JournalSection, head: JournalHead): JournalSection {
  return { ...section, entries: section.entries.filter(({ counter }) => counter <= head.counter + 1) };
}

/** The entry that the head's signature makes stands right behind the head; a reader may have asked before it was there. */
function isOwnEntry({ slot, kind, digest }: JournalEntry, signed: SignedStatement): boolean {
  return slot === SLOT_ATTESTATION && kind === ENTRY_SIGNATURE && equalBytes(digest, statementDigest(signed.statement));
}

/**
 * Whether these are the entries up to the head, none changed, added, removed or moved. The head's signature is checked elsewhere (statement.ts).
 * @param signed the statement that `head` is parsed from
 */
export function journalProblem(section: JournalSection, head: JournalHead, signed: SignedStatement): JournalProblem | null {
  const { first, hashBefore, entries } = section;
  if (entries.some(({ counter }, index) => counter !== first + index)) return "gap";
  if (first === 1 && !equalBytes(hashBefore, BEGINNING)) return "start";
  const upTo = head.counter - first + 1;
  const isOfNothing = entries.length === 0 && head.counter > 0; // else a file without any entry would pass for an empty journal
  if (first < 1 || upTo < 0 || entries.length < upTo || isOfNothing) return "incomplete";
  if (entries.length > upTo + 1) return "beyond-head";
  const hash = entries.slice(0, upTo).reduce(entryHash, hashBefore);
  if (!equalBytes(hash, head.hash)) return "chain";
  const own = entries[upTo];
  return own === undefined || isOwnEntry(own, signed) ? null : "own-entry";
}
