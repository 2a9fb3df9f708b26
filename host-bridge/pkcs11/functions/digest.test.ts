// Digests: PKCS#11 2.40 §5.10, judged by NIST's vectors.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SLOT_AUTHENTICATION } from "../../../protocol/piv.ts";
import sha2 from "../../../protocol/vectors/sha2.json" with { type: "json" };
import { type RpcApplication, RpcBench } from "../../../test/support/rpc-bench.ts";
import { ay, fy, mechanism, type RpcAnswer, string, u } from "../../../test/support/rpc-client.ts";
import { PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { boolAttribute, bytesAttribute, ulongAttribute } from "../ck/attribute.ts";
import type { TokenObject } from "../objects/token-object.ts";

const CKR_KEY_HANDLE_INVALID = 0x60;
const CKR_KEY_INDIGESTIBLE = 0x67;
const CKR_MECHANISM_INVALID = 0x70;
const CKR_MECHANISM_PARAM_INVALID = 0x71;
const CKR_OPERATION_ACTIVE = 0x90;
const CKR_OPERATION_NOT_INITIALIZED = 0x91;
const CKA_LABEL = 0x03;
const CKM_SHA256 = 0x250;
const MECHANISM_OF: Readonly<Record<string, number>> = { "SHA-224": 0x255, "SHA-256": CKM_SHA256, "SHA-384": 0x260, "SHA-512": 0x270 };

/** Of «abc» and of the message of 896 bits (NIST, Cryptographic Standards and Guidelines, Examples with Intermediate Values: SHA-224, SHA-512). */
const LONG_MESSAGE = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
const EXAMPLES = [
  { hash: "SHA-224", message: "abc", digest: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
  { hash: "SHA-224", message: LONG_MESSAGE, digest: "c97ca9a559850ce97a04a96def6d99a9e0e0e2ab14e6b8df265fc0b3" },
  {
    hash: "SHA-512",
    message: "abc",
    digest:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  },
  {
    hash: "SHA-512",
    message: LONG_MESSAGE,
    digest:
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
  },
].map(({ hash, message, digest }) => ({ hash, message: Buffer.from(message), digest }));
const VECTORS = [...sha2.cases.map(({ hash, message, digest }) => ({ hash, message: Buffer.from(message, "hex"), digest })), ...EXAMPLES];

const VALUE = Buffer.from("0123456789abcdef", "hex");

function secretKey(label: string, isSensitive: boolean, isExtractable: boolean): TokenObject {
  const attributes = [
    ulongAttribute(0x00, 4),
    bytesAttribute(CKA_LABEL, Buffer.from(label)),
    ulongAttribute(0x100, 0x10),
    boolAttribute(0x103, isSensitive),
    boolAttribute(0x162, isExtractable),
    bytesAttribute(0x11, VALUE),
  ];
  return {
    attributes: new Map(attributes.map(({ type, value }) => [type, value])),
    isPrivate: false,
    ...((isSensitive || !isExtractable) && { isSensitive: true }),
  };
}

const folder = temporaryFolder();
let bench: RpcBench;
let application: RpcApplication;
let session: number;

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_AUTHENTICATION)));
  const keys = [secretKey("open", false, true), secretKey("sensitive", true, true), secretKey("kept", false, false)];
  bench.slot.objects = [...bench.slot.objects, ...keys];
  const loggedIn = await bench.loggedIn(PIN);
  application = loggedIn.application;
  session = loggedIn.session;
});

afterAll(() => bench.close());

async function init(type: number): Promise<number> {
  return (await application.rpc.call("C_DigestInit", u(session), mechanism(type, 1))).rv;
}
const digest = (data: Uint8Array | null, room = 64): Promise<RpcAnswer> => application.rpc.call("C_Digest", u(session), ay(data), fy(room));
const update = (part: Uint8Array | null): Promise<RpcAnswer> => application.rpc.call("C_DigestUpdate", u(session), ay(part));
const final = (room = 64): Promise<RpcAnswer> => application.rpc.call("C_DigestFinal", u(session), fy(room));

async function digestKey(label: string): Promise<number> {
  const [key] = await application.find(session, [[CKA_LABEL, Buffer.from(label)]]);
  return (await application.rpc.call("C_DigestKey", u(session), u(key ?? 0))).rv;
}

