// Verifying: PKCS#11 2.40 §5.12, judged by the vectors of RFC 6979 (of which the signatures need not come from us) and by signatures of node's.

import { createHash, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SLOT_AUTHENTICATION } from "../../../protocol/piv.ts";
import p256Vectors from "../../../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import p384Vectors from "../../../protocol/vectors/ecdsa-p384.json" with { type: "json" };
import { type RpcApplication, RpcBench } from "../../../test/support/rpc-bench.ts";
import { ay, fy, mechanism, string, u } from "../../../test/support/rpc-client.ts";
import { PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { boolAttribute, bytesAttribute, ulongAttribute } from "../ck/attribute.ts";
import type { TokenObject } from "../objects/token-object.ts";

const CKR_DATA_LEN_RANGE = 0x21;
const CKR_KEY_HANDLE_INVALID = 0x60;
const CKR_KEY_TYPE_INCONSISTENT = 0x63;
const CKR_KEY_FUNCTION_NOT_PERMITTED = 0x68;
const CKR_MECHANISM_INVALID = 0x70;
const CKR_MECHANISM_PARAM_INVALID = 0x71;
const CKR_OPERATION_ACTIVE = 0x90;
const CKR_OPERATION_NOT_INITIALIZED = 0x91;
const CKR_SIGNATURE_INVALID = 0xc0;
const CKR_SIGNATURE_LEN_RANGE = 0xc1;
const CKA_LABEL = 0x03;
const CKM_ECDSA = 0x1041;
const CKM_ECDSA_SHA256 = 0x1044;
const MECHANISM_OF: Readonly<Record<string, number>> = { "SHA-224": 0x1043, "SHA-256": 0x1044, "SHA-384": 0x1045, "SHA-512": 0x1046 };
const P256_PARAMS = Buffer.from("06082a8648ce3d030107", "hex");
const P384_PARAMS = Buffer.from("06052b81040022", "hex");
const MESSAGE = Buffer.from("sample");

const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** As C_GetAttributeValue would show one; `label` tells it from the others. */
function publicKey(label: string, params: Uint8Array, point: Uint8Array, { keyType = 3, isForVerifying = true } = {}): TokenObject {
  const attributes = [
    ulongAttribute(0x00, 2),
    boolAttribute(0x01, false),
    boolAttribute(0x02, false),
    bytesAttribute(CKA_LABEL, Buffer.from(label)),
    ulongAttribute(0x100, keyType),
    boolAttribute(0x10a, isForVerifying),
    bytesAttribute(0x180, params),
    bytesAttribute(0x181, point),
  ];
  return { attributes: new Map(attributes.map(({ type, value }) => [type, value])), isPrivate: false };
}

const wrapped = (point: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x04, point.length]), point]);
const rawPoint = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" }).subarray(-65);

const CURVES = [
  { name: "P-256", params: P256_PARAMS, file: p256Vectors },
  { name: "P-384", params: P384_PARAMS, file: p384Vectors },
];
/** Every signature of RFC 6979 A.2.5 and A.2.6 whose hash has a mechanism here. */
const VECTORS = CURVES.flatMap(({ name, file }) => {
  const hash = name === "P-256" ? "SHA-256" : "SHA-384";
  const all = [...file.rfc6979.vectors.map((vector) => ({ ...vector, hash })), ...file.otherHashes.vectors];
  return all.filter(({ hash }) => hash in MECHANISM_OF).map(({ hash, message, r, s }) => ({ name, hash, message, signature: hex(r + s) }));
});

const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
const P521_PARAMS = Buffer.from("06052b81040023", "hex");

const folder = temporaryFolder();
let bench: RpcBench;
let application: RpcApplication;
let session: number;

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_AUTHENTICATION)));
  const vectorKeys = CURVES.flatMap(({ name, params, file }) => [
    publicKey(`${name} wrapped`, params, wrapped(hex(file.rfc6979.publicKey))),
    publicKey(`${name} raw`, params, hex(file.rfc6979.publicKey)),
  ]);
  const point = rawPoint(own.publicKey);
  const offCurve = Buffer.from(point);
  offCurve.writeUInt8(offCurve.readUInt8(64) ^ 1, 64);
  bench.slot.objects = [
    ...bench.slot.objects,
    ...vectorKeys,
    publicKey("own", P256_PARAMS, wrapped(point)),
    publicKey("curve by name", Buffer.from("\x13\x0aprime256v1", "latin1"), wrapped(point)),
    publicKey("not for verifying", P256_PARAMS, wrapped(point), { isForVerifying: false }),
    publicKey("RSA", P256_PARAMS, wrapped(point), { keyType: 0 }),
    publicKey("P-521", P521_PARAMS, wrapped(point)),
    publicKey("wrong curve", P384_PARAMS, wrapped(point)),
    publicKey("off the curve", P256_PARAMS, wrapped(offCurve)),
    publicKey("without a point", P256_PARAMS, Buffer.alloc(0)),
  ];
  application = await bench.application();
  session = await application.openSession();
});

