// Calls of the kernel over a model of memory: where operands lie, long and scattered ones too, what is refused, and what stays behind.

import { createHash, createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { nobleCrypto } from "../../simulator/noble-crypto.ts";
import { KernelModel, type KernelModelOptions } from "../../test/board/kernel-model.ts";
import { KERNEL_BASE64 } from "../p256/kernel-blob.ts";
import { Kernel, KernelError, OP_AES, OP_HMAC, OP_IS_POINT, OP_PUBLIC_KEY, OP_SHA256, OP_SHARED_SECRET, OP_SIGN } from "./kernel.ts";

const CODE = Buffer.from(KERNEL_BASE64, "base64").toString("latin1");
const WORKSPACE_BYTES = 384;
const ANSWER_END = 128;

let model: KernelModel;

/** A kernel in its place, and E around it. @param code what the file holds */
function load(options: Partial<KernelModelOptions> = {}, code = CODE): Kernel {
  model = new KernelModel({ code, ...options });
  const { getAddressOf, nativeCall } = model;
  const toArrayBuffer = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text, "latin1")).buffer;
  vi.stubGlobal("E", { getAddressOf, nativeCall, toArrayBuffer, CRC32: crc32 });
  return new Kernel(code);
}

const workspace = (): Uint8Array => model.memory[0] ?? new Uint8Array();
const isClean = (): boolean =>
  workspace().length === WORKSPACE_BYTES &&
  workspace()
    .subarray(ANSWER_END)
    .every((byte) => byte === 0);
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString("hex");
const hmacOf = (key: Uint8Array, data: Uint8Array): string => createHmac("sha256", key).update(data).digest("hex");

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const POINT = nobleCrypto.p256.publicKey(KEY).subarray(1);
const DIGEST = new Uint8Array(32).fill(0x77);
const data = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 0xff);

afterEach(() => void vi.unstubAllGlobals());

describe("the kernel", () => {
  test.each([
    ["a multiple of 4: called there", 0x91000, "in place"],
    ["an even address", 0x91002, "copied"],
    ["an odd address", 0x91001, "copied"],
    ["no address at all: scattered", 0, "copied"],
  ])("in flash at %s", (_where, codeAddress, loaded) => {
    const kernel = load({ codeAddress });
    expect(model.loaded).toBe(loaded);
    expect(hex(kernel.call(OP_SHA256, null, null, data(3), 32))).toBe(hex(nobleCrypto.sha256(data(3))));
  });

  interface Refused {
    readonly what: string;
    readonly options?: Partial<KernelModelOptions>;
    readonly code?: string;
  }
  const REFUSED: readonly Refused[] = [
    { what: "of an older version", options: { version: 1 } },
    { what: "of a newer version", options: { version: 3 } },
    { what: "with a bit turned over", code: `${CODE.slice(0, 9000)}${String.fromCharCode(CODE.charCodeAt(9000) ^ 4)}${CODE.slice(9001)}` },
    { what: "cut short", code: CODE.slice(0, -4) },
    { what: "that gets no workspace in one piece", options: { isScattered: (bytes) => bytes.length === WORKSPACE_BYTES } },
    { what: "that gets no memory in one piece", options: { isScattered: () => true } },
  ];
  test.each(REFUSED)("$what is refused", ({ options, code }) => {
    expect(() => load(options, code)).toThrow(KernelError as never);
  });
});

describe("a call", () => {
  test.each([
    [OP_PUBLIC_KEY, KEY, null, null, 64],
    [OP_SIGN, KEY, POINT, DIGEST, 64],
    [OP_IS_POINT, null, POINT, null, 0],
    [OP_SHARED_SECRET, KEY, POINT, null, 32],
    [OP_SHA256, null, null, data(100), 32],
    [OP_HMAC, KEY, null, data(128), 32],
    [OP_AES, KEY.subarray(0, 24), null, data(16), 16],
  ])(
    "of operation %i leaves nothing of its inputs in the workspace, and of its answer only what is for everybody",
    (operation, key, point, block, bytes) => {
      const kernel = load();
      const answer = kernel.call(operation, key, point, block, bytes);
      expect(answer).toHaveLength(bytes);
      expect(isClean()).toBe(true);
      const isSecret = operation === OP_SHARED_SECRET || operation === OP_HMAC;
      if (isSecret)
        expect(
          workspace()
            .subarray(64)
            .every((byte) => byte === 0),
        ).toBe(true);
      answer?.fill(0); // is no view of it
    },
  );

  test("without an answer leaves nothing either", () => {
    const kernel = load();
    expect(kernel.call(OP_PUBLIC_KEY, new Uint8Array(32).fill(0xff), null, null, 64)).toBeNull();
    expect(kernel.call(OP_SIGN, KEY, new Uint8Array(64).fill(3), DIGEST, 64)).toBeNull();
    expect(kernel.call(OP_SHARED_SECRET, KEY, new Uint8Array(64).fill(3), null, 32)).toBeNull();
    expect(kernel.call(99, KEY, POINT, DIGEST, 32)).toBeNull();
    expect(
      workspace()
        .subarray(64)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  test("answers as noble and OpenSSL do, after whatever call came before, wherever its data lie", () => {
    const scattered = new Set<Uint8Array>();
    const kernel = load({ isScattered: (bytes) => scattered.has(bytes) });
    const calls = fc.record({
      key: fc.option(fc.uint8Array({ minLength: 1, maxLength: 64 })),
      length: fc.oneof(fc.nat(140), fc.nat(700)),
      isScattered: fc.boolean(),
    });
    const answerTo = (key: Uint8Array | null, bytes: Uint8Array): string =>
      key === null ? createHash("sha256").update(bytes).digest("hex") : hmacOf(key, bytes);
    const make = ({ key, length, isScattered }: { key: Uint8Array | null; length: number; isScattered: boolean }): void => {
      const bytes = data(length);
      if (isScattered) scattered.add(bytes);
      const places = model.memory.length;
      expect(hex(kernel.call(key === null ? OP_SHA256 : OP_HMAC, key, null, bytes, 32))).toBe(answerTo(key, bytes));
      expect([bytes, isClean()]).toEqual([data(length), true]);
      const added = model.memory.slice(places).map((place) => place.some((byte) => byte !== 0));
      // What the workspace has no room for is read where it lies, or from a copy that is wiped.
      expect(added).toEqual(length > 128 ? [!isScattered] : []);
    };
    fc.assert(
      fc.property(fc.array(calls, { minLength: 1, maxLength: 5 }), (made) => made.forEach(make)),
      { numRuns: 50 },
    );
  });

  test("on long data of which not even a copy is in one piece is refused; the next one is as ever", () => {
    let isFull = false;
    const kernel = load({ isScattered: () => isFull });
    isFull = true;
    expect(() => kernel.call(OP_HMAC, KEY, null, data(129), 32)).toThrow(KernelError as never);
    expect(hex(kernel.call(OP_HMAC, KEY, null, data(128), 32))).toBe(hmacOf(KEY, data(128)));
    isFull = false;
    expect(hex(kernel.call(OP_HMAC, KEY, null, data(129), 32))).toBe(hmacOf(KEY, data(129)));
    expect(isClean()).toBe(true);
  });
});