test("NIST's vectors come out, in one part and in parts", async () => {
  expect(new Set(VECTORS.map(({ hash }) => hash))).toEqual(new Set(Object.keys(MECHANISM_OF)));
  for (const vector of VECTORS) {
    const type = MECHANISM_OF[vector.hash] ?? 0;
    expect(await init(type)).toBe(0);
    expect((await digest(vector.message)).byteArray()).toEqual(Buffer.from(vector.digest, "hex"));
    await init(type);
    for (let at = 0; at < vector.message.length; at += 55) expect((await update(vector.message.subarray(at, at + 55))).rv).toBe(0);
    expect((await final()).byteArray()).toEqual(Buffer.from(vector.digest, "hex"));
  }
});

test("however the data is cut into parts, the digest is the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 8 }), async (parts) => {
      await init(0x270);
      for (const part of parts) await update(part);
      expect((await final()).byteArray()).toEqual(createHash("sha512").update(Buffer.concat(parts)).digest());
    }),
    { numRuns: 50 },
  );
});

describe("the operation", () => {
  test.each([0, 31, 0xffffffff])("goes on when the length is asked or the room is too little (%i)", async (room) => {
    await init(CKM_SHA256);
    expect((await digest(Buffer.from("abc"), room)).byteArray()).toBe(32);
    expect((await digest(Buffer.from("abc"))).byteArray()).toEqual(createHash("sha256").update("abc").digest());
    await init(CKM_SHA256);
    expect((await update(Buffer.from("abc"))).rv).toBe(0);
    expect((await final(room)).byteArray()).toBe(32);
    expect((await final(32)).byteArray()).toEqual(createHash("sha256").update("abc").digest());
    expect((await final()).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
    expect((await update(VALUE)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
    expect((await digest(VALUE)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("is over when C_Digest comes after C_DigestUpdate: CKR_OPERATION_ACTIVE", async () => {
    await init(CKM_SHA256);
    await update(VALUE);
    expect((await digest(VALUE)).rv).toBe(CKR_OPERATION_ACTIVE);
    expect((await final()).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("is over when C_Digest comes after C_DigestKey, too", async () => {
    await init(CKM_SHA256);
    expect(await digestKey("open")).toBe(0);
    expect((await digest(VALUE)).rv).toBe(CKR_OPERATION_ACTIVE);
  });

  test("is over when C_DigestFinal or C_DigestUpdate comes after a C_Digest that asked for the length: CKR_OPERATION_ACTIVE", async () => {
    for (const another of [() => final(), () => update(VALUE)]) {
      await init(CKM_SHA256);
      expect((await digest(VALUE, 0)).byteArray()).toBe(32);
      expect((await another()).rv).toBe(CKR_OPERATION_ACTIVE);
      expect((await digest(VALUE)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
    }
  });

  test("begins once; a null mechanism ends it", async () => {
    await init(CKM_SHA256);
    expect(await init(CKM_SHA256)).toBe(CKR_OPERATION_ACTIVE);
    expect((await application.rpc.call("C_DigestInit", u(session), Buffer.alloc(4, 0xff))).rv).toBe(0);
    expect((await final()).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("is not begun with another mechanism, or with a parameter", async () => {
    expect(await init(0x220)).toBe(CKR_MECHANISM_INVALID); // SHA-1
    const withParameter = Buffer.concat([fy(CKM_SHA256), string(Uint8Array.of(1))]);
    expect((await application.rpc.call("C_DigestInit", u(session), withParameter)).rv).toBe(CKR_MECHANISM_PARAM_INVALID);
  });

  test("of no data at all is the digest of nothing", async () => {
    await init(CKM_SHA256);
    expect((await digest(null)).byteArray()).toEqual(createHash("sha256").digest());
  });
});

describe("C_DigestKey", () => {
  test("digests a secret key in the place of data, a sensitive one too", async () => {
    await init(CKM_SHA256);
    await update(Buffer.from("a"));
    expect(await digestKey("open")).toBe(0);
    expect(await digestKey("sensitive")).toBe(0);
    expect((await final()).byteArray()).toEqual(createHash("sha256").update("a").update(VALUE).update(VALUE).digest());
  });

  test("refuses a key that is not extractable, and one of the token; the operation goes on", async () => {
    await init(CKM_SHA256);
    expect(await digestKey("kept")).toBe(CKR_KEY_INDIGESTIBLE);
    const own = await application.privateKey(session, 1);
    expect((await application.rpc.call("C_DigestKey", u(session), u(own))).rv).toBe(CKR_KEY_INDIGESTIBLE);
    expect((await application.rpc.call("C_DigestKey", u(session), u(99999))).rv).toBe(CKR_KEY_HANDLE_INVALID);
    expect((await digest(Buffer.from("abc"))).byteArray()).toEqual(createHash("sha256").update("abc").digest());
    expect(await digestKey("open")).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });
});