afterAll(() => bench.close());

async function keyOf(label: string): Promise<number> {
  const [key] = await application.find(session, [[CKA_LABEL, Buffer.from(label)]]);
  if (key === undefined) throw new Error(`no key «${label}»`);
  return key;
}

async function init(key: number, type: number): Promise<number> {
  return (await application.rpc.call("C_VerifyInit", u(session), mechanism(type, 1), u(key))).rv;
}

async function verify(data: Uint8Array, signature: Uint8Array): Promise<number> {
  return (await application.rpc.call("C_Verify", u(session), ay(data), ay(signature))).rv;
}

async function update(part: Uint8Array): Promise<number> {
  return (await application.rpc.call("C_VerifyUpdate", u(session), ay(part))).rv;
}

async function final(signature: Uint8Array): Promise<number> {
  return (await application.rpc.call("C_VerifyFinal", u(session), ay(signature))).rv;
}

function signed(data: Uint8Array, digest = "sha256"): Buffer {
  return createSign(digest).update(data).sign({ key: own.privateKey, dsaEncoding: "ieee-p1363" });
}

test("a key whose curve has its name in letters (3.0 §6.3.3), which C_CreateObject takes, verifies", async () => {
  await init(await keyOf("curve by name"), CKM_ECDSA_SHA256);
  expect(await verify(MESSAGE, signed(MESSAGE))).toBe(0);
});

test("there are vectors of both curves with all four digests, two messages each", () => {
  expect(VECTORS.length).toBe(16);
});

describe.each(VECTORS)("RFC 6979: $name, $hash of «$message»", ({ name, hash, message, signature }) => {
  const digest = createHash(hash.replace("-", "").toLowerCase()).update(message).digest();

  test.each(["wrapped", "raw"])("is verified, with the point %s", async (form) => {
    const key = await keyOf(`${name} ${form}`);
    expect(await init(key, MECHANISM_OF[hash] ?? 0)).toBe(0);
    expect(await verify(Buffer.from(message), signature)).toBe(0);
    expect(await init(key, CKM_ECDSA)).toBe(0);
    expect(await verify(digest, signature)).toBe(0);
  });

  test("is refused with any bit changed, of the signature or of the digest", async () => {
    const key = await keyOf(`${name} wrapped`);
    const bit = fc.nat(8 * signature.length - 1);
    const flipped = (bytes: Buffer, at: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
      return copy;
    };
    // The leftmost bits of a longer digest count, the others don't.
    const counting = 8 * Math.min(digest.length, signature.length / 2);
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        await init(key, CKM_ECDSA);
        expect(await verify(digest, flipped(signature, at))).toBe(CKR_SIGNATURE_INVALID);
        await init(key, CKM_ECDSA);
        expect(await verify(flipped(digest, at % counting), signature)).toBe(CKR_SIGNATURE_INVALID);
        await init(key, MECHANISM_OF[hash] ?? 0);
        expect(await verify(Buffer.from(message), flipped(signature, at))).toBe(CKR_SIGNATURE_INVALID);
      }),
      { numRuns: 5 },
    );
  });
});

describe("C_Verify", () => {
  test("verifies what the token signed, with the token's public key", async () => {
    const { application: signer, session: own } = await bench.loggedIn(PIN);
    await signer.signInit(own, await signer.privateKey(own, 1), CKM_ECDSA_SHA256);
    const signature = (await signer.sign(own, MESSAGE)).byteArray() as Buffer;
    const [key = 0] = await application.find(session, [
      [0x00, 2],
      [0x102, Uint8Array.of(1)],
    ]);
    await init(key, CKM_ECDSA_SHA256);
    expect(await verify(MESSAGE, signature)).toBe(0);
    await init(key, CKM_ECDSA_SHA256);
    expect(await verify(Buffer.from("simple"), signature)).toBe(CKR_SIGNATURE_INVALID);
  });

  test.each([0, 63, 65, 96])("of a signature of %i bytes answers CKR_SIGNATURE_LEN_RANGE, and ends the operation", async (length) => {
    for (const type of [CKM_ECDSA, CKM_ECDSA_SHA256]) {
      await init(await keyOf("own"), type);
      expect(await verify(createHash("sha256").update(MESSAGE).digest(), new Uint8Array(length))).toBe(CKR_SIGNATURE_LEN_RANGE);
      expect(await verify(MESSAGE, signed(MESSAGE))).toBe(CKR_OPERATION_NOT_INITIALIZED);
    }
  });

  test("of r or s that is zero, or not below the order, answers CKR_SIGNATURE_INVALID", async () => {
    const order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const one = Buffer.alloc(32);
    one.writeUInt8(1, 31);
    for (const [r, s] of [
      [Buffer.alloc(32), one],
      [one, Buffer.alloc(32)],
      [order, one],
      [one, order],
    ] as const) {
      for (const type of [CKM_ECDSA, CKM_ECDSA_SHA256]) {
        await init(await keyOf("own"), type);
        expect(await verify(createHash("sha256").update(MESSAGE).digest(), Buffer.concat([r, s]))).toBe(CKR_SIGNATURE_INVALID);
      }
    }
  });

  test.each([0, 65])("with CKM_ECDSA, of %i bytes that are no digest, answers CKR_DATA_LEN_RANGE", async (length) => {
    await init(await keyOf("own"), CKM_ECDSA);
    expect(await verify(new Uint8Array(length), signed(MESSAGE))).toBe(CKR_DATA_LEN_RANGE);
  });
});

