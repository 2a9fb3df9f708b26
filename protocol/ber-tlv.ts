// BER-TLV data objects as ISO 7816-4 §5.2.2 limits them: definite lengths, tags of up to three bytes.

import { MalformedError } from "./malformed.ts";

export interface Tlv {
  /** The tag's bytes read as one number: 0x53, 0x7f49, 0x5fc105. */
  readonly tag: number;
  readonly value: Uint8Array;
}

const MAX_LENGTH_BYTES = 3;

function tagOf(tag: number): number[] {
  if (tag > 0xffff) return [tag >> 16, (tag >> 8) & 0xff, tag & 0xff];
  return tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
}

function lengthOf(length: number): number[] {
  if (length < 0x100) return [0x81, length];
  return length < 0x10000 ? [0x82, length >> 8, length & 0xff] : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

/** Tag and shortest length. */
function headOf(tag: number, length: number): number[] {
  if (tag < 0x100 && length < 0x80) return [tag, length];
  const head = tagOf(tag);
  if (length < 0x80) head.push(length);
  else for (const byte of lengthOf(length)) head.push(byte);
  return head;
}

/** One data object: `tag`, the shortest length (value under 16 MB), the values one after the other. */
export function encodeTlv(tag: number, values: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const value of values) length += value.length;
  const head = headOf(tag, length);
  let at = head.length;
  const whole = new Uint8Array(at + length);
  whole.set(head, 0);
  for (const value of values) {
    whole.set(value, at);
    at += value.length;
  }
  return whole;
}

/** A number of `count` bytes; what is missing counts as 0, and shows as a value that does not fit. */
function readNumber(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = (value << 8) | bytes[at + i];
  return value;
}

/** How many bytes the tag at `at` has. */
function tagBytes(bytes: Uint8Array, at: number): number {
  if ((bytes[at] & 0x1f) !== 0x1f) return 1;
  if ((bytes[at + 1] & 0x80) === 0) return 2;
  if ((bytes[at + 2] & 0x80) !== 0) throw new MalformedError("tag of more than three bytes");
  return 3;
}

/** How many bytes the length at `at` has, its first one included. */
function lengthBytes(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) throw new MalformedError("TLV cut short");
  const first = bytes[at];
  if (first < 0x80) return 1;
  const count = first & 0x7f;
  if (count === 0 || count > MAX_LENGTH_BYTES) throw new MalformedError("length form not supported");
  return 1 + count;
}

/**
 * The data objects that fill `bytes`, in order, not descending into constructed ones. Their values are views of `bytes`.
 * @param atMost how many; any number when absent. A token has to give it: 3 KB of empty ones take all the memory of a board
 * @throws MalformedError on a tag over three bytes, an indefinite length or one of more than three bytes, bytes missing or left over, too many
 */
export function parseTlvs(bytes: Uint8Array, atMost?: number): Tlv[] {
  const list: Tlv[] = [];
  const end = bytes.length;
  let at = 0;
  while (at < end) {
    if (list.length === atMost) throw new MalformedError("more data objects than expected");
    let tag = bytes[at];
    let length = bytes[at + 1];
    let valueAt = at + 2;
    // A byte that is not there is no number below 80.
    if ((tag & 0x1f) === 0x1f || !(length < 0x80)) {
      const lengthAt = at + tagBytes(bytes, at);
      tag = readNumber(bytes, at, lengthAt - at);
      valueAt = lengthAt + lengthBytes(bytes, lengthAt);
      length = valueAt === lengthAt + 1 ? bytes[lengthAt] : readNumber(bytes, lengthAt + 1, valueAt - lengthAt - 1);
    }
    at = valueAt + length;
    if (valueAt > end || at > end) throw new MalformedError("TLV cut short");
    list.push({ tag, value: bytes.subarray(valueAt, at) });
  }
  return list;
}

/** The value of the first data object with this tag, or null. */
export function findTlv(list: readonly Tlv[], tag: number): Uint8Array | null {
  for (const tlv of list) if (tlv.tag === tag) return tlv.value;
  return null;
}

/**
 * The value of the one data object that `bytes` must be.
 * @throws MalformedError when it is another tag or not exactly one object
 */
export function parseOneTlv(bytes: Uint8Array, tag: number): Uint8Array {
  const length = bytes[1];
  if (bytes[0] === tag && (tag & 0x1f) !== 0x1f && length === bytes.length - 2 && length < 0x80) return bytes.subarray(2);
  const list = parseTlvs(bytes, 1);
  if (list.length !== 1 || list[0].tag !== tag) throw new MalformedError("another data object was expected");
  return list[0].value;
}
