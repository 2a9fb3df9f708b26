// The kernel's blob under qemu-arm against the vectors that the simulator's arithmetic is held to, and against noble and OpenSSL.

import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KERNEL_BASE64, KERNEL_SHA256 } from "../../firmware/p256/kernel-blob.ts";
import { buildKernel, compilerVersion, KERNEL_BUDGET_BYTES, PINNED_COMPILER, sha256Of } from "../../hardware/build-kernel.ts";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";
import aes from "../../protocol/vectors/aes.json" with { type: "json" };
import ecdh from "../../protocol/vectors/ecdh-p256.json" with { type: "json" };
import ecdsa from "../../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import hmac from "../../protocol/vectors/hmac.json" with { type: "json" };
import sha2 from "../../protocol/vectors/sha2.json" with { type: "json" };
import { temporaryFolder } from "../support/temporary-folder.ts";
import { DONE, KernelProcess, type KernelPrograms, kernelPrograms, NO_ANSWER } from "./kernel-process.ts";

const blob = new Uint8Array(Buffer.from(KERNEL_BASE64, "base64"));
const order = p256.Point.Fn.ORDER;
const AES_BLOCK_BYTES = 16;
/** All of them: npm run test:kernel. */
const RANDOM_SIGNATURES = Number(process.env["KERNEL_RANDOM"] ?? 50);
const LIMIT_MS = 300_000;

let folder: string;
let programs: KernelPrograms;
let kernel: KernelProcess;

beforeAll(() => {
  folder = temporaryFolder();
  programs = kernelPrograms(folder);
  kernel = new KernelProcess(programs, folder, blob);
});
afterAll(async () => {
  await kernel.end();
});

const scalar = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, "0"));
const pointOf = (key: Uint8Array): Uint8Array => p256.getPublicKey(key, false).subarray(1);
const sha256 = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());
const start = (out: Uint8Array, length: number): string => bytesToHex(out.subarray(0, length));

/** r ‖ s of a DER signature whose integers have 32 bytes each. */
const rawOf = (der: string): string => der.slice(8, 72) + der.slice(76);

describe("the blob", () => {
  test("is the one whose SHA-256 is written beside it, and within its budget", () => {
    expect(sha256Of(blob)).toBe(KERNEL_SHA256);
    expect(blob.length).toBeLessThanOrEqual(KERNEL_BUDGET_BYTES);
  });

  test("is what the sources give, byte by byte, with the compiler that made it", () => {
    const rebuilt = buildKernel();
    // Another compiler's bytes are other ones; the vectors below are then what says that the sources are right (see «rebuilt»).
    if (compilerVersion() === PINNED_COMPILER) expect(sha256Of(rebuilt)).toBe(KERNEL_SHA256);
    else expect(rebuilt.length).toBeLessThanOrEqual(KERNEL_BUDGET_BYTES);
  });

  test("runs wherever it is loaded, built anew, too", async () => {
    const key = hexToBytes(ecdsa.rfc6979.key);
    for (const [bytes, offset] of [
      [blob, 4],
      [blob, 0x7ffc],
      [blob, 0xfffc],
      [buildKernel(), 0x1234],
    ] as const) {
      const other = new KernelProcess(programs, folder, bytes, { offset });
      const { result, out } = await other.call("publicKey", { key });
      expect([result, bytesToHex(out)]).toEqual([DONE, ecdsa.rfc6979.publicKey.slice(2)]);
      await other.end();
    }
  });
});

