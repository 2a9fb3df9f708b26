// The machine code's part in a board's realm: what it does with its block of arguments (firmware/p256/README.md), done by @noble/curves and
// node:crypto on a model of memory, which knows the arrays whose addresses were asked for.

import { createHmac } from "node:crypto";
import { equalBytes } from "../../protocol/bytes.ts";
import { nobleCrypto } from "../../simulator/noble-crypto.ts";

const DONE = 0;
const NO_ANSWER = 1;
const FAULT = 2;
const UNKNOWN = 3;

const ARGUMENT_WORDS = 11;
const FIELD_BYTES = 32;
const MEMORY_START = 0x20000000;
/** Shorter ones lie in the interpreter's own blocks. */
const MIN_FLAT_BYTES = 32;

const P256 = nobleCrypto.p256;
const uncompressed = (coordinates: Uint8Array): Uint8Array => new Uint8Array([0x04, ...coordinates]);

/** The processor was sent to where there is nothing. */
export class BusFault extends Error {
  override readonly name = "BusFault";
}

export interface KernelModelOptions {
  /** Latin-1. */
  readonly code: string;
  /** Where the code lies; 0: scattered. */
  readonly codeAddress?: number;
  readonly version?: number;
  /** Arrays that are not in one piece. */
  readonly isScattered?: (bytes: Uint8Array) => boolean;
}

type Operand = (word: number, lengthBytes: number) => Uint8Array;

export class KernelModel {
  /** What the code was called as: in its place, or from a copy. */
  loaded: "in place" | "copied" | null = null;
  /** The next signature goes wrong inside. */
  isFaulty = false;
  private readonly code: string;
  private readonly codeAddress: number;
  private readonly version: number;
  private readonly isScattered: (bytes: Uint8Array) => boolean;
  private readonly buffers: { readonly address: number; readonly buffer: ArrayBufferLike }[] = [];
  private nextAddress = MEMORY_START;

  constructor({ code, codeAddress = 0x80000, version = 2, isScattered = () => false }: KernelModelOptions) {
    this.code = code;
    this.codeAddress = codeAddress;
    this.version = version;
    this.isScattered = isScattered;
  }

  /** All arrays whose addresses are known, as they are now. */
  get memory(): Uint8Array[] {
    return this.buffers.map(({ buffer }) => new Uint8Array(buffer));
  }

  readonly getAddressOf = (value: Uint8Array | string, isFlat: boolean): number => {
    if (!isFlat) throw new Error("the address of a variable is nobody's business");
    if (typeof value === "string") return value === this.code ? this.codeAddress : 0;
    if (value.buffer.byteLength < MIN_FLAT_BYTES || this.isScattered(value)) return 0;
    let known = this.buffers.find(({ buffer }) => buffer === value.buffer);
    if (known === undefined) {
      known = { address: this.nextAddress, buffer: value.buffer };
      this.buffers.push(known);
      this.nextAddress += Math.ceil(value.buffer.byteLength / 16) * 16 + 16;
    }
    return known.address + value.byteOffset;
  };

  readonly nativeCall = (address: number, signature: string, code?: string): ((argument: number) => number) => {
    if (signature !== "int(int)") throw new Error(`${signature}: the kernel takes one number and gives one`);
    if (code === undefined) {
      if (address !== this.codeAddress + 1 || this.codeAddress % 4 !== 0 || this.codeAddress === 0)
        throw new BusFault(`called at ${address}`);
      this.loaded = "in place";
    } else {
      if (address !== 1 || code !== this.code) throw new BusFault(`called at ${address} of something else`);
      this.loaded = "copied";
    }
    return (argument) => this.run(argument);
  };

  private at(address: number, lengthBytes: number): Uint8Array {
    for (const { address: start, buffer } of this.buffers) {
      if (address >= start && address + lengthBytes <= start + buffer.byteLength)
        return new Uint8Array(buffer, address - start, lengthBytes);
    }
    throw new BusFault(`${lengthBytes} bytes at ${address.toString(16)}`);
  }

  private run(argument: number): number {
    const block = this.at(argument, 4 * ARGUMENT_WORDS);
    const words = new Uint32Array(block.buffer, block.byteOffset, ARGUMENT_WORDS);
    const word = (index: number): number => words[index] ?? 0;
    const operand: Operand = (index, lengthBytes) => this.at(word(index), lengthBytes);
    const out = operand(1, 2 * FIELD_BYTES);
    const wiped = operand(9, word(10));
    if (word(10) % 4 !== 0) throw new BusFault(`${word(10)} bytes to wipe`);
    let result = DONE;
    if (word(0) === 0) words[7] = this.version;
    else {
      const answer = this.operate(word(0), operand, word(5), word(6));
      if (typeof answer === "number") result = answer;
      else out.set(answer);
      if (result === FAULT) out.fill(0);
    }
    wiped.fill(0);
    return result;
  }

  /** The answer, or why there is none. */
  private operate(operation: number, operand: Operand, keyBytes: number, dataBytes: number): Uint8Array | number {
    switch (operation) {
      case 1:
        return this.publicKey(operand(2, FIELD_BYTES));
      case 2:
        return this.sign(operand(2, FIELD_BYTES), operand(3, 2 * FIELD_BYTES), operand(4, FIELD_BYTES));
      case 5:
        return P256.isPoint(uncompressed(operand(3, 2 * FIELD_BYTES))) ? DONE : NO_ANSWER;
      case 6: {
        const point = uncompressed(operand(3, 2 * FIELD_BYTES));
        return P256.isPoint(point) ? P256.sharedSecret(operand(2, FIELD_BYTES), point) : NO_ANSWER;
      }
      case 7:
        return nobleCrypto.sha256(operand(4, dataBytes));
      case 8:
        return new Uint8Array(createHmac("sha256", operand(2, keyBytes)).update(operand(4, dataBytes)).digest());
      case 9:
        return nobleCrypto.aesEncryptBlock(operand(2, keyBytes), operand(4, 16));
      default:
        return UNKNOWN;
    }
  }

  private publicKey(key: Uint8Array): Uint8Array | number {
    try {
      return P256.publicKey(key).subarray(1);
    } catch {
      return NO_ANSWER; // noble refuses a key outside of [1, n)
    }
  }

  private sign(key: Uint8Array, point: Uint8Array, digest: Uint8Array): Uint8Array | number {
    const own = this.publicKey(key);
    if (typeof own === "number" || this.isFaulty || !equalBytes(own, point)) return FAULT;
    return P256.sign(key, uncompressed(point), digest) ?? NO_ANSWER;
  }
}
