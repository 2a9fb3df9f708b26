// The signature journal, followed from JOURNAL_READ's answers alone, and signed statements, checked by OpenSSL.

import { createHash, verify } from "node:crypto";
import { expect } from "vitest";
import { asciiBytes, bytesToHex, concatBytes, writeUint32 } from "../../protocol/bytes.ts";
import { CborMap, type CborValue, decodeCbor } from "../../protocol/cbor.ts";
import {
  JOURNAL_ENTRIES,
  JOURNAL_ENTRIES_AN_ANSWER,
  JOURNAL_FIRST,
  JOURNAL_HASH_BEFORE,
  JOURNAL_NEWEST,
  REQUEST_COUNTER,
  SIGNED_SIGNATURE,
  SIGNED_STATEMENT,
  STATEMENT_PREFIX,
  VENDOR_JOURNAL_READ,
} from "../../protocol/vendor.ts";
import { publicKeyOf } from "../support/ec-keys.ts";
import type { TestToken } from "./test-token.ts";

export const sha256 = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(createHash("sha256").update(concatBytes(parts)).digest());

/** The request of JOURNAL_READ. */
export const fromCounter = (counter: CborValue): CborMap => new CborMap().put(REQUEST_COUNTER, counter);

/** An entry as it is told, in hex. */
export const entryOf = (slot: number, kind: number, digest: Uint8Array): string => bytesToHex(Uint8Array.of(slot, kind, ...digest));

export interface Chain {
  /** Entries by counter, in hex. */
  readonly entries: Map<number, string>;
  readonly newest: number;
  /** Of the newest entry, as the entries and the first hash give it. */
  readonly hash: string;
}

/** Reads from `counter` to the newest entry and follows the hashes, answer by answer. */
export function readChain(token: TestToken, counter = 1, channel = token.channel): Chain {
  const entries = new Map<number, string>();
  let next = counter;
  let hash: Uint8Array | null = null;
  for (;;) {
    const answer = token.vendor(VENDOR_JOURNAL_READ, fromCounter(next), channel);
    const list = answer.get(JOURNAL_ENTRIES) as Uint8Array[];
    const first = answer.get(JOURNAL_FIRST) as number;
    const before = answer.get(JOURNAL_HASH_BEFORE) as Uint8Array;
    expect(first).toBeGreaterThanOrEqual(next);
    expect(list.length).toBeLessThanOrEqual(JOURNAL_ENTRIES_AN_ANSWER);
    if (hash !== null) expect(bytesToHex(before)).toBe(bytesToHex(hash));
    hash = before;
    next = first;
    for (const entry of list) {
      expect(entry).toHaveLength(34);
      const number = new Uint8Array(4);
      writeUint32(number, 0, next);
      hash = sha256(hash, number, entry);
      entries.set(next++, bytesToHex(entry));
    }
    const newest = answer.get(JOURNAL_NEWEST) as number;
    if (next > newest) return { entries, newest, hash: bytesToHex(hash) };
  }
}

/** What a signed statement says; its signature must be the attestation key's. */
export function statementOf(signed: CborMap, attestation: Uint8Array): CborMap {
  const statement = signed.get(SIGNED_STATEMENT) as Uint8Array;
  expect(signed.keys).toEqual([SIGNED_STATEMENT, SIGNED_SIGNATURE]);
  const message = concatBytes([asciiBytes(STATEMENT_PREFIX), statement]);
  expect(verify("sha256", message, publicKeyOf(attestation), signed.get(SIGNED_SIGNATURE) as Uint8Array)).toBe(true);
  return decodeCbor(statement) as CborMap;
}
