// The kernel's blob as a board would call it, under qemu-arm: a small Linux program (harness.c) loads it at an address and calls it; a plugin of QEMU
// (trace-plugin.c) counts its instructions and hashes every address that it runs or touches.

import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CHECKOUT } from "../../cli/checkout.ts";

const SOURCES = join(CHECKOUT, "test", "kernel");
const ARM_LINUX = ["-march=armv7-a", "-marm", "-O1", "-ffreestanding", "-nostdlib", "-static", "-fno-builtin"];
const ORDER_BYTES = 16;
const KEY_BYTES = 192;
const FIELD_BYTES = 64;
const ANSWER_BYTES = 84;
const OUT_AT = 20;

/** As kernel.c numbers them. */
export const OPERATIONS = {
  version: 0,
  publicKey: 1,
  sign: 2,
  signAttempt: 3,
  verify: 4,
  isPoint: 5,
  sharedSecret: 6,
  sha256: 7,
  hmac: 8,
  aes: 9,
} as const;

export const DONE = 0;
export const NO_ANSWER = 1;
export const FAULT = 2;

export interface KernelOrder {
  readonly key?: Uint8Array;
  /** x before y, 64 bytes. */
  readonly point?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly data?: Uint8Array;
  readonly attempt?: number;
}

export interface KernelAnswer {
  /** DONE, NO_ANSWER, FAULT, … */
  readonly result: number;
  /** After `sign`: how many attempts were made. */
  readonly attempt: number;
  /** From the caller's frame down to the deepest byte that was written. */
  readonly stackBytes: number;
  /** How many of them are not 0 afterwards, without the registers that the entry saves for the caller. */
  readonly leftBytes: number;
  /** Of the key's memory, which was to be wiped, those that are not 0, and of the point's behind it, those that were changed. */
  readonly keptBytes: number;
  /** 64 bytes. */
  readonly out: Uint8Array;
}

export interface Trace {
  readonly instructions: number;
  /** Of every address that was run or touched, in order; the same of all when addresses are not hashed. */
  readonly hash: string;
}

export interface KernelPrograms {
  readonly harness: string;
  readonly plugin: string;
}

/** Compiles both into a folder. */
export function kernelPrograms(folder: string): KernelPrograms {
  const [harness, plugin] = [join(folder, "harness"), join(folder, "trace.so")];
  execFileSync("arm-none-eabi-gcc", [...ARM_LINUX, "-fno-tree-loop-distribute-patterns", "-o", harness, join(SOURCES, "harness.c")]);
  execFileSync("gcc", ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", plugin, join(SOURCES, "trace-plugin.c")]);
  return { harness, plugin };
}

export interface KernelOptions {
  /** Where in a page of 64 KB it is loaded: a multiple of 4. */
  readonly offset?: number;
  /** count: instructions only. */
  readonly trace?: "count" | "addresses";
}

export class KernelProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: ((answer: Buffer) => void)[] = [];
  readonly #traces: Trace[] = [];
  readonly #ended: Promise<void>;
  #received = Buffer.alloc(0);

  /** @param folder in which the blob is written for the harness */
  constructor({ harness, plugin }: KernelPrograms, folder: string, blob: Uint8Array, { offset = 0, trace }: KernelOptions = {}) {
    const file = join(folder, `blob-${process.hrtime.bigint()}.bin`);
    writeFileSync(file, blob);
    const traced = trace === undefined ? [] : ["-plugin", `${plugin}${trace === "count" ? ",count=on" : ""}`];
    this.#child = spawn("qemu-arm", [...traced, harness, file, String(offset)]);
    this.#child.stdout.on("data", (bytes: Buffer) => this.#read(bytes));
    createInterface({ input: this.#child.stderr }).on("line", (line) => {
      const [instructions = "", hash = ""] = line.split(" ");
      this.#traces.push({ instructions: Number(instructions), hash });
    });
    this.#ended = new Promise((resolve) => this.#child.once("close", () => resolve()));
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= ANSWER_BYTES) {
      this.#waiting.shift()?.(this.#received.subarray(0, ANSWER_BYTES));
      this.#received = this.#received.subarray(ANSWER_BYTES);
    }
  }

  async call(operation: keyof typeof OPERATIONS, { key, point, signature, data, attempt = 0 }: KernelOrder = {}): Promise<KernelAnswer> {
    const order = Buffer.alloc(ORDER_BYTES + KEY_BYTES + 2 * FIELD_BYTES);
    order.writeUInt32LE(OPERATIONS[operation], 0);
    order.writeUInt32LE(key?.length ?? 0, 4);
    order.writeUInt32LE(data?.length ?? 0, 8);
    order.writeUInt32LE(attempt, 12);
    order.set(key ?? [], ORDER_BYTES);
    order.set(point ?? [], ORDER_BYTES + KEY_BYTES);
    order.set(signature ?? [], ORDER_BYTES + KEY_BYTES + FIELD_BYTES);
    const answered = new Promise<Buffer>((resolve, reject) => {
      this.#waiting.push(resolve);
      void this.#ended.then(() => reject(new Error(`the kernel's process has ended during ${operation}`)));
    });
    this.#child.stdin.write(Buffer.concat([order, data ?? new Uint8Array()]));
    const answer = await answered;
    return {
      result: answer.readInt32LE(0),
      attempt: answer.readUInt32LE(4),
      stackBytes: answer.readUInt32LE(8),
      leftBytes: answer.readUInt32LE(12),
      keptBytes: answer.readUInt32LE(16),
      out: new Uint8Array(answer.subarray(OUT_AT)),
    };
  }

  /** Ends it. @returns what the plugin told of each call */
  async end(): Promise<readonly Trace[]> {
    this.#child.stdin.end();
    await this.#ended;
    return this.#traces;
  }
}
