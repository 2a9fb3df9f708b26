// C_CreateObject, C_DestroyObject and what lies between: certificates on the token, all other objects in the bridge.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { createHash, webcrypto } from "node:crypto";
import { Extension } from "@peculiar/x509";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OBJECT_KEY_HISTORY, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../../protocol/piv.ts";
import { MemoryManagementKeys } from "../../../test/support/memory-management-keys.ts";
import { type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { type RpcAnswer, type TemplateRow, template, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type Issued, issue, newKeys } from "../../../test/support/test-certificates.ts";

const [CKO_DATA, CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKO_PROFILE] = [0, 1, 2, 3, 4, 9];
const [CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_APPLICATION, CKA_VALUE] = [0x00, 0x01, 0x02, 0x03, 0x10, 0x11];
const [CKA_CERTIFICATE_TYPE, CKA_ISSUER, CKA_SUBJECT, CKA_ID, CKA_KEY_TYPE] = [0x80, 0x81, 0x101, 0x102, 0x100];
const [CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_VALUE_LEN, CKA_EC_PARAMS, CKA_EC_POINT] = [0x103, 0x162, 0x161, 0x180, 0x181];
const [CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE, CKA_ALWAYS_SENSITIVE, CKA_MODULUS] = [0x170, 0x171, 0x172, 0x165, 0x120];
const CKR_HOST_MEMORY = 0x02;
const CKR_ATTRIBUTE_READ_ONLY = 0x10;
const CKR_ATTRIBUTE_SENSITIVE = 0x11;
const CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
const CKR_ATTRIBUTE_VALUE_INVALID = 0x13;
const CKR_ACTION_PROHIBITED = 0x1b;
const CKR_DEVICE_MEMORY = 0x31;
const CKR_OBJECT_HANDLE_INVALID = 0x82;
const CKR_SESSION_READ_ONLY = 0xb5;
const CKR_TEMPLATE_INCOMPLETE = 0xd0;
const CKR_TEMPLATE_INCONSISTENT = 0xd1;
const CKR_TOKEN_WRITE_PROTECTED = 0xe2;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const CKR_CURVE_NOT_SUPPORTED = 0x140;
const P256 = Buffer.from("06082a8648ce3d030107", "hex");
const RETIRED = 0x84;

/** A certificate of a point of P-256. @param padding bytes of an extension that nobody knows */
async function certify(point: Uint8Array, padding = 0): Promise<Uint8Array> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const publicKey = await webcrypto.subtle.importKey("raw", point, curve, true, ["verify"]);
  const extensions = padding === 0 ? [] : [new Extension("1.2.3.4", false, new Uint8Array(padding))];
  return (await issue({ name: "CN=Anne Faron", keys: { publicKey, privateKey: authority.keys.privateKey }, issuer: authority, extensions }))
    .der;
}

const folder = temporaryFolder();
let authority: Issued;
/** Of 9A; `other` is another one of the same key. */
let own: Uint8Array;
let other: Uint8Array;
let bench: RpcBench;
let keys: MemoryManagementKeys;
let application: RpcApplication;
let session: number;
/** Of 9A, and of a retired slot (CKA_ID 7). */
let point: Uint8Array;
let retiredPoint: Uint8Array;

beforeEach(async () => {
  keys = new MemoryManagementKeys();
  const prepare = async (simulated: RpcBench["simulated"]): Promise<void> => {
    point = await simulated.makeKey(SLOT_AUTHENTICATION);
    retiredPoint = await simulated.makeKey(RETIRED);
  };
  authority = await issue({ name: "CN=CA" });
  bench = await RpcBench.open(folder, prepare, { services: { managementKeys: keys } });
  application = await bench.application();
  session = await application.openSession(SLOT_ID, true);
  own = await certify(point);
  other = await certify(point, 9);
});

afterEach(() => bench.close());

const create = (rows: readonly TemplateRow[], own = session): Promise<RpcAnswer> =>
  application.rpc.call("C_CreateObject", u(own), template(rows));
const destroy = async (object: number, own = session): Promise<number> =>
  (await application.rpc.call("C_DestroyObject", u(own), u(object))).rv;