describe("ECDSA", () => {
  test.each(ecdsa.rfc6979.vectors)("RFC 6979 A.2.5, SHA-256 of $message: attempt 0", async ({ message, r, s }) => {
    const { result, out } = await kernel.call("signAttempt", { key: hexToBytes(ecdsa.rfc6979.key), data: sha256(message) });
    expect([result, bytesToHex(out)]).toEqual([DONE, r + s]);
  });

  test.each(ecdsa.accepted.vectors)("the first accepted nonce: $what", async ({ key, digest, attempt, der }) => {
    const secret = hexToBytes(key);
    const data = hexToBytes(digest.padStart(64, "0"));
    const signed = await kernel.call("sign", { key: secret, point: pointOf(secret), data });
    expect([signed.result, signed.attempt, bytesToHex(signed.out)]).toEqual([DONE, attempt + 1, rawOf(der)]);
  });

  test(
    `${RANDOM_SIGNATURES} random keys: noble and OpenSSL verify, the kernel too, and not what is changed`,
    async () => {
      for (let i = 0; i < RANDOM_SIGNATURES; i++) {
        const key = p256.utils.randomSecretKey();
        const [point, data] = [pointOf(key), new Uint8Array(randomBytes(32))];
        const { result, out } = await kernel.call("sign", { key, point, data });
        expect(result).toBe(DONE);
        expect(p256.verify(out, data, p256.getPublicKey(key), { prehash: false, lowS: true })).toBe(true);
        const jwk = {
          kty: "EC",
          crv: "P-256",
          x: Buffer.from(point.subarray(0, 32)).toString("base64url"),
          y: Buffer.from(point.subarray(32)).toString("base64url"),
        };
        // OpenSSL hashes by itself: asked with a message, and with another key than before.
        const message = Buffer.from(`message ${i}`);
        const ofMessage = await kernel.call("sign", { key, point, data: sha256(message.toString()) });
        const publicKey = createPublicKey({ key: jwk, format: "jwk" });
        expect(verify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, ofMessage.out)).toBe(true);
        expect((await kernel.call("verify", { point, data, signature: out })).result).toBe(DONE);
        const changed = out.slice();
        changed[i % 64] = (changed[i % 64] ?? 0) ^ (1 << (i % 8));
        expect((await kernel.call("verify", { point, data, signature: changed })).result).toBe(NO_ANSWER);
      }
    },
    LIMIT_MS,
  );

  test("r or s of 0 or n and more, and keys outside of 1 to n − 1, are refused", async () => {
    const key = scalar(7n);
    const [point, data] = [pointOf(key), new Uint8Array(32)];
    const good = (await kernel.call("sign", { key, point, data })).out;
    for (const bad of [0n, order, order + 1n, 2n ** 256n - 1n]) {
      for (const signature of [Buffer.concat([scalar(bad), good.subarray(32)]), Buffer.concat([good.subarray(0, 32), scalar(bad)])])
        expect((await kernel.call("verify", { point, data, signature })).result).toBe(NO_ANSWER);
      for (const operation of ["publicKey", "sign", "signAttempt", "sharedSecret"] as const)
        expect((await kernel.call(operation, { key: scalar(bad), point, data })).result).toBe(NO_ANSWER);
    }
  });
});

describe("verification of what is rare", () => {
  const { Point } = p256;
  const { Fn, Fp } = Point;
  const { a, b } = Point.CURVE();

  /** r, s and the digest for which x(u1 G + u2 Q) has to be this. */
  function claimOf(x: bigint, u1: bigint, u2: bigint): { readonly signature: Uint8Array; readonly data: Uint8Array } {
    const r = Fn.create(x);
    const s = Fn.mul(r, Fn.inv(u2));
    return { signature: Buffer.concat([scalar(r), scalar(s)]), data: scalar(Fn.mul(u1, s)) };
  }

  const few = [1n, 2n, 3n, 8n, 2n ** 26n, 2n ** 128n, order - 1n, order - 2n];

  test.each(few)("sums with Q = %d G whose parts are the same, opposite or nothing", async (key) => {
    const point = pointOf(scalar(key));
    for (const [u1, u2] of [0n, ...few].flatMap((first) => few.map((second) => [first, second] as const))) {
      const multiple = Fn.create(u1 + u2 * key);
      const x = multiple === 0n ? 5n : Point.BASE.multiply(multiple).x;
      const { result } = await kernel.call("verify", { point, ...claimOf(x, u1, u2) });
      expect(result, `${u1} G + ${u2} Q`).toBe(multiple === 0n ? NO_ANSWER : DONE);
    }
  });

  test.each([1n, 3n])("a sum that meets %d Q or its opposite on the way", async (digit) => {
    const u1 = order - 2n;
    const u2 = digit << 24n;
    // After its first column the comb has the digits of places 25, 51, 77 …, which is c G. It is doubled, then u2's only digit comes: key = ± 2 c / digit.
    const bits = (u1 + 2n ** 260n - 1n) / 2n;
    const c = Array.from({ length: 10 }, (_, i) => BigInt(26 * i)).reduce(
      (sum, place) => sum + ((bits >> (place + 25n)) & 1n ? 1n : -1n) * 2n ** place,
      0n,
    );
    const key = Fn.mul(Fn.create(2n * c), Fn.inv(digit));
    for (const each of [key, order - key]) {
      const { x } = Point.BASE.multiply(Fn.create(u1 + u2 * each));
      expect((await kernel.call("verify", { point: pointOf(scalar(each)), ...claimOf(x, u1, u2) })).result).toBe(DONE);
    }
  });

  test("x of the sum may be n and more: r is what is above n", async () => {
    let x = order;
    let y: bigint | null = null;
    while (y === null) {
      x++;
      try {
        y = Fp.sqrt(Fp.create(x ** 3n + a * x + b));
      } catch {
        // Every second x is that of no point.
      }
    }
    const [u1, u2] = [7n, 9n];
    // u1 G + u2 Q is the point (x, y) of this Q.
    const q = Point.fromAffine({ x, y }).subtract(Point.BASE.multiply(u1)).multiply(Fn.inv(u2));
    const point = q.toBytes(false).subarray(1);
    expect((await kernel.call("verify", { point, ...claimOf(x, u1, u2) })).result).toBe(DONE);
    expect((await kernel.call("verify", { point, ...claimOf(x + 1n, u1, u2) })).result).toBe(NO_ANSWER);
  });

  test("what is signed with the least and the greatest keys passes its own check, and noble's", async () => {
    for (const value of [1n, 2n, 3n, order - 1n, order - 2n]) {
      const key = scalar(value);
      for (const digest of [0n, 1n, order - 1n, order, 2n ** 256n - 1n]) {
        const data = scalar(digest);
        const { result, out } = await kernel.call("sign", { key, point: pointOf(key), data });
        expect([result, p256.verify(out, data, p256.getPublicKey(key), { prehash: false })]).toEqual([DONE, true]);
      }
    }
  });
});

