// Attributes as the RPC protocol carries them: by their type a boolean, an unsigned long, or bytes (p11-kit/rpc-message.c).

import * as ck from "./ck.ts";

export interface Attribute {
  readonly type: number;
  /** Booleans one byte, unsigned longs eight bytes little-endian (as a 64-bit client has them in memory). */
  readonly value: Uint8Array;
}

export type AttributeKind = "bool" | "ulong" | "bytes" | "attributes" | "mechanisms";

const BOOLS = new Set([
  0x01, 0x02, 0x86, 0x103, 0x104, 0x105, 0x106, 0x107, 0x108, 0x109, 0x10a, 0x10b, 0x10c, 0x162, 0x163, 0x164, 0x165, 0x170, 0x171, 0x200,
  0x202, 0x210, 0x301, 0x302, 0x405,
]);
const ULONGS = new Set([
  0x00, 0x80, 0x87, 0x88, 0x100, 0x121, 0x133, 0x134, 0x160, 0x161, 0x166, 0x201, 0x300, 0x400, 0x401, 0x402, 0x403, 0x404, 0x406, 0x500,
]);
const TEMPLATES = new Set([0x40000211, 0x40000212, 0x40000213]);
const ALLOWED_MECHANISMS = 0x40000600;

export function attributeKind(type: number): AttributeKind {
  if (BOOLS.has(type)) return "bool";
  if (ULONGS.has(type)) return "ulong";
  if (TEMPLATES.has(type)) return "attributes";
  return type === ALLOWED_MECHANISMS ? "mechanisms" : "bytes";
}

export function boolAttribute(type: number, value: boolean): Attribute {
  return { type, value: new Uint8Array([value ? 1 : 0]) };
}

export function ulongAttribute(type: number, value: number | bigint): Attribute {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return { type, value: bytes };
}

export function bytesAttribute(type: number, value: Uint8Array): Attribute {
  return { type, value };
}

export function textAttribute(type: number, text: string): Attribute {
  return { type, value: new TextEncoder().encode(text) };
}

/** Attributes that no session reads of a private key. */
export const SENSITIVE_TYPES: ReadonlySet<number> = new Set([ck.CKA_VALUE]);
/** The same of an RSA key: CKA_PRIVATE_EXPONENT, CKA_PRIME_1 and 2, CKA_EXPONENT_1 and 2, CKA_COEFFICIENT (2.40 Current Mechanisms table 5). */
export const RSA_SENSITIVE_TYPES: ReadonlySet<number> = new Set([0x123, 0x124, 0x125, 0x126, 0x127, 0x128]);
