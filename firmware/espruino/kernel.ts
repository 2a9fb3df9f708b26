// Calls the P-256 kernel (firmware/p256/README.md) through one workspace that stays where it is in memory.
//
//   0 arguments (36) | 64 answer (64) | 128 key (64) | 192 point (64) | 256 data (128)

import { equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { KERNEL_SHA256 } from "../p256/kernel-blob.ts";

export const OP_VERSION = 0;
export const OP_PUBLIC_KEY = 1;
export const OP_SIGN = 2;
export const OP_IS_POINT = 5;
export const OP_SHARED_SECRET = 6;
export const OP_SHA256 = 7;
export const OP_HMAC = 8;
export const OP_AES = 9;

const DONE = 0;

const KERNEL_VERSION = 2;
const HASH_BYTES = 32;
const CODE_ALIGNMENT = 4;
const WORKSPACE_BYTES = 384;
const OUT = 64;
const KEY = 128;
const POINT = 192;
const DATA = 256;
const DATA_BYTES = 128;

// Words of the arguments.
const OPERATION = 0;
const DATA_ADDRESS = 4;
const KEY_LENGTH = 5;
const DATA_LENGTH = 6;
const ATTEMPT = 7;

/** The machine code is missing or another one, or the memory is so scattered that no buffer of one piece is left. */
export class KernelError {}

/** The machine code as something to call: in flash where it lies there in the right place, else from a copy in memory. */
function load(code: ByteString): (argument: number) => number {
  const address = E.getAddressOf(code, true);
  if (address !== 0 && address % CODE_ALIGNMENT === 0) return E.nativeCall(address + 1, "int(int)");
  return E.nativeCall(1, "int(int)", code);
}

/** In one piece, which short arrays are not. @throws KernelError */
function addressOf(bytes: Uint8Array): number {
  const address = E.getAddressOf(bytes, true);
  if (address === 0) throw new KernelError();
  return address;
}

export class Kernel {
  private readonly run: (argument: number) => number;
  private readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly zeros: Uint8Array;
  /** Kept: it may be called where it lies. */
  readonly code: ByteString;
  private readonly address: number;

  /** @throws KernelError when it is not the very code that this script was made with */
  constructor(code: ByteString) {
    this.code = code;
    this.run = load(code);
    this.bytes = new Uint8Array(WORKSPACE_BYTES);
    this.words = new Uint32Array(this.bytes.buffer);
    this.zeros = new Uint8Array(KEY - OUT);
    this.address = addressOf(this.bytes);
    const at = this.address;
    this.words.set([0, at + OUT, at + KEY, at + POINT, at + DATA, 0, 0, 0, 0, at + KEY, WORKSPACE_BYTES - KEY], 0);
    if (this.call(OP_VERSION, null, null, null, 0) === null || this.words[ATTEMPT] !== KERNEL_VERSION) throw new KernelError();
    const hash = this.call(OP_SHA256, null, null, new Uint8Array(E.toArrayBuffer(code)), HASH_BYTES) as Uint8Array;
    if (!equalBytes(hash, hexToBytes(KERNEL_SHA256))) throw new KernelError();
  }

  /**
   * One operation; of its inputs those that it has. The answer's first `answerBytes`, or null when it has none. The kernel itself wipes the copies of the
   * inputs.
   * @throws KernelError
   */
  call(
    operation: number,
    key: Uint8Array | null,
    point: Uint8Array | null,
    data: Uint8Array | null,
    answerBytes: number,
  ): Uint8Array | null {
    const bytes = this.bytes;
    const words = this.words;
    words[OPERATION] = operation;
    if (key !== null) {
      bytes.set(key, KEY);
      words[KEY_LENGTH] = key.length;
    }
    if (point !== null) bytes.set(point, POINT);
    let isDone: boolean;
    if (data === null || data.length <= DATA_BYTES) {
      if (data !== null) {
        bytes.set(data, DATA);
        words[DATA_LENGTH] = data.length;
      }
      isDone = this.run(this.address) === DONE;
    } else {
      isDone = this.runOn(data);
    }
    if (!isDone) return null;
    const answer = new Uint8Array(answerBytes);
    answer.set(bytes.subarray(OUT, OUT + answerBytes), 0);
    // Others' answers are for everybody.
    if (operation === OP_SHARED_SECRET || operation === OP_HMAC) bytes.set(this.zeros, OUT);
    return answer;
  }

  /** With data that the workspace has no room for: where they lie, when that is in one piece. */
  private runOn(data: Uint8Array): boolean {
    let address = E.getAddressOf(data, true);
    let copy: Uint8Array | null = null;
    if (address === 0) {
      copy = new Uint8Array(data);
      address = E.getAddressOf(copy, true);
    }
    if (address === 0) {
      if (copy !== null) copy.fill(0);
      this.words[OPERATION] = OP_VERSION;
      this.run(this.address); // for it to wipe what it was given
      throw new KernelError();
    }
    this.words[DATA_LENGTH] = data.length;
    this.words[DATA_ADDRESS] = address;
    const isDone = this.run(this.address) === DONE;
    this.words[DATA_ADDRESS] = this.address + DATA;
    if (copy !== null) copy.fill(0);
    return isDone;
  }
}
