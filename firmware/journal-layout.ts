// The journal's bytes. Every layout, whatever its version, begins a page with the same twelve bytes.
//
//   page    "SCJ" 02 | sequence (4) | CRC-32 of the eight bytes before (4)
//   record  length (2) | its complement (2) | entries … | filler FF | CRC-32 of all before (4)
//   entry   id (2) | length (2; FFFF: deleted) | value
//
// A record's header half written never passes its complement (a bit not yet cleared shows as 1 in both), so the length of a record can
// be trusted whenever the header reads well, even when the record behind it was cut short or zeroised.
//
// Layout 1 differs in its version alone, and in that its pages may be any of the flash.

import { concatBytes, equalBytes, readUint32, wipe, writeUint32 } from "../protocol/bytes.ts";
import { WORD_BYTES } from "./flash-geometry.ts";

export const LAYOUT_VERSION = 2;
/** Of the firmware before the signature journal: read, and moved to pages of today's layout (journal.ts). */
export const FORMER_LAYOUT_VERSION = 1;
const VERSION_OFFSET = 3;
export const PAGE_HEADER_BYTES = 12;
export const RECORD_HEADER_BYTES = 4;
export const ENTRY_HEADER_BYTES = 4;
export const CHECKSUM_BYTES = 4;
export const DELETED_LENGTH = 0xffff;
/** The answers of `sequenceOf` that are no sequence. */
export const NO_PAGE = -1;
export const OTHER_LAYOUT = -2;

const ERASED_WORD = 0xffffffff;
const LENGTH_MASK = 0xffff;

export interface JournalEntry {
  readonly id: number;
  /** null: forget the id. */
  readonly value: Uint8Array | null;
}

/** An entry, found in a record; addresses are the flash's. */
export interface FoundEntry {
  readonly id: number;
  readonly address: number;
  readonly lengthBytes: number;
}

export type Crc32 = (data: Uint8Array) => Uint8Array;

export function pageHeader(sequence: number, crc32: Crc32): Uint8Array {
  const header = new Uint8Array(PAGE_HEADER_BYTES);
  header.set([0x53, 0x43, 0x4a, LAYOUT_VERSION], 0);
  writeUint32(header, 4, sequence);
  header.set(crc32(header.subarray(0, 8)), 8);
  return header;
}

/**
 * The sequence number in a page's header; NO_PAGE: the page is none of a journal; OTHER_LAYOUT: it is one of another version. Without its
 * checksum no version counts: that of a page of ours may read as any other, when its header was cut short and then its erasure.
 */
export function sequenceOf(header: Uint8Array, crc32: Crc32): number {
  if (header[0] !== 0x53 || header[1] !== 0x43 || header[2] !== 0x4a) return NO_PAGE;
  if (!equalBytes(crc32(header.subarray(0, 8)), header.subarray(8, PAGE_HEADER_BYTES))) return NO_PAGE;
  const version = header[VERSION_OFFSET];
  return version === LAYOUT_VERSION || version === FORMER_LAYOUT_VERSION ? readUint32(header, 4) : OTHER_LAYOUT;
}

export function isFormerLayout(header: Uint8Array): boolean {
  return header[VERSION_OFFSET] === FORMER_LAYOUT_VERSION;
}

export function recordLength(entriesBytes: number): number {
  return Math.ceil((RECORD_HEADER_BYTES + entriesBytes) / WORD_BYTES) * WORD_BYTES + CHECKSUM_BYTES;
}

export function encodeRecord(entries: readonly JournalEntry[], crc32: Crc32): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const length = entry.value === null ? DELETED_LENGTH : entry.value.length;
    parts.push(new Uint8Array([entry.id >> 8, entry.id & 0xff, length >> 8, length & 0xff]));
    if (entry.value !== null) parts.push(entry.value);
  }
  const body = concatBytes(parts);
  const record = new Uint8Array(recordLength(body.length)).fill(0xff);
  const complement = body.length ^ LENGTH_MASK;
  record.set([body.length >> 8, body.length & 0xff, complement >> 8, complement & 0xff], 0);
  record.set(body, RECORD_HEADER_BYTES);
  wipe(body);
  const end = record.length - CHECKSUM_BYTES;
  record.set(crc32(record.subarray(0, end)), end);
  return record;
}

/** Length of the entries of the record at `offset` of a page, or −1 where its header is none. */
export function entriesLength(page: Uint8Array, offset: number): number {
  const length = (page[offset] << 8) | page[offset + 1];
  const complement = (page[offset + 2] << 8) | page[offset + 3];
  return (length ^ complement) === LENGTH_MASK && offset + recordLength(length) <= page.length ? length : -1;
}

export function isErasedWord(bytes: Uint8Array, offset: number): boolean {
  return readUint32(bytes, offset) === ERASED_WORD;
}

export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

/** The entries of a sound record that lies at `address`. */
export function entriesOf(record: Uint8Array, address: number): FoundEntry[] {
  const found: FoundEntry[] = [];
  const end = RECORD_HEADER_BYTES + ((record[0] << 8) | record[1]);
  let at = RECORD_HEADER_BYTES;
  while (at < end) {
    const lengthBytes = (record[at + 2] << 8) | record[at + 3];
    found.push({ id: (record[at] << 8) | record[at + 1], address: address + at + ENTRY_HEADER_BYTES, lengthBytes });
    at += ENTRY_HEADER_BYTES + (lengthBytes === DELETED_LENGTH ? 0 : lengthBytes);
  }
  return found;
}
