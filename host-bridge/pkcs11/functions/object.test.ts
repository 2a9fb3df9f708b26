// Finding and reading objects: PKCS#11 2.40 §5.7.

import { createPublicKey, type X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  OBJECT_KEY_HISTORY,
  OBJECT_SIGNATURE_CERTIFICATE,
  retiredKeySlot,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../../protocol/piv.ts";
import { type RpcApplication, RpcBench } from "../../../test/support/rpc-bench.ts";
import { fu, template, u } from "../../../test/support/rpc-client.ts";
import { PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { issue } from "../../../test/support/test-certificates.ts";

const CKO_CERTIFICATE = 1;
const CKO_PROFILE = 9;
const CKA_DERIVE = 0x10c;
const CKA_PROFILE_ID = 0x601;
const CKO_PUBLIC_KEY = 2;
const CKO_PRIVATE_KEY = 3;
const CKA_CLASS = 0x00;
const CKA_TOKEN = 0x01;
const CKA_PRIVATE = 0x02;
const CKA_LABEL = 0x03;
const CKA_VALUE = 0x11;
const CKA_ISSUER = 0x81;
const CKA_SERIAL_NUMBER = 0x82;
const CKA_KEY_TYPE = 0x100;
const CKA_SUBJECT = 0x101;
const CKA_ID = 0x102;
const CKA_SENSITIVE = 0x103;
const CKA_DECRYPT = 0x105;
const CKA_SIGN = 0x108;
const CKA_MODULUS = 0x120;
const CKA_PUBLIC_KEY_INFO = 0x129;
const CKA_EXTRACTABLE = 0x162;
const CKA_LOCAL = 0x163;
const CKA_NEVER_EXTRACTABLE = 0x164;
const CKA_ALWAYS_SENSITIVE = 0x165;
const CKA_EC_PARAMS = 0x180;
const CKA_EC_POINT = 0x181;
const CKA_ALWAYS_AUTHENTICATE = 0x202;
const CKR_ARGUMENTS_BAD = 0x07;
const CKR_ATTRIBUTE_SENSITIVE = 0x11;
const CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
const CKR_OBJECT_HANDLE_INVALID = 0x82;
const CKR_BUFFER_TOO_SMALL = 0x150;

const folder = temporaryFolder();
let bench: RpcBench;
let point: Uint8Array;
let certificate: X509Certificate;
/** Logged in. */
let user: { application: RpcApplication; session: number };

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => {
    point = await simulated.makeKey(SLOT_SIGNATURE);
    await simulated.makeKey(SLOT_AUTHENTICATION);
    await simulated.makeKey(SLOT_CARD_AUTHENTICATION);
    certificate = (await issue({ name: "CN=Anne Faron, O=Cabinet Faron" })).certificate;
    await simulated.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, certificate.raw);
  });
  user = await bench.loggedIn(PIN);
});

afterAll(() => bench.close());

const id = (value: number): readonly [number, Uint8Array] => [CKA_ID, Uint8Array.of(value)];

async function one(objectClass: number, keyId = 2): Promise<number> {
  const [found, ...more] = await user.application.find(user.session, [[CKA_CLASS, objectClass], id(keyId)]);
  if (found === undefined || more.length > 0) throw new Error("not exactly one object");
  return found;
}

/** Values, with room for anything. */
async function values(object: number, types: readonly number[]): Promise<unknown[]> {
  const asked = types.map((type) => [type, 4096] as const);
  const answer = await user.application.attributes(user.session, object, asked);
  const attributes = answer.attributes();
  expect(answer.ulong()).toBe(0);
  return attributes.map(({ value }) => value);
}

