// BER-TLV data objects as ISO 7816-4 §5.2.2 limits them: definite lengths, tags of up to three bytes.

import { concatBytes, copyBytes } from "./bytes.ts";
import { MalformedError } from "./malformed.ts";

export interface Tlv {
  /** The tag's bytes read as one number: 0x53, 0x7f49, 0x5fc105. */
  readonly tag: number;
  readonly value: Uint8Array;
}

const MAX_LENGTH_BYTES = 3;

function encodeTag(tag: number): Uint8Array {
  if (tag > 0xffff) return new Uint8Array([tag >> 16, (tag >> 8) & 0xff, tag & 0xff]);
  if (tag > 0xff) return new Uint8Array([tag >> 8, tag & 0xff]);
  return new Uint8Array([tag]);
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return new Uint8Array([length]);
  if (length < 0x100) return new Uint8Array([0x81, length]);
  if (length < 0x10000) return new Uint8Array([0x82, length >> 8, length & 0xff]);
  return new Uint8Array([0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]);
}

/** One data object: `tag`, the shortest length (value under 16 MB), the values one after the other. */
export function encodeTlv(tag: number, values: readonly Uint8Array[]): Uint8Array {
  const value = concatBytes(values);
  return concatBytes([encodeTag(tag), encodeLength(value.length), value]);
}

/** Walks along a byte string. */
class Cursor {
  private readonly bytes: Uint8Array;
  private at: number;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.at = 0;
  }

  atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  private next(): number {
    if (this.atEnd()) throw new MalformedError("TLV cut short");
    return this.bytes[this.at++];
  }

  tag(): number {
    let tag = this.next();
    if ((tag & 0x1f) !== 0x1f) return tag;
    tag = (tag << 8) | this.next();
    if ((tag & 0x80) === 0) return tag;
    tag = (tag << 8) | this.next();
    if ((tag & 0x80) !== 0) throw new MalformedError("tag of more than three bytes");
    return tag;
  }

  length(): number {
    const first = this.next();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new MalformedError("length form not supported");
    let length = 0;
    for (let i = 0; i < count; i++) length = (length << 8) | this.next();
    return length;
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new MalformedError("TLV cut short");
    this.at += length;
    return copyBytes(this.bytes, this.at - length, this.at);
  }
}

/**
 * The data objects that fill `bytes`, in order, not descending into constructed ones.
 * @param atMost how many; any number when absent. A token has to give it: 3 KB of empty ones take all the memory of a board
 * @throws MalformedError on a tag over three bytes, an indefinite length or one of more than three bytes, bytes missing or left over, too many
 */
export function parseTlvs(bytes: Uint8Array, atMost?: number): Tlv[] {
  const list: Tlv[] = [];
  const cursor = new Cursor(bytes);
  while (!cursor.atEnd()) {
    if (list.length === atMost) throw new MalformedError("more data objects than expected");
    const tag = cursor.tag();
    list.push({ tag, value: cursor.take(cursor.length()) });
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
  const list = parseTlvs(bytes, 1);
  if (list.length !== 1 || list[0].tag !== tag) throw new MalformedError("another data object was expected");
  return list[0].value;
}