describe("in parts", () => {
  test("the same is verified however the data is cut", async () => {
    const key = await keyOf("own");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 6 }), async (parts) => {
        const signature = signed(Buffer.concat(parts), "sha384");
        await init(key, 0x1045);
        for (const part of parts) expect(await update(part)).toBe(0);
        expect(await final(signature)).toBe(0);
        await init(key, 0x1045);
        for (const part of [...parts, Uint8Array.of(0)]) await update(part);
        expect(await final(signature)).toBe(CKR_SIGNATURE_INVALID);
      }),
      { numRuns: 40 },
    );
  });

  test("C_Verify after C_VerifyUpdate answers CKR_OPERATION_ACTIVE, and ends the operation", async () => {
    await init(await keyOf("own"), CKM_ECDSA_SHA256);
    await update(MESSAGE);
    expect(await verify(MESSAGE, signed(MESSAGE))).toBe(CKR_OPERATION_ACTIVE);
    expect(await final(signed(MESSAGE))).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("CKM_ECDSA has no parts: CKR_OPERATION_NOT_INITIALIZED, and the operation is over", async () => {
    const key = await keyOf("own");
    await init(key, CKM_ECDSA);
    expect(await update(MESSAGE)).toBe(CKR_OPERATION_NOT_INITIALIZED);
    expect(await init(key, CKM_ECDSA)).toBe(0);
    expect(await final(signed(MESSAGE))).toBe(CKR_OPERATION_NOT_INITIALIZED);
    expect(await verify(MESSAGE, signed(MESSAGE))).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("a signature of another length answers CKR_SIGNATURE_LEN_RANGE", async () => {
    await init(await keyOf("own"), CKM_ECDSA_SHA256);
    await update(MESSAGE);
    expect(await final(signed(MESSAGE).subarray(1))).toBe(CKR_SIGNATURE_LEN_RANGE);
  });
});

describe("C_VerifyInit", () => {
  test("twice answers CKR_OPERATION_ACTIVE; without a mechanism it ends the operation", async () => {
    const key = await keyOf("own");
    await init(key, CKM_ECDSA);
    expect(await init(key, CKM_ECDSA)).toBe(CKR_OPERATION_ACTIVE);
    expect((await application.rpc.call("C_VerifyInit", u(session), Buffer.alloc(4, 0xff), u(0))).rv).toBe(0);
    expect(await verify(MESSAGE, signed(MESSAGE))).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test.each([
    ["not for verifying", CKR_KEY_FUNCTION_NOT_PERMITTED],
    ["RSA", CKR_KEY_TYPE_INCONSISTENT],
    ["P-521", CKR_KEY_TYPE_INCONSISTENT],
    ["wrong curve", CKR_KEY_TYPE_INCONSISTENT],
    ["off the curve", CKR_KEY_TYPE_INCONSISTENT],
    ["without a point", CKR_KEY_TYPE_INCONSISTENT],
  ])("with a key that is %s answers 0x%s", async (label, rv) => {
    expect(await init(await keyOf(label), CKM_ECDSA)).toBe(rv);
  });

  test("with a private key answers CKR_KEY_TYPE_INCONSISTENT, with what is no key CKR_KEY_HANDLE_INVALID", async () => {
    const { application: other, session: own } = await bench.loggedIn(PIN);
    const key = await other.privateKey(own, 1);
    const call = other.rpc.call("C_VerifyInit", u(own), mechanism(CKM_ECDSA, 1), u(key));
    expect((await call).rv).toBe(CKR_KEY_TYPE_INCONSISTENT);
    expect(await init(99999, CKM_ECDSA)).toBe(CKR_KEY_HANDLE_INVALID);
  });

  test("with another mechanism answers CKR_MECHANISM_INVALID, with a parameter CKR_MECHANISM_PARAM_INVALID", async () => {
    const key = await keyOf("own");
    expect(await init(key, 0x1042)).toBe(CKR_MECHANISM_INVALID);
    const withParameter = Buffer.concat([fy(CKM_ECDSA), string(Uint8Array.of(1))]);
    expect((await application.rpc.call("C_VerifyInit", u(session), withParameter, u(key))).rv).toBe(CKR_MECHANISM_PARAM_INVALID);
  });
});