const set = async (object: number, rows: readonly TemplateRow[], own = session): Promise<number> =>
  (await application.rpc.call("C_SetAttributeValue", u(own), u(object), template(rows))).rv;
const copy = (object: number, rows: readonly TemplateRow[]): Promise<RpcAnswer> =>
  application.rpc.call("C_CopyObject", u(session), u(object), template(rows));

async function made(rows: readonly TemplateRow[], own = session): Promise<number> {
  const answer = await create(rows, own);
  if (answer.rv !== 0) throw new Error(`C_CreateObject answered 0x${answer.rv.toString(16)}`);
  return answer.ulong();
}

async function value(object: number, type: number, from = application, own = session): Promise<unknown> {
  const answer = await from.attributes(own, object, [[type, 4096]]);
  if (answer.rv !== 0) return answer.rv;
  const [attribute] = answer.attributes();
  return answer.ulong() || attribute?.value;
}

async function one(rows: readonly TemplateRow[]): Promise<number> {
  const [found, ...more] = await application.find(session, rows);
  if (found === undefined || more.length > 0) throw new Error("not exactly one object");
  return found;
}

const onToken = (der: Uint8Array, ...more: readonly TemplateRow[]): TemplateRow[] => [
  [CKA_CLASS, CKO_CERTIFICATE],
  [CKA_TOKEN, true],
  [CKA_CERTIFICATE_TYPE, 0],
  [CKA_VALUE, der],
  ...more,
];