describe("multiples of the base point", () => {
  const comb = Array.from({ length: 16 }, (_, entry) =>
    [0, 1, 2, 3].reduce((sum, tooth) => sum + ((entry >> tooth) & 1 ? 1n : -1n) * 2n ** BigInt(52 * tooth), 2n ** 208n),
  );
  // Where the last sum of the comb or of the window is of two points that are the same, and all around.
  const keys = [1n, 2n, 3n, 4n, 15n, 16n, 30n, 31n].flatMap((small) => [small, order - small]);
  const exceptional = comb.flatMap((entry) => [entry, 2n * entry, order - entry, order - 2n * entry]);

  test.each([
    ["small ones and their opposites", keys],
    ["those whose last sum is a double", exceptional],
  ])("%s", async (_, all) => {
    const base = pointOf(scalar(1n));
    for (const value of all) {
      const key = scalar(value);
      const expected = bytesToHex(pointOf(key));
      expect(bytesToHex((await kernel.call("publicKey", { key })).out)).toBe(expected);
      expect(start((await kernel.call("sharedSecret", { key, point: base })).out, 32)).toBe(expected.slice(0, 64));
    }
  });
});

describe("ECDH", () => {
  test("Wycheproof, all valid ones; and no point that isn't one", async () => {
    for (const { tcId, private: key, public: point, shared } of ecdh.valid) {
      const asked = { key: hexToBytes(key), point: hexToBytes(point.slice(2)) };
      expect((await kernel.call("isPoint", asked)).result, String(tcId)).toBe(DONE);
      expect(start((await kernel.call("sharedSecret", asked)).out, 32), String(tcId)).toBe(shared);
    }
    // The form (04) and the length are the caller's to look at.
    const uncompressed = ecdh.refused.cases.filter(({ public: point }) => point.startsWith("04") && point.length === 130);
    expect(uncompressed.length).toBeGreaterThan(16);
    for (const { what, public: point } of uncompressed) {
      const asked = { key: scalar(1n), point: hexToBytes(point.slice(2)) };
      expect((await kernel.call("isPoint", asked)).result, what).toBe(NO_ANSWER);
      expect((await kernel.call("sharedSecret", asked)).result, what).toBe(NO_ANSWER);
    }
  });
});

describe("SHA-256, HMAC and AES", () => {
  test("NIST CAVP and RFC 4231", async () => {
    const ofSha256 = ({ hash }: { readonly hash: string }): boolean => hash === "SHA-256";
    for (const { what, message, digest } of sha2.cases.filter(ofSha256))
      expect(start((await kernel.call("sha256", { data: hexToBytes(message) })).out, 32), what).toBe(digest);
    for (const { what, key, message, tag } of hmac.cases.filter(ofSha256))
      expect(start((await kernel.call("hmac", { key: hexToBytes(key), data: hexToBytes(message) })).out, tag.length / 2), what).toBe(tag);
    for (const { what, key, plaintext, ciphertext } of aes.cases) {
      for (let at = 0; at < plaintext.length; at += 2 * AES_BLOCK_BYTES) {
        const data = hexToBytes(plaintext.slice(at, at + 2 * AES_BLOCK_BYTES));
        const { out } = await kernel.call("aes", { key: hexToBytes(key), data });
        expect(start(out, AES_BLOCK_BYTES), what).toBe(ciphertext.slice(at, at + 2 * AES_BLOCK_BYTES));
      }
    }
  }, 120_000);
});
