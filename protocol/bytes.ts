// Byte strings: the few operations on Uint8Array that Espruino does not have, or has wrongly (its typed slice() gives an Array).

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** All parts, one after the other, in a new array. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A copy of `bytes[start, end)` that shares no memory with it. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end), 0);
  return copy;
}

const ZEROS = new Uint8Array(128);
const ZEROS_OF_A_KEY = new Uint8Array(32);

/** Overwrites a secret with zeros. (An interpreter's `fill` takes ten times as long as copying zeros.) */
export function wipe(bytes: Uint8Array): void {
  const length = bytes.length;
  if (length === ZEROS_OF_A_KEY.length) bytes.set(ZEROS_OF_A_KEY, 0);
  else if (length <= ZEROS.length) bytes.set(ZEROS.subarray(0, length), 0);
  else bytes.fill(0);
}

/** Equality of public values; its time depends on them. For secrets: `equalSecrets`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Equality in a time that depends on the lengths alone. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

export function bytesToHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** @throws nothing: digits that are not hexadecimal read as NaN, stored as 0. For constants and tests, never for input. */
export function hexToBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.substring(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** ASCII text as bytes; for the fixed names of the protocol. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) & 0x7f;
  return bytes;
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = (value >>> 24) & 0xff;
  bytes[offset + 1] = (value >>> 16) & 0xff;
  bytes[offset + 2] = (value >>> 8) & 0xff;
  bytes[offset + 3] = value & 0xff;
}

/** Unsigned, big-endian. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}