describe("a certificate", () => {
  beforeEach(async () => void (await application.login(session, PIN)));

  test.each<[string, readonly TemplateRow[]]>([
    ["without CKA_ID", []],
    ["with its slot's", [[CKA_ID, Uint8Array.of(1)]]],
    ["with NSS's, a digest of the key", [[CKA_ID, createHash("sha1").update("key").digest()]]],
    [
      "with a label, which is not kept",
      [
        [CKA_LABEL, ascii("mine")],
        [CKA_PRIVATE, false],
      ],
    ],
  ])("goes to the slot whose key it certifies, %s", async (_, more) => {
    const der = own;
    const handle = await made(onToken(der, ...more));
    expect(await value(handle, CKA_ID)).toEqual(Buffer.of(1));
    expect(await value(handle, CKA_LABEL)).toEqual(Buffer.from("PIV authentication"));
    expect(await value(handle, CKA_VALUE)).toEqual(Buffer.from(der));
    expect(await bench.simulated.client().readCertificate(0x5fc105)).toEqual(der);
    expect(await value(handle, CKA_DESTROYABLE)).toEqual(Buffer.of(1));
  });

  test("takes the place of the one before: so a key is certified anew", async () => {
    const before = await made(onToken(own));
    const der = other;
    const after = await made(onToken(der));
    expect(await application.find(session, [[CKA_CLASS, CKO_CERTIFICATE]])).toEqual([after]);
    expect(await value(after, CKA_VALUE)).toEqual(Buffer.from(der));
    expect(await value(before, CKA_VALUE)).toBe(CKR_OBJECT_HANDLE_INVALID);
    expect(await made(onToken(der))).toBe(after);
  });

  test("of a retired key goes into the Key History, and out of it", async () => {
    const handle = await made(onToken(await certify(retiredPoint)));
    expect(await value(handle, CKA_ID)).toEqual(Buffer.of(7));
    const history = (): Promise<Uint8Array | null> => bench.simulated.client().readObject(OBJECT_KEY_HISTORY);
    expect(Buffer.from((await history()) ?? []).toString("hex")).toBe("c10103c20100fe00");
    expect(await destroy(handle)).toBe(0);
    expect(await history()).toBeNull();
  });

  test("of a key that another process has made since is written", async () => {
    const der = await certify(await bench.simulated.makeKey(SLOT_SIGNATURE));
    expect(await value(await made(onToken(der)), CKA_ID)).toEqual(Buffer.of(2));
  });

  test("is destroyed, and its key stays", async () => {
    const handle = await made(onToken(own));
    const bystander = await bench.application();
    const early = await bystander.openSession();
    expect(await destroy(handle, await application.openSession())).toBe(CKR_SESSION_READ_ONLY);
    expect(await destroy(handle)).toBe(0);
    expect(await destroy(handle)).toBe(CKR_OBJECT_HANDLE_INVALID);
    expect(await bench.simulated.client().readObject(0x5fc105)).toBeNull();
    expect(await bystander.find(early, [[CKA_CLASS, CKO_CERTIFICATE]])).toEqual([]);
    expect(await application.find(session, [[CKA_ID, Uint8Array.of(1)]])).toHaveLength(2);
  });

  test("that another process has replaced is not destroyed unseen", async () => {
    const handle = await made(onToken(own));
    await bench.simulated.writeCertificate(0x5fc105, other);
    expect(await destroy(handle)).toBe(CKR_OBJECT_HANDLE_INVALID);
    expect(await bench.simulated.client().readCertificate(0x5fc105)).toEqual(other);
  });

  test("of a key that the token has not, or of another slot than it names, is refused", async () => {
    expect((await create(onToken((await issue({ name: "CN=Somebody" })).der))).rv).toBe(CKR_ATTRIBUTE_VALUE_INVALID);
    const rsa = await issue({ name: "CN=RSA", keys: await newKeys("rsa"), issuer: await issue({ name: "CN=CA" }) });
    expect((await create(onToken(rsa.der))).rv).toBe(CKR_ATTRIBUTE_VALUE_INVALID);
    expect((await create(onToken(own, [CKA_ID, Uint8Array.of(7)]))).rv).toBe(CKR_TEMPLATE_INCONSISTENT);
    expect((await create(onToken(own, [CKA_ID, Uint8Array.of(77)]))).rv).toBe(CKR_ATTRIBUTE_VALUE_INVALID);
    expect(await application.find(session, [[CKA_CLASS, CKO_CERTIFICATE]])).toEqual([]);
  });

  test.each<[string, readonly TemplateRow[], number]>([
    ["private", [[CKA_PRIVATE, true]], CKR_TEMPLATE_INCONSISTENT],
    ["trusted", [[0x86, true]], CKR_TEMPLATE_INCONSISTENT],
    ["of WTLS", [[CKA_CERTIFICATE_TYPE, 2]], CKR_TEMPLATE_INCONSISTENT],
    ["with another subject", [[CKA_SUBJECT, Uint8Array.of(0x30, 0)]], CKR_TEMPLATE_INCONSISTENT],
    ["with another issuer", [[CKA_ISSUER, Uint8Array.of(0x30, 0)]], CKR_TEMPLATE_INCONSISTENT],
    ["with a modulus", [[CKA_MODULUS, Uint8Array.of(1)]], CKR_ATTRIBUTE_TYPE_INVALID],
  ])("%s is refused", async (_, more, rv) => {
    expect((await create(onToken(own, ...more))).rv).toBe(rv);
  });

  test("that is none, or too long for the token, is refused; without a value the template is incomplete", async () => {
    expect((await create(onToken(Buffer.from("garbage")))).rv).toBe(CKR_ATTRIBUTE_VALUE_INVALID);
    expect((await create(onToken(Buffer.concat([own, Buffer.of(0)])))).rv).toBe(CKR_ATTRIBUTE_VALUE_INVALID);
    expect(
      (
        await create([
          [CKA_CLASS, CKO_CERTIFICATE],
          [CKA_TOKEN, true],
        ])
      ).rv,
    ).toBe(CKR_TEMPLATE_INCOMPLETE);
    for (const padding of [2800, 3000, 4000]) expect((await create(onToken(await certify(point, padding)))).rv).toBe(CKR_DEVICE_MEMORY);
    expect((await create(onToken(await certify(point, 2500)))).rv).toBe(0);
  });

  test("is written by a session that writes, with the management key, and by nobody who is not logged in", async () => {
    expect((await create(onToken(own), await application.openSession())).rv).toBe(CKR_SESSION_READ_ONLY);
    keys.hex = null;
    expect((await create(onToken(own))).rv).toBe(CKR_TOKEN_WRITE_PROTECTED);
    await application.logout(session);
    expect((await create(onToken(own))).rv).toBe(CKR_USER_NOT_LOGGED_IN);
  });
});

