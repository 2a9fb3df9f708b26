// Writes the results of an RPC call.

import { attributeKind } from "../ck/attribute.ts";
import { type RpcCall, signatureParts } from "./rpc-calls.ts";

const HEADER_BYTES = 12;
/** Where the header tells the body's length. */
const LENGTH_AT = 8;
const NO_BYTES = 0xffffffff;
const NO_ULONG = new Uint8Array(8);
const USUAL_BYTES = 256;

/** A fixed-width text field of PKCS#11: filled up with spaces. */
export interface PaddedText {
  readonly text: string;
  readonly width: number;
}

export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** A result array, or only how long it would be (the caller asked for its length, or has too little room). */
export type OrLength<T> = T | { readonly lengthOnly: number };

export interface AttributeResult {
  readonly type: number;
  /** null: not to be had (the length reads as CK_UNAVAILABLE_INFORMATION). */
  readonly lengthBytes: number | null;
  /** Absent when only the length was asked for. */
  readonly value?: Uint8Array;
}

/** One result, by its signature: u: number or bigint; s: padded text; v: version; ay: bytes; au: numbers; aA: attributes. */
export type Result =
  | number
  | bigint
  | PaddedText
  | Version
  | OrLength<Uint8Array>
  | OrLength<readonly number[]>
  | readonly AttributeResult[];

const isLengthOnly = (value: unknown): value is { readonly lengthOnly: number } =>
  typeof value === "object" && value !== null && "lengthOnly" in value;

/** A whole answer frame: call code, options (none), body: call id, signature, results. */
export function encodeAnswer(callCode: number, call: RpcCall, results: readonly Result[]): Buffer {
  const answer = new Answer(callCode);
  answer.uint32(call.id);
  answer.text(call.response, call.response.length);
  signatureParts(call.response).forEach((part, index) => {
    answer.result(part, results[index] as Result);
  });
  return answer.end();
}

/** One buffer, which most answers fit into: every call has an answer, and small buffers cost more than what stands in them. */
class Answer {
  private bytes = Buffer.allocUnsafe(USUAL_BYTES);
  private length = 0;

  constructor(callCode: number) {
    this.uint32(callCode);
    this.uint32(0);
    this.uint32(0); // the length of the body: `end` knows it
  }

  end(): Buffer {
    this.bytes.writeUInt32BE(this.length - HEADER_BYTES, LENGTH_AT);
    return this.bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    const at = this.step(1);
    this.bytes[at] = value;
  }

  uint32(value: number): void {
    const at = this.step(4);
    this.bytes.writeUInt32BE(value >>> 0, at);
  }

  /** Filled up with spaces. */
  text(text: string, width: number): void {
    this.uint32(width);
    const at = this.step(width);
    this.bytes.fill(" ", at, at + width);
    this.bytes.write(text, at, width, "utf8");
  }

  result(part: string, result: Result): void {
    switch (part) {
      case "u":
        this.ulong(result as number | bigint);
        break;
      case "s":
        this.text((result as PaddedText).text, (result as PaddedText).width);
        break;
      case "v":
        this.byte((result as Version).major);
        this.byte((result as Version).minor);
        break;
      case "ay":
        if (this.hasContent(result)) this.byteString(result as Uint8Array);
        break;
      case "au":
        if (this.hasContent(result)) this.ulongs(result as readonly number[]);
        break;
      case "P": // what the call changed in its mechanism's parameters: nothing
        this.byte(0);
        break;
      case "aA":
        this.attributes(result as readonly AttributeResult[]);
        break;
      default:
        throw new Error(`no such result: ${part}`);
    }
  }

  /** @returns where the next bytes go */
  private step(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) this.bytes = Buffer.concat([this.bytes.subarray(0, at)], 2 * this.length);
    return at;
  }

  private ulong(value: number | bigint): void {
    const at = this.step(8);
    if (typeof value === "bigint") this.bytes.writeBigUInt64BE(value, at);
    else {
      this.bytes.writeUInt32BE(Math.floor(value / 2 ** 32) >>> 0, at);
      this.bytes.writeUInt32BE(value >>> 0, at + 4);
    }
  }

  private byteString(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    const at = this.step(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** Whether an array's content follows, and not only its length. */
  private hasContent(result: Result): boolean {
    const isOnlyLength = isLengthOnly(result);
    this.byte(isOnlyLength ? 0 : 1);
    if (isOnlyLength) this.uint32(result.lengthOnly);
    return !isOnlyLength;
  }

  private ulongs(values: readonly number[]): void {
    this.uint32(values.length);
    for (const value of values) this.ulong(value);
  }

  private attributes(list: readonly AttributeResult[]): void {
    this.uint32(list.length);
    for (const each of list) this.attribute(each);
  }

  private attribute({ type, lengthBytes, value }: AttributeResult): void {
    this.uint32(type);
    this.byte(lengthBytes === null ? 0 : 1);
    if (lengthBytes === null) return;
    this.uint32(lengthBytes);
    switch (attributeKind(type)) {
      case "bool":
        this.byte(value?.[0] ?? 0);
        break;
      case "ulong":
        this.littleEndian(value ?? NO_ULONG);
        break;
      case "bytes":
        if (value === undefined) this.uint32(NO_BYTES);
        else this.byteString(value);
        break;
      default:
        this.uint32(0);
    }
  }

  /** As a 64-bit client has it in memory; on the wire it is big-endian. */
  private littleEndian(value: Uint8Array): void {
    for (let i = value.length - 1; i >= 0; i--) this.byte(value[i] ?? 0);
  }
}