describe("C_FindObjects", () => {
  test("finds for everybody what is public: certificates, public keys, the key that needs no PIN, the profile", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.find(session, [])).toHaveLength(1 + 3 + 1 + 1);
    expect(await application.find(session, [[CKA_CLASS, CKO_PRIVATE_KEY]])).toHaveLength(1);
    expect(await application.find(session, [[CKA_CLASS, CKO_PRIVATE_KEY], id(4)])).toHaveLength(1);
  });

  test("finds the private keys after login, each under the CKA_ID of its slot", async () => {
    const { application, session } = user;
    expect(await application.find(session, [])).toHaveLength(1 + 3 + 3 + 1);
    for (const keyId of [1, 2, 4]) expect(await application.find(session, [[CKA_CLASS, CKO_PRIVATE_KEY], id(keyId)])).toHaveLength(1);
  });

  test("matches every attribute of the template, or nothing", async () => {
    const { application, session } = user;
    const signing = [[CKA_CLASS, CKO_PRIVATE_KEY], [CKA_TOKEN, true], [CKA_SIGN, true], [CKA_KEY_TYPE, 3], id(2)] as const;
    expect(await application.find(session, signing)).toHaveLength(1);
    expect(await application.find(session, [...signing, [CKA_EXTRACTABLE, true]])).toEqual([]);
    expect(await application.find(session, [...signing, [CKA_MODULUS, new Uint8Array(3)]])).toEqual([]);
  });

  test("gives as many as asked for, the rest the next time, each once", async () => {
    const { application, session } = user;
    await application.rpc.call("C_FindObjectsInit", u(session), template([]));
    const rounds = [];
    for (let round = 0; round < 4; round++) rounds.push((await application.rpc.call("C_FindObjects", u(session), fu(3))).ulongArray());
    await application.rpc.call("C_FindObjectsFinal", u(session));
    expect(rounds.map((round) => (typeof round === "number" ? -1 : round.length))).toEqual([3, 3, 2, 0]);
    expect(new Set(rounds.flat()).size).toBe(8);
  });

  test("without room answers CKR_ARGUMENTS_BAD, and the search goes on", async () => {
    const { application, session } = user;
    await application.rpc.call("C_FindObjectsInit", u(session), template([]));
    expect((await application.rpc.call("C_FindObjects", u(session), fu(0))).rv).toBe(CKR_ARGUMENTS_BAD);
    expect((await application.rpc.call("C_FindObjects", u(session), fu(99))).ulongArray()).toHaveLength(8);
    await application.rpc.call("C_FindObjectsFinal", u(session));
  });

  test("gives an object the same handle each time", async () => {
    expect(await one(CKO_CERTIFICATE)).toBe(await one(CKO_CERTIFICATE));
  });

  test("is one search at a time in a session", async () => {
    const { application } = user;
    const session = await application.openSession();
    expect((await application.rpc.call("C_FindObjects", u(session), fu(1))).rv).toBe(0x91);
    expect((await application.rpc.call("C_FindObjectsFinal", u(session))).rv).toBe(0x91);
    expect((await application.rpc.call("C_FindObjectsInit", u(session), template([]))).rv).toBe(0);
    expect((await application.rpc.call("C_FindObjectsInit", u(session), template([]))).rv).toBe(0x90);
  });
});