describe("what else the token holds", () => {
  beforeEach(async () => void (await application.login(session, PIN)));

  test.each([CKO_DATA, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKO_PROFILE])(
    "is not made by C_CreateObject: class %d",
    async (objectClass) => {
      expect(
        (
          await create([
            [CKA_CLASS, objectClass],
            [CKA_TOKEN, true],
            [CKA_VALUE, Buffer.of(1)],
          ])
        ).rv,
      ).toBe(CKR_TEMPLATE_INCONSISTENT);
    },
  );

  test("is neither destroyed nor copied nor changed; what is so already may be set", async () => {
    for (const objectClass of [CKO_PUBLIC_KEY, CKO_PRIVATE_KEY]) {
      const key = await one([
        [CKA_CLASS, objectClass],
        [CKA_ID, Uint8Array.of(1)],
      ]);
      expect(await destroy(key)).toBe(CKR_ACTION_PROHIBITED);
      expect((await copy(key, [])).rv).toBe(CKR_ACTION_PROHIBITED);
      expect(await set(key, [[CKA_LABEL, ascii("mine")]])).toBe(CKR_ACTION_PROHIBITED);
      // NSS names its new keys so; a name that would be another slot's is none of its own.
      expect(await set(key, [[CKA_ID, new Uint8Array(20)]])).toBe(0);
      expect(await set(key, [[CKA_ID, Uint8Array.of(7)]])).toBe(CKR_ACTION_PROHIBITED);
      const both: TemplateRow[] = [
        [CKA_ID, new Uint8Array(20)],
        [CKA_LABEL, ascii("mine")],
      ];
      expect(await set(key, both)).toBe(CKR_ACTION_PROHIBITED);
      expect(await set(key, [[CKA_ID, Uint8Array.of(1)]])).toBe(0);
      expect(await set(key, [[CKA_ID, Uint8Array.of(1)]], await application.openSession())).toBe(CKR_SESSION_READ_ONLY);
    }
    expect(await destroy(await one([[CKA_CLASS, CKO_PROFILE]]))).toBe(CKR_ACTION_PROHIBITED);
    expect(await set(await one([[CKA_CLASS, CKO_PROFILE]]), [[CKA_ID, new Uint8Array(20)]])).toBe(CKR_ACTION_PROHIBITED);
    expect(bench.slot.objects.filter(({ key }) => key !== undefined)).toHaveLength(2);
  });
});

const DATA: readonly TemplateRow[] = [
  [CKA_CLASS, CKO_DATA],
  [CKA_TOKEN, false],
  [CKA_APPLICATION, ascii("test")],
  [CKA_VALUE, ascii("value")],
];
const SECRET: readonly TemplateRow[] = [
  [CKA_CLASS, CKO_SECRET_KEY],
  [CKA_KEY_TYPE, 0x10],
  [CKA_VALUE, ascii("0123456789abcdef")],
];

