// The arguments of a call by place, with the type that its signature promises.

import type { Attribute } from "../ck/attribute.ts";
import { CKR_ARGUMENTS_BAD } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Argument, AttributeRoom, Mechanism } from "../rpc/rpc-reader.ts";

export function numberAt(args: readonly Argument[], index: number): number {
  const value = args[index];
  if (typeof value !== "number") throw new CkError(CKR_ARGUMENTS_BAD);
  return value;
}

/** p11-kit's client writes a buffer of no bytes so, to tell it from no buffer, for which it writes 0 (rpc-client.c, IN_BYTE_BUFFER). */
const EMPTY_BUFFER = 0xffffffff;

/** The room for bytes that the caller has. */
export function roomAt(args: readonly Argument[], index: number): number {
  const room = numberAt(args, index);
  return room === EMPTY_BUFFER ? 0 : room;
}

/** Bytes; null: a null pointer. */
export function optionalBytesAt(args: readonly Argument[], index: number): Uint8Array | null {
  const value = args[index];
  if (value !== null && !(value instanceof Uint8Array)) throw new CkError(CKR_ARGUMENTS_BAD);
  return value;
}

/** Bytes; none count as empty. */
export function bytesAt(args: readonly Argument[], index: number): Uint8Array {
  return optionalBytesAt(args, index) ?? new Uint8Array(0);
}

export function templateAt(args: readonly Argument[], index: number): readonly Attribute[] {
  return args[index] as readonly Attribute[];
}

export function roomsAt(args: readonly Argument[], index: number): readonly AttributeRoom[] {
  return args[index] as readonly AttributeRoom[];
}

/** The mechanism, or null (which in C_SignInit ends the operation, PKCS#11 3.0). */
export function mechanismAt(args: readonly Argument[], index: number): Mechanism | null {
  return args[index] as Mechanism | null;
}

/** A list for a caller with room for `room` entries; a caller with none, or too little, is told the length. */
export function fitList(list: readonly number[], room: number): readonly number[] | { lengthOnly: number } {
  return room < list.length ? { lengthOnly: list.length } : list;
}
