export declare const EMPTY_BYTES: Uint8Array;
/** All parts, one after the other, in a new array. */
export declare function concatBytes(parts: readonly Uint8Array[]): Uint8Array;
/** A copy of `bytes[start, end)` that shares no memory with it. */
export declare function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array;
/** Equality of public values; its time depends on them. For secrets: `equalSecrets`. */
export declare function equalBytes(a: Uint8Array, b: Uint8Array): boolean;
/** Equality in a time that depends on the lengths alone. */
export declare function equalSecrets(a: Uint8Array, b: Uint8Array): boolean;
export declare function bytesToHex(bytes: Uint8Array): string;
/** @throws nothing: digits that are not hexadecimal read as NaN, stored as 0. For constants and tests, never for input. */
export declare function hexToBytes(hex: string): Uint8Array;
/** ASCII text as bytes; for the fixed names of the protocol. */
export declare function asciiBytes(text: string): Uint8Array;
export declare function writeUint32(bytes: Uint8Array, offset: number, value: number): void;
/** Unsigned, big-endian. */
export declare function readUint32(bytes: Uint8Array, offset: number): number;