describe("an object of a session", () => {
  test("is made in a session that only reads, seen by all sessions of its application at the token and by no other, and ends with its own", async () => {
    const reader = await application.openSession();
    const object = await made(DATA, reader);
    expect(await application.find(session, [[CKA_APPLICATION, ascii("test")]])).toEqual([object]);
    expect(await value(object, CKA_VALUE)).toEqual(Buffer.from("value"));
    const bystander = await bench.application();
    expect(await bystander.find(await bystander.openSession(), [[CKA_CLASS, CKO_DATA]])).toEqual([]);
    await application.closeSession(reader);
    expect(await value(object, CKA_VALUE)).toBe(CKR_OBJECT_HANDLE_INVALID);
  });

  test("that is private is made and seen by who is logged in, and ends with the login", async () => {
    const rows: TemplateRow[] = [...DATA, [CKA_PRIVATE, true]];
    expect((await create(rows)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    await application.login(session, PIN);
    const object = await made(rows);
    const open = await made(DATA);
    await application.logout(session);
    expect(await application.find(session, [[CKA_CLASS, CKO_DATA]])).toEqual([open]);
    expect((await copy(open, [[CKA_PRIVATE, true]])).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    await application.login(session, PIN);
    expect(await value(object, CKA_VALUE)).toBe(CKR_OBJECT_HANDLE_INVALID);
    const again = await made(rows);
    expect((await copy(again, [[CKA_PRIVATE, false]])).rv).toBe(CKR_TEMPLATE_INCONSISTENT);
  });

  test("is copied, changed and destroyed; the copy is another object", async () => {
    const object = await made([...DATA, [CKA_LABEL, ascii("old")]]);
    const twin = (await copy(object, [])).ulong();
    const third = (
      await copy(object, [
        [CKA_VALUE, Buffer.of(1)],
        [CKA_MODIFIABLE, false],
      ])
    ).ulong();
    expect(await set(object, [[CKA_LABEL, ascii("new label")]])).toBe(0);
    expect(await Promise.all([object, twin, third].map((each) => value(each, CKA_LABEL)))).toEqual(
      ["new label", "old", "old"].map((text) => Buffer.from(text)),
    );
    expect(await value(third, CKA_VALUE)).toEqual(Buffer.of(1));
    expect(await set(third, [[CKA_LABEL, ascii("x")]])).toBe(CKR_ACTION_PROHIBITED);
    const size = async (each: number): Promise<number> => (await application.rpc.call("C_GetObjectSize", u(session), u(each))).ulong();
    expect((await size(object)) - (await size(twin))).toBe(6);
    expect(await destroy(object)).toBe(0);
    expect(await destroy(object)).toBe(CKR_OBJECT_HANDLE_INVALID);
    expect(await application.find(session, [[CKA_CLASS, CKO_DATA]])).toEqual([twin, third]);
  });

  test("that is not to be copied or destroyed is not", async () => {
    const object = await made([...DATA, [CKA_COPYABLE, false], [CKA_DESTROYABLE, Uint8Array.of(0)]]);
    expect((await copy(object, [])).rv).toBe(CKR_ACTION_PROHIBITED);
    expect(await destroy(object)).toBe(CKR_ACTION_PROHIBITED);
    expect(await set(object, [[CKA_COPYABLE, true]])).toBe(CKR_ATTRIBUTE_READ_ONLY);
  });

  test("keeps its class, and is copied to no token", async () => {
    const object = await made(DATA);
    expect(await set(object, [[CKA_CLASS, CKO_SECRET_KEY]])).toBe(CKR_ATTRIBUTE_READ_ONLY);
    expect((await copy(object, [[CKA_CLASS, CKO_PUBLIC_KEY]])).rv).toBe(CKR_ATTRIBUTE_READ_ONLY);
    expect((await copy(object, [[CKA_TOKEN, true]])).rv).toBe(CKR_TEMPLATE_INCONSISTENT);
    expect(await set(object, [[CKA_MODULUS, Buffer.of(1)]])).toBe(CKR_ATTRIBUTE_READ_ONLY);
    expect(
      await set(object, [
        [CKA_CLASS, CKO_DATA],
        [CKA_TOKEN, false],
      ]),
    ).toBe(0);
  });

  test.each<[string, readonly TemplateRow[], number]>([
    ["without a class", [[CKA_VALUE, Buffer.of(1)]], CKR_TEMPLATE_INCOMPLETE],
    [
      "a private key",
      [
        [CKA_CLASS, CKO_PRIVATE_KEY],
        [CKA_KEY_TYPE, 3],
        [CKA_VALUE, Buffer.alloc(32, 1)],
      ],
      CKR_TEMPLATE_INCONSISTENT,
    ],
    ["a profile", [[CKA_CLASS, CKO_PROFILE]], CKR_TEMPLATE_INCONSISTENT],
    ["data with a modulus", [...DATA, [CKA_MODULUS, Buffer.of(1)]], CKR_ATTRIBUTE_TYPE_INVALID],
    ["data with two values", [...DATA, [CKA_VALUE, Buffer.of(1)]], CKR_TEMPLATE_INCONSISTENT],
    ["a secret key without a value", SECRET.slice(0, 2), CKR_TEMPLATE_INCOMPLETE],
    ["an empty secret key", [...SECRET.slice(0, 2), [CKA_VALUE, Buffer.alloc(0)]], CKR_ATTRIBUTE_VALUE_INVALID],
    [
      "a DES key",
      [
        [CKA_CLASS, CKO_SECRET_KEY],
        [CKA_KEY_TYPE, 0x13],
        [CKA_VALUE, Buffer.alloc(8)],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    [
      "an AES key of 20 bytes",
      [
        [CKA_CLASS, CKO_SECRET_KEY],
        [CKA_KEY_TYPE, 0x1f],
        [CKA_VALUE, Buffer.alloc(20)],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    ["a secret key of another length", [...SECRET, [CKA_VALUE_LEN, 15]], CKR_TEMPLATE_INCONSISTENT],
    ["a secret key that was always sensitive", [...SECRET, [CKA_ALWAYS_SENSITIVE, true]], CKR_TEMPLATE_INCONSISTENT],
    [
      "a certificate that is none",
      [
        [CKA_CLASS, CKO_CERTIFICATE],
        [CKA_CERTIFICATE_TYPE, 0],
        [CKA_VALUE, Buffer.of(1)],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    [
      "a certificate of no type",
      [
        [CKA_CLASS, CKO_CERTIFICATE],
        [CKA_VALUE, Buffer.of(1)],
      ],
      CKR_TEMPLATE_INCOMPLETE,
    ],
    [
      "an EC key without a curve",
      [
        [CKA_CLASS, CKO_PUBLIC_KEY],
        [CKA_KEY_TYPE, 3],
        [CKA_EC_POINT, Buffer.of(4, 0)],
      ],
      CKR_TEMPLATE_INCOMPLETE,
    ],
    [
      "an RSA key",
      [
        [CKA_CLASS, CKO_PUBLIC_KEY],
        [CKA_KEY_TYPE, 0],
        [CKA_EC_PARAMS, P256],
        [CKA_EC_POINT, Buffer.of(4, 0)],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    [
      "a point that is none",
      [
        [CKA_CLASS, CKO_PUBLIC_KEY],
        [CKA_KEY_TYPE, 3],
        [CKA_EC_PARAMS, P256],
        [CKA_EC_POINT, Buffer.of(4, 0)],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    [
      "a point off the curve",
      [
        [CKA_CLASS, CKO_PUBLIC_KEY],
        [CKA_KEY_TYPE, 3],
        [CKA_EC_PARAMS, P256],
        [CKA_EC_POINT, Buffer.concat([Buffer.of(4, 65, 4), Buffer.alloc(64, 1)])],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    [
      "a curve that is not known",
      [
        [CKA_CLASS, CKO_PUBLIC_KEY],
        [CKA_KEY_TYPE, 3],
        [CKA_EC_PARAMS, Buffer.from("06032b6570", "hex")],
        [CKA_EC_POINT, Buffer.of(4, 0)],
      ],
      CKR_CURVE_NOT_SUPPORTED,
    ],
  ])("%s is refused", async (_, rows, rv) => {
    expect((await create(rows)).rv).toBe(rv);
  });

  test("may be a public key, and a certificate, whose names are read from it", async () => {
    const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    const raw = Buffer.from(await webcrypto.subtle.exportKey("raw", pair.publicKey));
    const key = await made([
      [CKA_CLASS, CKO_PUBLIC_KEY],
      [CKA_KEY_TYPE, 3],
      [CKA_EC_PARAMS, P256],
      [CKA_EC_POINT, Buffer.concat([Buffer.of(4, 65), raw])],
    ]);
    const spki = Buffer.from(await webcrypto.subtle.exportKey("spki", pair.publicKey));
    expect(await value(key, 0x129)).toEqual(spki);
    expect(await value(key, 0x163)).toBe(false);
    const { der, certificate } = await issue({ name: "CN=Other" });
    const theirs = await made([
      [CKA_CLASS, CKO_CERTIFICATE],
      [CKA_CERTIFICATE_TYPE, 0],
      [CKA_VALUE, der],
    ]);
    expect(certificate.raw.includes((await value(theirs, CKA_SUBJECT)) as Buffer)).toBe(true);
  });
});

describe("the value of a secret key", () => {
  test("is told while it is neither sensitive nor held back", async () => {
    const key = await made(SECRET);
    expect(await value(key, CKA_VALUE)).toEqual(Buffer.from("0123456789abcdef"));
    expect(await value(key, CKA_VALUE_LEN)).toBe(16);
  });

  test.each<[string, TemplateRow]>([
    ["sensitive", [CKA_SENSITIVE, true]],
    ["not extractable", [CKA_EXTRACTABLE, false]],
  ])("is never told again of one that is %s, not by a copy, a search or a change", async (_, latch) => {
    const key = await made(SECRET);
    expect(await set(key, [latch])).toBe(0);
    const [type, latched] = latch;
    expect(await set(key, [[type, !latched]])).toBe(CKR_ATTRIBUTE_READ_ONLY);
    expect((await copy(key, [[type, !latched]])).rv).toBe(CKR_ATTRIBUTE_READ_ONLY);
    const twin = (await copy(key, [])).ulong();
    for (const each of [key, twin]) expect(await value(each, CKA_VALUE)).toBe(CKR_ATTRIBUTE_SENSITIVE);
    expect(await application.find(session, [[CKA_VALUE, ascii("0123456789abcdef")]])).toEqual([]);
    expect(await set(key, [[CKA_VALUE, ascii("0123456789abcdef")]])).toBe(CKR_ATTRIBUTE_READ_ONLY);
    expect(await value(await made([...SECRET, latch]), CKA_VALUE)).toBe(CKR_ATTRIBUTE_SENSITIVE);
  });
});

describe("objects of sessions are bounded, a connection", () => {
  test("in number", async () => {
    const answers = [];
    for (let count = 0; count < 513; count++) answers.push((await create(DATA)).rv);
    expect(answers).toEqual([...new Array(512).fill(0), CKR_HOST_MEMORY]);
    const bystander = await bench.application();
    expect((await bystander.rpc.call("C_CreateObject", u(await bystander.openSession()), template(DATA))).rv).toBe(0);
  });

  test("in bytes, also when they grow", async () => {
    const large: TemplateRow[] = [
      [CKA_CLASS, CKO_DATA],
      [CKA_VALUE, Buffer.alloc(400_000)],
    ];
    expect([(await create(large)).rv, (await create(large)).rv, (await create(large)).rv]).toEqual([0, 0, CKR_HOST_MEMORY]);
    const small = await made(DATA);
    expect(await set(small, [[CKA_VALUE, Buffer.alloc(400_000)]])).toBe(CKR_HOST_MEMORY);
    expect(await value(small, CKA_VALUE)).toEqual(Buffer.from("value"));
  });
});

test("any template of a session object ends in a CKR of the function's", async () => {
  const types = [
    0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x80, 0x81, 0x86, 0x87, 0x100, 0x101, 0x102, 0x103, 0x110, 0x161, 0x162, 0x170, 0x180, 0x181,
  ];
  const ulongs = new Set([0x00, 0x80, 0x87, 0x100, 0x161]);
  const bools = new Set([0x01, 0x02, 0x86, 0x103, 0x162, 0x170]);
  const row = fc.constantFrom(...types).chain((type) => {
    const form = ulongs.has(type)
      ? fc.constantFrom(0, 1, 2, 3, 4, 9, 0x10, 0x1f, 16)
      : bools.has(type)
        ? fc.boolean()
        : fc.uint8Array({ maxLength: 70 });
    return fc.tuple(fc.constant(type), form as fc.Arbitrary<number | boolean | Uint8Array>);
  });
  const allowed = [0, 0x10, 0x12, 0x13, 0xd0, 0xd1, 0x101, 0x140, 0xb5];
  const reader = await application.openSession();
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      const answer = await create(rows, reader);
      expect(allowed).toContain(answer.rv);
      if (answer.rv === 0) expect(await destroy(answer.ulong(), reader)).toBe(0);
    }),
    { numRuns: 300 },
  );
});
