// RSA keys of a PIV card that is no token of ours, in a reader in memory: objects, mechanisms, signing, verifying, decrypting, making keys.

import { constants, createPublicKey, type KeyObject, sign as nodeSign, publicEncrypt, randomBytes, verify } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PIN_POLICY_ALWAYS } from "../../../protocol/piv.ts";
import { FakePcsc } from "../../../test/support/fake-pcsc.ts";
import { MemoryManagementKeys } from "../../../test/support/memory-management-keys.ts";
import { certify } from "../../../test/support/plain-card-bench.ts";
import { CKM_ECDSA, CKU_CONTEXT_SPECIFIC, type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import {
  ay,
  fu,
  fy,
  mechanism,
  type RpcAnswer,
  rooms,
  rsaMechanism,
  type TemplateRow,
  template,
  u,
} from "../../../test/support/rpc-client.ts";
import { newRsaKey, RsaToken } from "../../../test/support/rsa-token.ts";
import { ascii, PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { PinPrompt } from "../../pin-prompt/pin-prompt.ts";
import { openPcscTransport } from "../../transport/pcsc.ts";
import type { Services } from "../application/services.ts";

const [CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_RSA_PKCS_OAEP, CKM_RSA_PKCS_PSS] = [0, 1, 6, 9, 0xd];
const [CKM_SHA256_RSA_PKCS, CKM_SHA512_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS] = [0x40, 0x42, 0x43, 0x45];
const [CKM_SHA_1, CKM_SHA256, CKM_SHA512] = [0x220, 0x250, 0x270];
const [CKA_KEY_TYPE, CKA_DECRYPT, CKA_SIGN, CKA_DERIVE] = [0x100, 0x105, 0x108, 0x10c];
const [CKA_LOCAL, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_SENSITIVE] = [0x163, 0x164, 0x165];
const [CKA_MODULUS, CKA_MODULUS_BITS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO] = [0x120, 0x121, 0x122, 0x129];
const [CKR_ATTRIBUTE_VALUE_INVALID, CKR_DATA_LEN_RANGE, CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY] = [0x13, 0x21, 0x30, 0x31];
const [CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_FUNCTION_NOT_SUPPORTED] = [0x40, 0x41, 0x54];
const [CKR_KEY_SIZE_RANGE, CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED] = [0x62, 0x63, 0x68];
const [CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED] = [0x70, 0x71, 0x90, 0x91];
const [CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE, CKR_USER_NOT_LOGGED_IN] = [0xc0, 0xc1, 0x101];
const [CKF_DECRYPT, CKF_SIGN] = [0x200, 0x800];
const [CKA_PRIVATE_EXPONENT, CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID] = [0x123, 0x11, 0x12];
const [AUTHENTICATION, SIGNATURE, KEY_MANAGEMENT, CARD, RETIRED_1024] = [1, 2, 3, 4, 5];
const MESSAGE = randomBytes(100);
const SHA256_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

const folder = temporaryFolder();
const privateKey = newRsaKey();
const publicKey = createPublicKey(privateKey);
const short = newRsaKey(1024);
let token: RsaToken;
let pcsc: FakePcsc;
let bench: RpcBench;
let application: RpcApplication;
let session: number;

const openBench = (card: FakePcsc, simulated: RsaToken, services: Partial<Services> = {}): Promise<RpcBench> =>
  RpcBench.open(folder, async () => {}, {
    simulated,
    services: { managementKeys: new MemoryManagementKeys(), ...services },
    transport: () => openPcscTransport(card, card.name),
  });

beforeAll(async () => {
  token = await RsaToken.initialised();
  await token.certifyKey(0x9a, privateKey);
  await token.certifyKey(0x9c, privateKey);
  await token.certifyKey(0x9d, privateKey);
  await certify(token, 0x9e);
  await token.certifyKey(0x82, short);
  pcsc = new FakePcsc(token);
  bench = await openBench(pcsc, token);
  application = await bench.application();
  session = await application.openSession(SLOT_ID, true);
});

beforeEach(async () => {
  // The card has one login, which another test's application may have taken away.
  await application.logout(session);
  expect(await application.login(session, PIN)).toBe(0);
  for (const call of ["C_SignInit", "C_DecryptInit"] as const) await application.rpc.call(call, u(session), Buffer.alloc(4, 0xff), u(0));
});

afterAll(() => bench.close());

const key = (id: number): Promise<number> => application.privateKey(session, id);
const publicKeyOf = async (id: number): Promise<number> => {
  const [found = 0] = await application.find(session, [
    [0x00, 2],
    [0x102, Uint8Array.of(id)],
  ]);
  return found;
};
const signInit = async (mechanismBytes: Uint8Array, id = AUTHENTICATION): Promise<number> =>
  (await application.rpc.call("C_SignInit", u(session), mechanismBytes, u(await key(id)))).rv;
const plain = (type: number): Buffer => mechanism(type, 1);
const pss = (type: number, hash: number, mgf: number, salt: number): Buffer => rsaMechanism(type, 1, [hash, mgf, salt]);
const bytesOf = (answer: RpcAnswer): Buffer => {
  const bytes = answer.rv === 0 ? answer.byteArray() : 0;
  if (typeof bytes === "number") throw new Error(`no bytes: 0x${answer.rv.toString(16)}`);
  return bytes;
};
const digest = async (name: string): Promise<Buffer> => Buffer.from(await crypto.subtle.digest(name, MESSAGE));

test("the card's slot has RSA mechanisms, a slot with a token of ours none", async () => {
  const listed = async (of: RpcApplication): Promise<number[]> =>
    (await of.rpc.call("C_GetMechanismList", u(SLOT_ID), fu(100))).ulongArray() as number[];
  expect(await listed(application)).toEqual(expect.arrayContaining([CKM_ECDSA, CKM_RSA_PKCS, CKM_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS]));
  const ours = await RpcBench.open(folder);
  const other = await ours.application();
  const own = await other.openSession();
  expect((await listed(other)).filter((type) => type < 0x220)).toEqual([]);
  expect((await other.rpc.call("C_GetMechanismInfo", u(SLOT_ID), u(CKM_RSA_PKCS))).rv).toBe(CKR_MECHANISM_INVALID);
  expect(await other.signInit(own, 0, CKM_RSA_PKCS)).toBe(CKR_MECHANISM_INVALID);
  expect((await other.rpc.call("C_DecryptInit", u(own), plain(CKM_RSA_PKCS), u(0))).rv).toBe(CKR_FUNCTION_NOT_SUPPORTED);
  await ours.close();
});

test("keys are shown with modulus and exponent; 9D and the retired ones decrypt, and nothing is claimed of where they were made", async () => {
  const origin = [CKA_LOCAL, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_SENSITIVE];
  const asked = [CKA_KEY_TYPE, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO, CKA_SIGN, CKA_DECRYPT, CKA_DERIVE, ...origin];
  const shown = async (id: number): Promise<unknown[]> => {
    const answer = await application.attributes(
      session,
      await key(id),
      asked.map((type) => [type, 1000] as const),
    );
    return answer.attributes().map(({ value }) => value);
  };
  const { n = "" } = publicKey.export({ format: "jwk" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  const numbers = [Buffer.from(n, "base64url"), Buffer.of(1, 0, 1), spki];
  expect(await shown(AUTHENTICATION)).toEqual([0, ...numbers, true, false, false, false, false, false]);
  expect(await shown(KEY_MANAGEMENT)).toEqual([0, ...numbers, true, true, false, false, false, false]);
  const bits = async (id: number): Promise<unknown> =>
    (
      await application.rpc.call("C_GetAttributeValue", u(session), u(await publicKeyOf(id)), rooms([[CKA_MODULUS_BITS, 8]]))
    ).attributes()[0]?.value;
  expect([await bits(AUTHENTICATION), await bits(RETIRED_1024)]).toEqual([2048, 1024]);
});

test("what an RSA key keeps to itself is CKR_ATTRIBUTE_SENSITIVE; a key on a curve has no such thing", async () => {
  const outcome = async (id: number): Promise<unknown> => {
    const answer = await application.attributes(session, await key(id), [[CKA_PRIVATE_EXPONENT, 1000]]);
    answer.attributes();
    return answer.ulong();
  };
  expect([await outcome(AUTHENTICATION), await outcome(CARD)]).toEqual([CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID]);
});

describe("C_Sign", () => {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const isPss = (hash: string, saltLength: number, signature: Uint8Array): boolean =>
    verify(hash, MESSAGE, { key: publicKey, padding, saltLength }, signature);

  test.each([
    [CKM_SHA1_RSA_PKCS, "sha1"],
    [CKM_SHA256_RSA_PKCS, "sha256"],
    [CKM_SHA512_RSA_PKCS, "sha512"],
  ])("mechanism 0x%s digests the data (%s): in one part and in several", async (type, hash) => {
    expect(await signInit(plain(type))).toBe(0);
    const whole = bytesOf(await application.sign(session, MESSAGE, 256));
    expect(whole).toEqual(nodeSign(hash, MESSAGE, privateKey));
    await signInit(plain(type));
    for (const part of [MESSAGE.subarray(0, 7), MESSAGE.subarray(7)]) await application.rpc.call("C_SignUpdate", u(session), ay(part));
    expect(bytesOf(await application.rpc.call("C_SignFinal", u(session), fy(300)))).toEqual(whole);
  });

  test("CKM_RSA_PKCS signs what the application has encoded, up to eleven bytes below the modulus", async () => {
    await signInit(plain(CKM_RSA_PKCS));
    const info = Buffer.concat([SHA256_INFO, await digest("SHA-256")]);
    expect(bytesOf(await application.sign(session, info, 256))).toEqual(nodeSign("sha256", MESSAGE, privateKey));
    await signInit(plain(CKM_RSA_PKCS));
    expect(bytesOf(await application.sign(session, randomBytes(245), 256))).toHaveLength(256);
    await signInit(plain(CKM_RSA_PKCS));
    expect((await application.sign(session, randomBytes(246), 256)).rv).toBe(CKR_DATA_LEN_RANGE);
    expect((await application.sign(session, info, 256)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test.each([0, 1, 2])("PSS, for a client of version %i", async (version) => {
    const other = await bench.application(version);
    const own = await other.openSession();
    await other.login(own, PIN);
    const handle = await other.privateKey(own, AUTHENTICATION);
    const init = (bytes: Buffer): Promise<RpcAnswer> => other.rpc.call("C_SignInit", u(own), bytes, u(handle));
    expect((await init(rsaMechanism(CKM_SHA256_RSA_PKCS_PSS, version, [CKM_SHA256, 2, 32]))).rv).toBe(0);
    expect(isPss("sha256", 32, bytesOf(await other.sign(own, MESSAGE, 256)))).toBe(true);
    expect((await init(rsaMechanism(CKM_RSA_PKCS_PSS, version, [CKM_SHA512, 4, 20]))).rv).toBe(0);
    expect(isPss("sha512", 20, bytesOf(await other.sign(own, await digest("SHA-512"), 256)))).toBe(true);
  });

  test("PSS of data that are no digest of the kind that was named: CKR_DATA_LEN_RANGE", async () => {
    await signInit(pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 2, 32));
    expect((await application.sign(session, randomBytes(31), 256)).rv).toBe(CKR_DATA_LEN_RANGE);
  });

  test.each<[string, Buffer, number]>([
    ["PSS without parameters", rsaMechanism(CKM_RSA_PKCS_PSS, 1, [0, 0, 0]), CKR_MECHANISM_PARAM_INVALID],
    ["another digest than the mechanism's", pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA512, 4, 32), CKR_MECHANISM_PARAM_INVALID],
    ["another digest in the mask", pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 1, 32), CKR_MECHANISM_PARAM_INVALID],
    ["no digest", pss(CKM_RSA_PKCS_PSS, CKM_RSA_PKCS, 2, 32), CKR_MECHANISM_PARAM_INVALID],
    ["a salt that does not fit", pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 2, 223), CKR_KEY_SIZE_RANGE],
    ["a salt beyond all numbers", pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 2, Number.MAX_SAFE_INTEGER), CKR_KEY_SIZE_RANGE],
    ["ECDSA", plain(CKM_ECDSA), CKR_KEY_TYPE_INCONSISTENT],
    ["OAEP, which signs nothing", rsaMechanism(CKM_RSA_PKCS_OAEP, 1, [CKM_SHA256, 2, 1], new Uint8Array(0)), CKR_MECHANISM_INVALID],
  ])("C_SignInit with %s", async (_, mechanismBytes, rv) => {
    expect(await signInit(mechanismBytes)).toBe(rv);
  });

  test("an RSA mechanism with an EC key: CKR_KEY_TYPE_INCONSISTENT; SHA-512 with a salt of 64 and 1,024 bits: CKR_KEY_SIZE_RANGE", async () => {
    expect(await signInit(plain(CKM_SHA256_RSA_PKCS), CARD)).toBe(CKR_KEY_TYPE_INCONSISTENT);
    expect(await signInit(pss(CKM_SHA512_RSA_PKCS_PSS, CKM_SHA512, 4, 64), RETIRED_1024)).toBe(CKR_KEY_SIZE_RANGE);
    expect(await signInit(plain(CKM_SHA256_RSA_PKCS), RETIRED_1024)).toBe(0);
    expect(bytesOf(await application.sign(session, MESSAGE, 256))).toEqual(nodeSign("sha256", MESSAGE, short));
  });

  test("tells the length by the key, and too little room ends nothing", async () => {
    await signInit(plain(CKM_SHA256_RSA_PKCS));
    const before = token.operations;
    expect((await application.sign(session, MESSAGE, 0)).byteArray()).toBe(256);
    expect((await application.sign(session, MESSAGE, 255)).byteArray()).toBe(256);
    expect(token.operations).toBe(before);
    expect(bytesOf(await application.sign(session, MESSAGE, 256))).toHaveLength(256);
  });

  test("with 9C wants the PIN each time", async () => {
    expect(await signInit(plain(CKM_SHA256_RSA_PKCS), SIGNATURE)).toBe(0);
    expect((await application.sign(session, MESSAGE, 256)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    await signInit(plain(CKM_SHA256_RSA_PKCS), SIGNATURE);
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
    expect(bytesOf(await application.sign(session, MESSAGE, 256))).toEqual(nodeSign("sha256", MESSAGE, privateKey));
  });

  test("a signature that a fault has spoiled does not go out: it would tell the key", async () => {
    await signInit(plain(CKM_SHA256_RSA_PKCS));
    token.isFaulty = true;
    const answer = await application.sign(session, MESSAGE, 256);
    token.isFaulty = false;
    expect(answer.rv).toBe(CKR_DEVICE_ERROR);
  });
});

describe("C_Verify", () => {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const init = async (mechanismBytes: Buffer, id = AUTHENTICATION): Promise<number> =>
    (await application.rpc.call("C_VerifyInit", u(session), mechanismBytes, u(await publicKeyOf(id)))).rv;
  const verdict = async (data: Uint8Array, signature: Uint8Array): Promise<number> =>
    (await application.rpc.call("C_Verify", u(session), ay(data), ay(signature))).rv;

  test("knows what is signed, and what is not", async () => {
    const byHash = nodeSign("sha256", MESSAGE, privateKey);
    const byPss = nodeSign("sha256", MESSAGE, { key: privateKey, padding, saltLength: 32 });
    const mechanisms: [Buffer, Uint8Array, Uint8Array][] = [
      [plain(CKM_SHA256_RSA_PKCS), MESSAGE, byHash],
      [plain(CKM_RSA_PKCS), Buffer.concat([SHA256_INFO, await digest("SHA-256")]), byHash],
      [pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, 2, 32), MESSAGE, byPss],
      [pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 2, 32), await digest("SHA-256"), byPss],
    ];
    for (const [mechanismBytes, data, signature] of mechanisms) {
      expect(await init(mechanismBytes)).toBe(0);
      expect(await verdict(data, signature)).toBe(0);
      await init(mechanismBytes);
      expect(await verdict(data, Buffer.from(signature).fill(1, 255))).toBe(CKR_SIGNATURE_INVALID);
      await init(mechanismBytes);
      expect(await verdict(data, Buffer.alloc(256, 0xff))).toBe(CKR_SIGNATURE_INVALID);
      await init(mechanismBytes);
      expect(await verdict(data, signature.subarray(1))).toBe(CKR_SIGNATURE_LEN_RANGE);
    }
    for (const [mechanismBytes, lengthBytes] of [
      [plain(CKM_RSA_PKCS), 246],
      [pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 2, 32), 31],
    ] as const) {
      await init(mechanismBytes);
      expect(await verdict(randomBytes(lengthBytes), byHash)).toBe(CKR_DATA_LEN_RANGE);
    }
    await init(plain(CKM_SHA256_RSA_PKCS));
    for (const part of [MESSAGE.subarray(0, 50), MESSAGE.subarray(50)]) await application.rpc.call("C_VerifyUpdate", u(session), ay(part));
    expect((await application.rpc.call("C_VerifyFinal", u(session), ay(byHash))).rv).toBe(0);
  });
});

describe("C_Decrypt", () => {
  const oaep = (numbers: readonly number[], label = new Uint8Array(0)): Buffer => rsaMechanism(CKM_RSA_PKCS_OAEP, 1, numbers, label);
  const init = async (mechanismBytes: Buffer, id = KEY_MANAGEMENT): Promise<number> =>
    (await application.rpc.call("C_DecryptInit", u(session), mechanismBytes, u(await key(id)))).rv;
  const decrypt = (ciphertext: Uint8Array, room = 256): Promise<RpcAnswer> =>
    application.rpc.call("C_Decrypt", u(session), ay(ciphertext), fy(room));
  const pkcs1 = (of: KeyObject = publicKey): Buffer => publicEncrypt({ key: of, padding: constants.RSA_PKCS1_PADDING }, MESSAGE);

  test("PKCS#1 v1.5 and OAEP, with a label and without", async () => {
    expect(await init(plain(CKM_RSA_PKCS))).toBe(0);
    expect(bytesOf(await decrypt(pkcs1()))).toEqual(MESSAGE);
    expect(await init(oaep([CKM_SHA_1, 1, 0]))).toBe(0);
    expect(bytesOf(await decrypt(publicEncrypt({ key: publicKey, oaepHash: "sha1" }, MESSAGE)))).toEqual(MESSAGE);
    const label = Buffer.from("label");
    expect(await init(oaep([CKM_SHA256, 2, 1], label))).toBe(0);
    const labelled = publicEncrypt({ key: publicKey, oaepHash: "sha256", oaepLabel: label }, MESSAGE);
    expect(bytesOf(await decrypt(labelled))).toEqual(MESSAGE);
    await init(oaep([CKM_SHA256, 2, 1]));
    expect((await decrypt(labelled)).rv).toBe(CKR_ENCRYPTED_DATA_INVALID);
  });

  test("a padding that is none is answered with a message like any other, each time the same", async () => {
    const wrong = publicEncrypt({ key: publicKey, oaepHash: "sha256" }, MESSAGE);
    await init(plain(CKM_RSA_PKCS));
    const first = bytesOf(await decrypt(wrong));
    await init(plain(CKM_RSA_PKCS));
    expect(bytesOf(await decrypt(wrong))).toEqual(first);
    expect(first.length).toBeLessThanOrEqual(245);
  });

  test("the length that is told is that of the longest message, and the card is not asked for it", async () => {
    await init(plain(CKM_RSA_PKCS));
    const before = token.operations;
    for (const room of [0, 100, 244]) expect((await decrypt(pkcs1(), room)).byteArray()).toBe(245);
    expect(token.operations).toBe(before);
    expect(bytesOf(await decrypt(pkcs1(), 245))).toEqual(MESSAGE);
    await init(oaep([CKM_SHA256, 2, 1]));
    expect((await decrypt(pkcs1(), 0)).byteArray()).toBe(190);
  });

  test.each<[string, Buffer, number]>([
    ["a byte too few", randomBytes(255), CKR_ENCRYPTED_DATA_LEN_RANGE],
    ["nothing", Buffer.alloc(0), CKR_ENCRYPTED_DATA_LEN_RANGE],
    ["a number that is not below the modulus", Buffer.alloc(256, 0xff), CKR_ENCRYPTED_DATA_INVALID],
  ])("%s is no ciphertext: the card is not asked, and the operation ends", async (_, ciphertext, rv) => {
    const before = token.operations;
    await init(plain(CKM_RSA_PKCS));
    expect((await decrypt(ciphertext)).rv).toBe(rv);
    expect((await decrypt(pkcs1())).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
    expect(token.operations).toBe(before);
  });

  test("keys that do not decrypt, mechanisms that are none, and an operation that is under way", async () => {
    expect(await init(plain(CKM_RSA_PKCS), AUTHENTICATION)).toBe(CKR_KEY_FUNCTION_NOT_PERMITTED);
    expect(await init(plain(CKM_SHA256_RSA_PKCS))).toBe(CKR_MECHANISM_INVALID);
    expect(await init(oaep([CKM_SHA256, 1, 1]))).toBe(CKR_MECHANISM_PARAM_INVALID);
    expect(await init(oaep([CKM_SHA256, 2, 0], Uint8Array.of(1)))).toBe(CKR_MECHANISM_PARAM_INVALID);
    expect(await init(oaep([CKM_SHA512, 4, 1]), RETIRED_1024)).toBe(CKR_KEY_SIZE_RANGE);
    expect(await init(plain(CKM_RSA_PKCS))).toBe(0);
    expect(await init(plain(CKM_RSA_PKCS))).toBe(CKR_OPERATION_ACTIVE);
    expect((await application.rpc.call("C_SessionCancel", u(session), u(CKF_DECRYPT))).rv).toBe(0);
    expect((await decrypt(pkcs1())).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test.each([
    ["PKCS#1 v1.5", plain(CKM_RSA_PKCS)],
    ["OAEP", oaep([CKM_SHA256, 2, 1])],
  ])("what is not the key's work is no message (%s): the card's fault, or the certificate is another key's", async (_, mechanismBytes) => {
    await init(mechanismBytes);
    token.isFaulty = true;
    const answer = await decrypt(pkcs1());
    token.isFaulty = false;
    expect(answer.rv).toBe(CKR_DEVICE_ERROR);
  });

  describe("with keys that want their PIN each time", () => {
    let own: RpcBench;
    let program: RpcApplication;
    let at: number;

    async function openAlways(pinPrompt: PinPrompt | null = null): Promise<void> {
      const always = await RsaToken.initialised();
      for (const slot of [0x9c, 0x9d]) always.setKey(slot, privateKey, PIN_POLICY_ALWAYS);
      const card = new FakePcsc(always, "Another reader");
      card.extraCommands = [0xf7];
      own = await openBench(card, always, { pinPrompt });
      ({ application: program, session: at } = await own.loggedIn(PIN));
    }
    afterEach(() => own.close());

    const begin = async (call: "C_SignInit" | "C_DecryptInit"): Promise<number> => {
      const [type, id] = call === "C_SignInit" ? [CKM_SHA256_RSA_PKCS, SIGNATURE] : [CKM_RSA_PKCS, KEY_MANAGEMENT];
      return (await program.rpc.call(call, u(at), plain(type), u(await program.privateKey(at, id)))).rv;
    };
    const open = (): Promise<RpcAnswer> => program.rpc.call("C_Decrypt", u(at), ay(pkcs1()), fy(256));
    const cancel = async (flag: number): Promise<void> => void (await program.rpc.call("C_SessionCancel", u(at), u(flag)));

    test("a context login is for what was begun last", async () => {
      await openAlways();
      expect(await begin("C_DecryptInit")).toBe(0);
      expect((await open()).rv).toBe(CKR_USER_NOT_LOGGED_IN);
      for (const call of ["C_SignInit", "C_DecryptInit"] as const) expect(await begin(call)).toBe(0);
      expect(await program.login(at, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
      expect(bytesOf(await open())).toEqual(MESSAGE);
      expect(await program.login(at, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
      expect(bytesOf(await program.sign(at, MESSAGE, 256))).toEqual(nodeSign("sha256", MESSAGE, privateKey));
    });

    test("the PIN for a signature that has ended meanwhile is none for the decryption", async () => {
      await openAlways();
      for (const call of ["C_DecryptInit", "C_SignInit"] as const) expect(await begin(call)).toBe(0);
      let free = (): void => {};
      const turn = own.slot.inPinTurn(
        () =>
          new Promise<void>((resolve) => {
            free = resolve;
          }),
      );
      const login = program.login(at, PIN, CKU_CONTEXT_SPECIFIC);
      await cancel(CKF_SIGN);
      free();
      await turn;
      expect(await login).toBe(CKR_OPERATION_NOT_INITIALIZED);
      expect((await open()).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    });

    test("a person who is asked for the one is not given up with the other", async () => {
      const asked: string[] = [];
      let answer = (_: Uint8Array): void => {};
      await openAlways({
        ask: ({ what }, signal) => {
          asked.push(what);
          return new Promise((resolve) => {
            answer = resolve;
            signal?.addEventListener("abort", () => resolve(null));
          });
        },
      });
      for (const call of ["C_SignInit", "C_DecryptInit"] as const) expect(await begin(call)).toBe(0);
      const opening = open();
      await expect.poll(() => asked).toEqual(["decryption"]);
      await cancel(CKF_SIGN);
      answer(ascii(PIN));
      expect(bytesOf(await opening)).toEqual(MESSAGE);
    });
  });
});

describe("C_GenerateKeyPair", () => {
  const generate = (forPublic: readonly TemplateRow[], id: number): Promise<RpcAnswer> => {
    const rows: readonly TemplateRow[] = [[0x00, 2], [0x01, true], [0x104, true], ...forPublic];
    const privateRows: readonly TemplateRow[] = [
      [0x00, 3],
      [0x01, true],
      [0x02, true],
      [CKA_DECRYPT, true],
      [0x102, Uint8Array.of(id)],
    ];
    const args = [u(session), plain(CKM_RSA_PKCS_KEY_PAIR_GEN), template(rows), template(privateRows)];
    return application.rpc.call("C_GenerateKeyPair", ...args);
  };

  test("makes an RSA key on the card, in an empty slot, which signs", async () => {
    const answer = await generate(
      [
        [CKA_MODULUS_BITS, 2048],
        [CKA_PUBLIC_EXPONENT, Uint8Array.of(1, 0, 1)],
      ],
      6,
    );
    expect(answer.rv).toBe(0);
    expect(await signInit(plain(CKM_SHA256_RSA_PKCS), 6)).toBe(0);
    const made = token.keys.get(0x83)?.privateKey;
    if (made === undefined) throw new Error("no key");
    expect(bytesOf(await application.sign(session, MESSAGE, 256))).toEqual(nodeSign("sha256", MESSAGE, made));
  });

  test.each<[string, readonly TemplateRow[], number]>([
    ["1,024 bits", [[CKA_MODULUS_BITS, 1024]], CKR_ATTRIBUTE_VALUE_INVALID],
    ["2,047 bits", [[CKA_MODULUS_BITS, 2047]], CKR_ATTRIBUTE_VALUE_INVALID],
    [
      "the exponent 3",
      [
        [CKA_MODULUS_BITS, 2048],
        [CKA_PUBLIC_EXPONENT, Uint8Array.of(3)],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    ["no length", [], 0xd0],
    ["4,096 bits, which this card does not make", [[CKA_MODULUS_BITS, 4096]], CKR_ATTRIBUTE_VALUE_INVALID],
  ])("of %s is refused", async (_, rows, rv) => {
    expect((await generate(rows, 7)).rv).toBe(rv);
  });

  test("never in the place of a key that the card tells of, also one without certificate", async () => {
    const full = await RsaToken.initialised();
    full.setKey(0x9a, privateKey);
    const card = new FakePcsc(full, "A third reader");
    card.extraCommands = [0xf7];
    const own = await openBench(card, full);
    const before = { application, session };
    application = await own.application();
    session = await application.openSession(SLOT_ID, true);
    await application.login(session, PIN);
    const taken = await generate([[CKA_MODULUS_BITS, 2048]], 1);
    ({ application, session } = before);
    await own.close();
    expect(taken.rv).toBe(CKR_DEVICE_MEMORY);
  });
});