describe("the three objects of a key", () => {
  test("the certificate has its bytes, and subject, issuer and serial number as they stand in it", async () => {
    const [value, subject, issuer, serial, label] = await values(await one(CKO_CERTIFICATE), [
      CKA_VALUE,
      CKA_SUBJECT,
      CKA_ISSUER,
      CKA_SERIAL_NUMBER,
      CKA_LABEL,
    ]);
    expect(value).toEqual(certificate.raw);
    expect([subject, issuer].every((name) => name instanceof Uint8Array && certificate.raw.includes(Buffer.from(name)))).toBe(true);
    expect(Buffer.from(serial as Uint8Array).toString("hex")).toBe(`0208${certificate.serialNumber.toLowerCase()}`);
    expect(String(label)).toBe("PIV signature");
  });

  test("the public key is the token's point, in an OCTET STRING, on prime256v1", async () => {
    const [ecPoint, parameters, info] = await values(await one(CKO_PUBLIC_KEY), [CKA_EC_POINT, CKA_EC_PARAMS, CKA_PUBLIC_KEY_INFO]);
    expect(ecPoint).toEqual(Buffer.concat([Buffer.from([0x04, 65]), point]));
    expect(Buffer.from(parameters as Uint8Array).toString("hex")).toBe("06082a8648ce3d030107");
    const key = createPublicKey({ key: Buffer.from(info as Uint8Array), format: "der", type: "spki" });
    expect(key.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });

  test("the private key signs, does not leave the token, and asks for the PIN as its policy says", async () => {
    const types = [CKA_SIGN, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_PRIVATE, CKA_ALWAYS_AUTHENTICATE];
    expect(await values(await one(CKO_PRIVATE_KEY, 2), types)).toEqual([true, true, false, true, true]);
    expect(await values(await one(CKO_PRIVATE_KEY, 1), types)).toEqual([true, true, false, true, false]);
    expect(await values(await one(CKO_PRIVATE_KEY, 4), types)).toEqual([true, true, false, false, false]);
  });

  test("the private key was made on the token and was never anywhere else, and decrypts nothing", async () => {
    const types = [CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_DECRYPT];
    expect(await values(await one(CKO_PRIVATE_KEY, 2), types)).toEqual([true, true, true, false]);
  });
});

describe("the profile of public certificates", () => {
  // p11-kit's clients know no form for CKA_PROFILE_ID (rpc-message.c, map_attribute_to_value_type): they hand its bytes to the application as they come.
  test("is seen without login, its number as a CK_ULONG of the application's machine", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    const [profile, ...more] = await application.find(session, [[CKA_CLASS, CKO_PROFILE]]);
    expect(more).toEqual([]);
    const answer = await application.attributes(session, profile ?? 0, [
      [CKA_PROFILE_ID, 8],
      [CKA_TOKEN, 1],
    ]);
    expect(answer.attributes().map(({ value }) => value)).toEqual([Buffer.from("0400000000000000", "hex"), true]);
    expect(answer.ulong()).toBe(0);
    expect(await application.find(session, [[CKA_PROFILE_ID, Buffer.from("0400000000000000", "hex")]])).toEqual([profile]);
  });
});

describe("retired keys", () => {
  let retired: RpcBench;

  afterAll(() => retired.close());

  test("are CKA_ID 5 to 24, with their certificates, agree on keys, and are found without a Key History; a certificate without its key by it", async () => {
    let own: X509Certificate | undefined;
    retired = await RpcBench.open(folder, async (simulated) => {
      await simulated.makeKey(0x82);
      await simulated.makeKey(0x95);
      await simulated.makeKey(SLOT_KEY_MANAGEMENT);
      own = (await issue({ name: "CN=Former Anne" })).certificate;
      await simulated.writeCertificate(retiredKeySlot(19).certificate, own.raw);
      await simulated.writeCertificate(retiredKeySlot(3).certificate, own.raw);
      const officer = await simulated.officer();
      await officer.writeObject(OBJECT_KEY_HISTORY, Buffer.from("c10104c20100fe00", "hex"));
      officer.close();
    });
    const { application, session } = await retired.loggedIn(PIN);
    const ids = async (objectClass: number): Promise<unknown[]> => {
      const found = await application.find(session, [[CKA_CLASS, objectClass]]);
      const told = found.map(async (object) => (await application.attributes(session, object, [[CKA_ID, 1]])).attributes()[0]?.value);
      return (await Promise.all(told)).map((value) => (value as Buffer)[0]);
    };
    expect(await ids(CKO_PRIVATE_KEY)).toEqual([3, 5, 24]);
    expect(await ids(CKO_PUBLIC_KEY)).toEqual([3, 5, 24]);
    expect(await ids(CKO_CERTIFICATE)).toEqual([8, 24]);
    expect(await application.find(session, [[CKA_DERIVE, true]])).toHaveLength(6);
    expect(
      await application.find(session, [
        [CKA_DERIVE, true],
        [CKA_SIGN, true],
      ]),
    ).toHaveLength(3);
    expect(await application.find(session, [[CKA_LABEL, Buffer.from("PIV retired key 20")]])).toHaveLength(3);
    expect(own).toBeDefined();
  });
});

