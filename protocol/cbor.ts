// CBOR (RFC 8949), the subset of the vendor command: integers up to 32 bits, byte and text strings (ASCII), arrays, maps with
// unsigned integer keys, false, true, null; always in the deterministic encoding (§4.2.1). Anything else is refused.

import { concatBytes, copyBytes } from "./bytes.ts";
import { MalformedError } from "./malformed.ts";

/** A map with unsigned keys in ascending order; Espruino has no Map. */
export class CborMap {
  readonly keys: number[];
  readonly values: CborValue[];
  constructor() {
    this.keys = [];
    this.values = [];
  }
  /** Adds an entry; keys are unsigned integers and must come in ascending order, as they are encoded. */
  put(key: number, value: CborValue): CborMap {
    if (!(key >= 0) || Math.floor(key) !== key) throw new MalformedError("CBOR map key is not an unsigned integer");
    if (this.keys.length > 0 && key <= this.keys[this.keys.length - 1]) throw new MalformedError("CBOR map keys out of order");
    this.keys.push(key);
    this.values.push(value);
    return this;
  }
  /** The value under `key`, or undefined when there is none. */
  get(key: number): CborValue | undefined {
    const index = this.keys.indexOf(key);
    return index < 0 ? undefined : this.values[index];
  }
}

export type CborValue = number | string | boolean | null | Uint8Array | CborMap | readonly CborValue[];

const MAJOR_UNSIGNED = 0;
const MAJOR_NEGATIVE = 1;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_SIMPLE = 7;
const SIMPLE_FALSE = 0xf4;
const SIMPLE_TRUE = 0xf5;
const SIMPLE_NULL = 0xf6;
const MAX_UINT32 = 0xffffffff;
/** Arrays and maps inside each other, at most. */
export const CBOR_MAX_DEPTH = 4;
/** Values in what is decoded, keys and those inside others counted, at most: 64 digests have room, and a board's memory bears them. */
export const CBOR_MAX_VALUES = 128;

function encodeHead(major: number, value: number): Uint8Array {
  const type = major << 5;
  if (value < 24) return new Uint8Array([type | value]);
  if (value < 0x100) return new Uint8Array([type | 24, value]);
  if (value < 0x10000) return new Uint8Array([type | 25, value >> 8, value & 0xff]);
  return new Uint8Array([type | 26, (value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
}

function asciiOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new MalformedError("CBOR text is ASCII here");
    bytes[i] = code;
  }
  return bytes;
}

function encodeValue(value: CborValue, depth: number): Uint8Array {
  if (value === null) return new Uint8Array([SIMPLE_NULL]);
  if (value === true) return new Uint8Array([SIMPLE_TRUE]);
  if (value === false) return new Uint8Array([SIMPLE_FALSE]);
  if (typeof value === "number") {
    const magnitude = value < 0 ? -1 - value : value;
    if (Math.floor(magnitude) !== magnitude || magnitude > MAX_UINT32) throw new MalformedError("CBOR integer out of range");
    return encodeHead(value < 0 ? MAJOR_NEGATIVE : MAJOR_UNSIGNED, magnitude);
  }
  if (typeof value === "string") {
    const text = asciiOf(value);
    return concatBytes([encodeHead(MAJOR_TEXT, text.length), text]);
  }
  if (value instanceof Uint8Array) return concatBytes([encodeHead(MAJOR_BYTES, value.length), value]);
  if (depth >= CBOR_MAX_DEPTH) throw new MalformedError("CBOR nested too deeply");
  const parts: Uint8Array[] = [];
  if (value instanceof CborMap) {
    parts.push(encodeHead(MAJOR_MAP, value.keys.length));
    for (let i = 0; i < value.keys.length; i++) {
      parts.push(encodeValue(value.keys[i], depth + 1));
      parts.push(encodeValue(value.values[i], depth + 1));
    }
    return concatBytes(parts);
  }
  const list = value as readonly CborValue[];
  parts.push(encodeHead(MAJOR_ARRAY, list.length));
  for (const item of list) parts.push(encodeValue(item, depth + 1));
  return concatBytes(parts);
}

/** @throws MalformedError on a number that is not an integer of 32 bits, text that is not ASCII, or more than CBOR_MAX_DEPTH levels */
export function encodeCbor(value: CborValue): Uint8Array {
  return encodeValue(value, 0);
}

function simpleValue(head: number): CborValue {
  if (head === SIMPLE_FALSE) return false;
  if (head === SIMPLE_TRUE) return true;
  if (head === SIMPLE_NULL) return null;
  throw new MalformedError("CBOR simple value or float not supported");
}

class Reader {
  private readonly bytes: Uint8Array;
  private at: number;
  private count: number;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.at = 0;
    this.count = 0;
  }
  atEnd(): boolean {
    return this.at === this.bytes.length;
  }
  private byte(): number {
    if (this.at >= this.bytes.length) throw new MalformedError("CBOR cut short");
    return this.bytes[this.at++];
  }
  private take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new MalformedError("CBOR cut short");
    const start = this.at;
    this.at += length;
    return copyBytes(this.bytes, start, this.at);
  }
  /** The argument behind a head's five low bits; only the shortest form is accepted. */
  private argument(info: number): number {
    if (info < 24) return info;
    if (info > 26) throw new MalformedError("CBOR length not supported");
    let count = info === 24 ? 1 : info === 25 ? 2 : 4;
    let value = 0;
    while (count > 0) {
      value = value * 256 + this.byte();
      count--;
    }
    const least = info === 24 ? 24 : info === 25 ? 0x100 : 0x10000;
    if (value < least) throw new MalformedError("CBOR not in its shortest form");
    return value;
  }
  private text(length: number): string {
    let text = "";
    for (const code of this.take(length)) {
      if (code > 0x7f) throw new MalformedError("CBOR text is ASCII here");
      text += String.fromCharCode(code);
    }
    return text;
  }
  private list(count: number, depth: number): CborValue[] {
    const list: CborValue[] = [];
    for (let i = 0; i < count; i++) list.push(this.value(depth));
    return list;
  }
  private map(count: number, depth: number): CborMap {
    const map = new CborMap();
    for (let i = 0; i < count; i++) {
      const key = this.value(depth);
      if (typeof key !== "number" || key < 0) throw new MalformedError("CBOR map key is not an unsigned integer");
      map.put(key, this.value(depth));
    }
    return map;
  }
  value(depth: number): CborValue {
    this.count++;
    if (this.count > CBOR_MAX_VALUES) throw new MalformedError("CBOR of too many values");
    const head = this.byte();
    const major = head >> 5;
    if (major === MAJOR_SIMPLE) return simpleValue(head);
    const argument = this.argument(head & 0x1f);
    if (major === MAJOR_UNSIGNED) return argument;
    if (major === MAJOR_NEGATIVE) return -1 - argument;
    if (major === MAJOR_BYTES) return this.take(argument);
    if (major === MAJOR_TEXT) return this.text(argument);
    if (depth >= CBOR_MAX_DEPTH) throw new MalformedError("CBOR nested too deeply");
    if (major === MAJOR_ARRAY) return this.list(argument, depth + 1);
    if (major === MAJOR_MAP) return this.map(argument, depth + 1);
    throw new MalformedError("CBOR tag not supported");
  }
}

/**
 * The one value that `bytes` hold.
 * @throws MalformedError on anything outside the subset, another than the deterministic encoding, or bytes left over
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (!reader.atEnd()) throw new MalformedError("bytes behind the CBOR value");
  return value;
}
