// Nothing that the kernel does tells a secret: the same instructions at the same addresses whatever the key, the nonce, the digest; and nothing stays on
// the stack. And a fault in its table, its code or its inputs gives no signature.

import { randomBytes } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { beforeAll, describe, expect, test } from "vitest";
import { KERNEL_BASE64 } from "../../firmware/p256/kernel-blob.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { DONE, FAULT, KernelProcess, type KernelPrograms, kernelPrograms, NO_ANSWER } from "./kernel-process.ts";

const blob = new Uint8Array(Buffer.from(KERNEL_BASE64, "base64"));
/** 1,000: npm run test:kernel. */
const KEYS = Number(process.env["KERNEL_KEYS"] ?? 50);
const LIMIT_MS = 600_000;
/** What the entry sets aside to overwrite, and the registers that it saves. */
const STACK_BYTES = 2560 + 36;

let folder: string;
let programs: KernelPrograms;

beforeAll(() => {
  folder = temporaryFolder();
  programs = kernelPrograms(folder);
});

const pointOf = (key: Uint8Array): Uint8Array => p256.getPublicKey(key, false).subarray(1);
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const peer = pointOf(p256.utils.randomSecretKey());

const SECRET = {
  publicKey: () => ({ key: p256.utils.randomSecretKey() }),
  signAttempt: () => ({ key: p256.utils.randomSecretKey(), data: random(32), attempt: 1 }),
  sharedSecret: () => ({ key: p256.utils.randomSecretKey(), point: peer }),
  hmac: () => ({ key: random(32), data: random(100) }),
  aes: () => ({ key: random(32), data: random(16) }),
} as const;

describe.each(Object.keys(SECRET) as (keyof typeof SECRET)[])("%s", (operation) => {
  test(
    `the same instructions and addresses over ${KEYS} random keys; nothing is left on the stack`,
    async () => {
      const kernel = new KernelProcess(programs, folder, blob, { trace: "addresses" });
      for (let i = 0; i < KEYS; i++) {
        const { result, leftBytes, keptBytes, stackBytes } = await kernel.call(operation, SECRET[operation]());
        expect([result, leftBytes, keptBytes, stackBytes <= STACK_BYTES]).toEqual([DONE, 0, 0, true]);
      }
      const traces = await kernel.end();
      expect(traces).toHaveLength(KEYS);
      expect(new Set(traces.map(({ instructions, hash }) => `${instructions} ${hash}`)).size).toBe(1);
    },
    LIMIT_MS,
  );
});

test("verification takes whatever time, and leaves nothing on the stack either: not after a signature, not alone", async () => {
  const kernel = new KernelProcess(programs, folder, blob);
  for (let i = 0; i < KEYS; i++) {
    const [key, data] = [p256.utils.randomSecretKey(), random(32)];
    const point = pointOf(key);
    const signed = await kernel.call("sign", { key, point, data });
    const verified = await kernel.call("verify", { point, data, signature: signed.out });
    for (const { result, leftBytes, keptBytes, stackBytes } of [signed, verified])
      expect([result, leftBytes, keptBytes, stackBytes <= STACK_BYTES]).toEqual([DONE, 0, 0, true]);
  }
  await kernel.end();
});

test("the trace does tell: other lengths, and a point that is none, leave other ones", async () => {
  const kernel = new KernelProcess(programs, folder, blob, { trace: "addresses" });
  await kernel.call("sha256", { data: random(55) });
  await kernel.call("sha256", { data: random(56) });
  const key = p256.utils.randomSecretKey();
  await kernel.call("sharedSecret", { key, point: peer });
  await kernel.call("sharedSecret", { key, point: random(64) });
  const traces = await kernel.end();
  expect(new Set(traces.map(({ hash }) => hash)).size).toBe(4);
});

describe("a fault", () => {
  const key = p256.utils.randomSecretKey();
  const data = random(32);

  /** Signs with a blob in which bits are turned over, one at a time. @returns how many gave no signature; a wrong one fails */
  async function faultsOf(bits: readonly number[]): Promise<number> {
    let faults = 0;
    for (const bit of bits) {
      const broken = blob.slice();
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const kernel = new KernelProcess(programs, folder, broken);
      const { result, out } = await kernel.call("sign", { key, point: pointOf(key), data });
      await kernel.end();
      if (result === DONE) expect(p256.verify(out, data, p256.getPublicKey(key), { prehash: false })).toBe(true);
      else {
        expect([FAULT, NO_ANSWER]).toContain(result);
        expect(out.every((byte) => byte === 0)).toBe(true);
        faults++;
      }
    }
    return faults;
  }

  test(
    "in the table of multiples gives no signature, and never a wrong one",
    async () => {
      // The table is the blob's largest constant: its first word is that of entry 0.
      const first = Buffer.from(blob).indexOf(Buffer.from("bbde0037", "hex"));
      expect(first).toBeGreaterThan(0);
      expect(await faultsOf(Array.from({ length: 32 }, (_, i) => 8 * (first + i * 64 + (i % 64)) + (i % 8)))).toBeGreaterThan(24);
    },
    LIMIT_MS,
  );

  test.each([
    ["n", "512563fcc2cab9f3849e17a7adfae6bc"],
    ["R² modulo n", "a2ee79be954c2483a66fbd499c799946"],
    ["R² modulo p", "0300000000000000fffffffffbffffff"],
    ["b", "dfbdc42962df9cd890308478cd05f0ac"],
  ])(
    "in the constant %s gives none",
    async (_, start) => {
      const first = Buffer.from(blob).indexOf(Buffer.from(start, "hex"));
      expect(first).toBeGreaterThan(0);
      expect(await faultsOf([1, 62, 100, 130, 255].map((bit) => 8 * first + bit))).toBe(5);
    },
    LIMIT_MS,
  );

  test("in the key, or a point that is another key's, gives none", async () => {
    const kernel = new KernelProcess(programs, folder, blob);
    for (const point of [peer, random(64), new Uint8Array(64)]) {
      const { result, out } = await kernel.call("sign", { key, point, data });
      expect([result, out.every((byte) => byte === 0)]).toEqual([FAULT, true]);
    }
    await kernel.end();
  });
});