describe("C_GetAttributeValue", () => {
  test("without room tells only the lengths", async () => {
    const answer = await user.application.attributes(user.session, await one(CKO_CERTIFICATE), [
      [CKA_VALUE, 0],
      [CKA_CLASS, 0],
      [CKA_TOKEN, 0],
    ]);
    expect(answer.attributes().map(({ lengthBytes }) => lengthBytes)).toEqual([certificate.raw.length, 8, 1]);
    expect(answer.ulong()).toBe(0);
    expect(answer.isAtEnd).toBe(true);
  });

  // p11-kit's client takes the CKR that stands behind the attributes, whatever it found while reading them (rpc-client.c,
  // proto_read_attribute_array): with CKR_OK the application would read a buffer that nobody filled.
  test("with too little room for one answers CKR_BUFFER_TOO_SMALL with its length, and still gives the others", async () => {
    const answer = await user.application.attributes(user.session, await one(CKO_CERTIFICATE), [
      [CKA_VALUE, 10],
      [CKA_ID, 10],
    ]);
    expect(answer.attributes()).toEqual([
      { type: CKA_VALUE, lengthBytes: certificate.raw.length, value: null },
      { type: CKA_ID, lengthBytes: 1, value: Buffer.from([2]) },
    ]);
    expect(answer.ulong()).toBe(CKR_BUFFER_TOO_SMALL);
  });

  test("never gives the value of a private key, and tells that it is sensitive", async () => {
    const answer = await user.application.attributes(user.session, await one(CKO_PRIVATE_KEY), [
      [CKA_VALUE, 100],
      [CKA_KEY_TYPE, 8],
    ]);
    expect(answer.attributes()).toEqual([
      { type: CKA_VALUE, lengthBytes: null, value: null },
      { type: CKA_KEY_TYPE, lengthBytes: 8, value: 3 },
    ]);
    expect(answer.ulong()).toBe(CKR_ATTRIBUTE_SENSITIVE);
  });

  test("of an attribute that there is not answers CKR_ATTRIBUTE_TYPE_INVALID, and gives the others", async () => {
    const answer = await user.application.attributes(user.session, await one(CKO_PUBLIC_KEY), [
      [CKA_MODULUS, 100],
      [CKA_CLASS, 8],
      [CKA_VALUE, 100],
    ]);
    expect(answer.attributes().map(({ value }) => value)).toEqual([null, CKO_PUBLIC_KEY, null]);
    expect(answer.ulong()).toBe(CKR_ATTRIBUTE_TYPE_INVALID);
  });

  test("tells of the first attribute that could not be given", async () => {
    const answer = await user.application.attributes(user.session, await one(CKO_PRIVATE_KEY), [
      [CKA_VALUE, 100],
      [CKA_MODULUS, 100],
    ]);
    answer.attributes();
    expect(answer.ulong()).toBe(CKR_ATTRIBUTE_SENSITIVE);
  });

  test("of a private key is refused to an application that is not logged in, even with the right handle", async () => {
    const key = await one(CKO_PRIVATE_KEY);
    const { application, session } = user;
    await application.logout(session);
    expect((await application.attributes(session, key, [[CKA_CLASS, 8]])).rv).toBe(CKR_OBJECT_HANDLE_INVALID);
    expect(await application.login(session, PIN)).toBe(0);
    expect((await application.attributes(session, key, [[CKA_CLASS, 8]])).rv).toBe(0);
  });

  test("of a handle that was never given answers CKR_OBJECT_HANDLE_INVALID", async () => {
    expect((await user.application.attributes(user.session, 12345, [[CKA_CLASS, 8]])).rv).toBe(CKR_OBJECT_HANDLE_INVALID);
  });
});
