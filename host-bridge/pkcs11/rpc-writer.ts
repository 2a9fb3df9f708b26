// Writes the results of an RPC call.

import { attributeKind } from "./attribute.ts";
import { type RpcCall, signatureParts } from "./rpc-calls.ts";

const HEADER_BYTES = 12;
const NO_BYTES = 0xffffffff;

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
  const parts: Buffer[] = [uint32(call.id), byteString(Buffer.from(call.response, "ascii"))];
  for (const [index, part] of signatureParts(call.response).entries()) parts.push(encodeResult(part, results[index] as Result));
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(callCode, 0);
  header.writeUInt32BE(body.length, 8);
  return Buffer.concat([header, body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function ulong(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function byteString(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function encodeResult(part: string, result: Result): Buffer {
  switch (part) {
    case "u":
      return ulong(result as number | bigint);
    case "s": {
      const { text, width } = result as PaddedText;
      const field = Buffer.alloc(width, " ");
      Buffer.from(text, "utf8").copy(field, 0, 0, width);
      return byteString(field);
    }
    case "v": {
      const { major, minor } = result as Version;
      return Buffer.from([major, minor]);
    }
    case "ay":
      if (isLengthOnly(result)) return Buffer.concat([Buffer.from([0]), uint32(result.lengthOnly)]);
      return Buffer.concat([Buffer.from([1]), byteString(result as Uint8Array)]);
    case "au":
      if (isLengthOnly(result)) return Buffer.concat([Buffer.from([0]), uint32(result.lengthOnly)]);
      return Buffer.concat([Buffer.from([1]), uint32((result as readonly number[]).length), ...(result as readonly number[]).map(ulong)]);
    case "aA": {
      const list = result as readonly AttributeResult[];
      return Buffer.concat([uint32(list.length), ...list.map(encodeAttribute)]);
    }
    default:
      throw new Error(`no such result: ${part}`);
  }
}

function encodeAttribute({ type, lengthBytes, value }: AttributeResult): Buffer {
  if (lengthBytes === null) return Buffer.concat([uint32(type), Buffer.from([0])]);
  const head = Buffer.concat([uint32(type), Buffer.from([1]), uint32(lengthBytes)]);
  switch (attributeKind(type)) {
    case "bool":
      return Buffer.concat([head, Buffer.from([value?.[0] ?? 0])]);
    case "ulong":
      return Buffer.concat([head, value === undefined ? Buffer.alloc(8) : Buffer.from(value).reverse()]);
    case "bytes":
      return Buffer.concat([head, value === undefined ? uint32(NO_BYTES) : byteString(value)]);
    default:
      return Buffer.concat([head, uint32(0)]);
  }
}
