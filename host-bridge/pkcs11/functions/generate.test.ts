// C_GenerateKeyPair: who may, which slot, which policies; and the management key that it takes.

import { createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
} from "../../../protocol/piv.ts";
import { MemoryManagementKeys } from "../../../test/support/memory-management-keys.ts";
import { type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, mechanism, type RpcAnswer, type TemplateRow, template, u } from "../../../test/support/rpc-client.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { issue } from "../../../test/support/test-certificates.ts";

const CKM_EC_KEY_PAIR_GEN = 0x1040;
const [CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_KEY_TYPE, CKA_ID] = [0x00, 0x01, 0x02, 0x03, 0x100, 0x102];
const [CKA_SENSITIVE, CKA_DECRYPT, CKA_EXTRACTABLE, CKA_DERIVE] = [0x103, 0x105, 0x162, 0x10c];
const [CKA_EC_PARAMS, CKA_MODULUS_BITS, CKA_PUBLIC_KEY_INFO, CKA_ALWAYS_AUTHENTICATE] = [0x180, 0x121, 0x129, 0x202];
const P256 = Buffer.from("06082a8648ce3d030107", "hex");
const P384 = Buffer.from("06052b81040022", "hex");
const ED25519 = Buffer.from("06032b6570", "hex");
const CKR_ARGUMENTS_BAD = 0x07;
const CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
const CKR_ATTRIBUTE_VALUE_INVALID = 0x13;
const CKR_DEVICE_MEMORY = 0x31;
const CKR_MECHANISM_INVALID = 0x70;
const CKR_SESSION_READ_ONLY = 0xb5;
const CKR_TEMPLATE_INCOMPLETE = 0xd0;
const CKR_TEMPLATE_INCONSISTENT = 0xd1;
const CKR_TOKEN_WRITE_PROTECTED = 0xe2;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const CKR_PIN_INCORRECT = 0xa0;
const CKR_FUNCTION_FAILED = 0x06;
const CKR_CURVE_NOT_SUPPORTED = 0x140;
const CKU_SO = 0;
const WRITE_PROTECTED = 0x2;

const folder = temporaryFolder();
let bench: RpcBench;
let keys: MemoryManagementKeys;
let application: RpcApplication;
let session: number;

beforeEach(async () => {
  keys = new MemoryManagementKeys();
  bench = await RpcBench.open(folder, async () => {}, { services: { managementKeys: keys } });
  application = await bench.application();
  session = await application.openSession(SLOT_ID, true);
});

afterEach(() => bench.close());

interface Rows {
  readonly forPublic?: readonly TemplateRow[];
  readonly forPrivate?: readonly TemplateRow[];
  readonly params?: Uint8Array;
}

/** What pkcs11-tool sends, and more. */
function generate(
  { forPublic = [], forPrivate = [], params = P256 }: Rows = {},
  own = session,
  type = CKM_EC_KEY_PAIR_GEN,
): Promise<RpcAnswer> {
  const publicRows: TemplateRow[] = [
    [CKA_CLASS, 2],
    [CKA_TOKEN, true],
    [CKA_KEY_TYPE, 3],
    [CKA_EC_PARAMS, params],
  ];
  const privateRows: TemplateRow[] = [
    [CKA_CLASS, 3],
    [CKA_TOKEN, true],
    [CKA_KEY_TYPE, 3],
    [CKA_SENSITIVE, true],
  ];
  const rows = (base: TemplateRow[], more: readonly TemplateRow[]): TemplateRow[] => [
    ...base.filter(([known]) => !more.some(([type]) => type === known)),
    ...more,
  ];
  const templates = [template(rows(publicRows, forPublic)), template(rows(privateRows, forPrivate))];
  return application.rpc.call("C_GenerateKeyPair", u(own), mechanism(type, 1), ...templates);
}

const id = (value: number): TemplateRow => [CKA_ID, Uint8Array.of(value)];

async function idOf(handle: number): Promise<unknown> {
  return (await application.attributes(session, handle, [[CKA_ID, 1]])).attributes()[0]?.value;
}

async function tokenFlags(): Promise<number> {
  const answer = await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
  for (let text = 0; text < 4; text++) answer.text();
  return answer.ulong();
}

describe("a user whose bridge knows the management key", () => {
  beforeEach(async () => void (await application.login(session, PIN)));

  test.each([
    ["P-256", P256, "prime256v1", "sha256"],
    ["P-384", P384, "secp384r1", "sha384"],
    ["a curve by its name", Buffer.concat([Buffer.of(0x13, 9), ascii("secp256r1")]), "prime256v1", "sha256"],
  ])("makes a key on %s that signs at once", async (_, params, namedCurve, hash) => {
    const answer = await generate({ params, forPrivate: [id(1)] });
    expect(answer.rv).toBe(0);
    const [publicKey, privateKey] = [answer.ulong(), answer.ulong()];
    expect([await idOf(publicKey), await idOf(privateKey)]).toEqual([Buffer.of(1), Buffer.of(1)]);
    const [info] = (await application.attributes(session, publicKey, [[CKA_PUBLIC_KEY_INFO, 200]])).attributes();
    const key = createPublicKey({ key: info?.value as Buffer, format: "der", type: "spki" });
    expect(key.asymmetricKeyDetails).toEqual({ namedCurve });
    const data = ascii("agreed");
    const digest = new Uint8Array(await crypto.subtle.digest(hash === "sha256" ? "SHA-256" : "SHA-384", data));
    expect(await application.signInit(session, privateKey)).toBe(0);
    const signature = (await application.sign(session, digest, 96)).byteArray();
    expect(verify(hash, data, { key, dsaEncoding: "ieee-p1363" }, signature as Buffer)).toBe(true);
  });

  test("takes the first empty slot of 9A, 9C, 9D, 9E and the retired ones; when all are full there is no room", async () => {
    await bench.simulated.makeKey(SLOT_AUTHENTICATION);
    const made: unknown[] = [];
    for (let round = 0; round < 23; round++) made.push(await idOf((await generate()).ulong()));
    expect(made).toEqual(Array.from({ length: 23 }, (_, index) => Buffer.of(index + 2)));
    expect((await generate()).rv).toBe(CKR_DEVICE_MEMORY);
  });

  test("gets no key without PIN unless it names 9E: the first empty slot may be that one", async () => {
    for (let made = 0; made < 4; made++) expect((await generate()).rv).toBe(0);
    expect((await bench.simulated.client().keyMetadata(SLOT_CARD_AUTHENTICATION))?.policies.pin).toBe(PIN_POLICY_ONCE);
  });

  test("overwrites no key, and no certificate", async () => {
    expect((await generate({ forPublic: [id(3)] })).rv).toBe(0);
    const before = bench.slot.objects;
    expect((await generate({ forPublic: [id(3)] })).rv).toBe(CKR_DEVICE_MEMORY);
    expect(bench.slot.objects).toEqual(before);
    await bench.simulated.writeCertificate(0x5fc10a, (await issue({ name: "CN=Left behind" })).der);
    expect((await generate({ forPublic: [id(2)] })).rv).toBe(CKR_DEVICE_MEMORY);
    expect(await idOf((await generate()).ulong())).toEqual(Buffer.of(1));
    expect(await idOf((await generate()).ulong())).toEqual(Buffer.of(4));
  });

  test("finds out from the token itself that a slot was taken meanwhile", async () => {
    await bench.simulated.makeKey(SLOT_AUTHENTICATION);
    expect((await generate({ forPrivate: [id(1)] })).rv).toBe(CKR_DEVICE_MEMORY);
  });

  test("makes as many keys as asked for at once, each in a slot of its own, from two applications", async () => {
    const other = await bench.loggedIn(PIN);
    const second = await other.application.openSession(SLOT_ID, true);
    const first = application;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        application = index % 2 === 0 ? first : other.application;
        return generate({}, index % 2 === 0 ? session : second);
      }),
    );
    application = first;
    expect(answers.map(({ rv }) => rv)).toEqual(new Array(8).fill(0));
    expect(bench.slot.objects.filter(({ key }) => key !== undefined).map(({ key }) => key?.slot)).toEqual([
      0x9a, 0x9c, 0x9d, 0x9e, 0x82, 0x83, 0x84, 0x85,
    ]);
  });

  test.each<[string, Rows, number]>([
    ["another slot in each template", { forPublic: [id(1)], forPrivate: [id(2)] }, CKR_TEMPLATE_INCONSISTENT],
    ["slot 0", { forPublic: [id(0)] }, CKR_ATTRIBUTE_VALUE_INVALID],
    ["slot 25", { forPrivate: [id(25)] }, CKR_ATTRIBUTE_VALUE_INVALID],
    ["a session's key", { forPrivate: [[CKA_TOKEN, false]] }, CKR_TEMPLATE_INCONSISTENT],
    ["a session's public key", { forPublic: [[CKA_TOKEN, false]] }, CKR_TEMPLATE_INCONSISTENT],
    ["a key that can be taken out", { forPrivate: [[CKA_EXTRACTABLE, true]] }, CKR_TEMPLATE_INCONSISTENT],
    ["a key that is not sensitive", { forPrivate: [[CKA_SENSITIVE, false]] }, CKR_TEMPLATE_INCONSISTENT],
    ["a key that decrypts", { forPrivate: [[CKA_DECRYPT, true]] }, CKR_TEMPLATE_INCONSISTENT],
    ["a key without PIN", { forPrivate: [[CKA_PRIVATE, false]] }, CKR_TEMPLATE_INCONSISTENT],
    ["a key without PIN in 9A", { forPrivate: [[CKA_PRIVATE, false], id(1)] }, CKR_TEMPLATE_INCONSISTENT],
    [
      "a key with and without PIN in 9E",
      { forPrivate: [[CKA_PRIVATE, false], [CKA_ALWAYS_AUTHENTICATE, true], id(4)] },
      CKR_TEMPLATE_INCONSISTENT,
    ],
    ["a private key in the public template", { forPublic: [[CKA_CLASS, 3]] }, CKR_TEMPLATE_INCONSISTENT],
    ["an RSA key", { forPrivate: [[CKA_KEY_TYPE, 0]] }, CKR_TEMPLATE_INCONSISTENT],
    ["1024 bits", { forPublic: [[CKA_MODULUS_BITS, Buffer.alloc(8)]] }, CKR_ATTRIBUTE_TYPE_INVALID],
    ["Ed25519", { params: ED25519 }, CKR_CURVE_NOT_SUPPORTED],
    ["a curve that is no name", { params: Buffer.from("3000", "hex") }, CKR_CURVE_NOT_SUPPORTED],
    ["an empty curve", { params: new Uint8Array(0) }, CKR_CURVE_NOT_SUPPORTED],
  ])("who asks for %s is answered 0x%3$x", async (_, rows, rv) => {
    expect((await generate(rows)).rv).toBe(rv);
  });

  test("without a curve is told that the template is incomplete; by another mechanism, that there is none", async () => {
    const call = application.rpc.call.bind(application.rpc, "C_GenerateKeyPair", u(session));
    const rows = template([[CKA_TOKEN, true]]);
    expect((await call(mechanism(CKM_EC_KEY_PAIR_GEN, 1), rows, rows)).rv).toBe(CKR_TEMPLATE_INCOMPLETE);
    expect((await generate({}, session, 0x00)).rv).toBe(CKR_MECHANISM_INVALID);
    expect((await call(Buffer.from("ffffffff", "hex"), rows, rows)).rv).toBe(CKR_ARGUMENTS_BAD);
    const withParameter = Buffer.concat([mechanism(CKM_EC_KEY_PAIR_GEN, 1).subarray(0, 4), Buffer.from("0000000101", "hex")]);
    expect((await call(withParameter, rows, rows)).rv).toBe(0x71);
  });

  test.each<[string, readonly TemplateRow[], number]>([
    ["9A by default", [id(1)], PIN_POLICY_ONCE],
    ["9C by default", [id(2)], PIN_POLICY_ALWAYS],
    ["9E by default", [id(4)], PIN_POLICY_NEVER],
    ["9A, always", [id(1), [CKA_ALWAYS_AUTHENTICATE, true]], PIN_POLICY_ALWAYS],
    ["9C, not always", [id(2), [CKA_ALWAYS_AUTHENTICATE, false]], PIN_POLICY_ONCE],
    ["9E, private", [id(4), [CKA_PRIVATE, true]], PIN_POLICY_ONCE],
    ["9E, not private", [id(4), [CKA_PRIVATE, false]], PIN_POLICY_NEVER],
    ["9E, not always", [id(4), [CKA_ALWAYS_AUTHENTICATE, false]], PIN_POLICY_NEVER],
    ["9E, always", [id(4), [CKA_ALWAYS_AUTHENTICATE, true]], PIN_POLICY_ALWAYS],
    ["a retired slot by default", [id(5)], PIN_POLICY_ONCE],
  ])("gives the key the PIN policy that the template asks for: %s", async (_, forPrivate, policy) => {
    expect((await generate({ forPrivate })).rv).toBe(0);
    const slot = bench.slot.objects.find(({ key }) => key !== undefined)?.key?.slot ?? 0;
    expect((await bench.simulated.client().keyMetadata(slot))?.policies).toEqual({ pin: policy, button: 1 });
  });

  test("may name the key as it likes: what is no slot's number, and labels, are not kept", async () => {
    const name: TemplateRow = [CKA_ID, Buffer.alloc(20, 7)];
    const answer = await generate({ forPublic: [name, [CKA_LABEL, ascii("mine")], [CKA_DERIVE, true]], forPrivate: [name] });
    const handle = answer.ulong();
    expect(await idOf(handle)).toEqual(Buffer.of(1));
    expect((await application.attributes(session, handle, [[CKA_LABEL, 50]])).attributes()[0]?.value).toEqual(
      Buffer.from("PIV authentication"),
    );
  });

  test("leaves other applications their handles, and shows them the key in their next session", async () => {
    await generate({ forPrivate: [id(1)] });
    const other = await bench.application();
    const early = await other.openSession();
    const before = await other.find(early, [[CKA_KEY_TYPE, 3]]);
    await generate({ forPrivate: [id(2)] });
    const late = await other.openSession();
    const after = await other.find(late, [[CKA_KEY_TYPE, 3]]);
    expect(after).toHaveLength(2);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  test("needs a session that writes", async () => {
    expect((await generate({}, await application.openSession())).rv).toBe(CKR_SESSION_READ_ONLY);
  });

  test("whose key is out of date is told that the token is write protected; nothing is spent", async () => {
    keys.hex = "11".repeat(24);
    expect((await generate()).rv).toBe(CKR_TOKEN_WRITE_PROTECTED);
    keys.hex = "11".repeat(16);
    expect((await generate()).rv).toBe(CKR_TOKEN_WRITE_PROTECTED);
    keys.hex = MANAGEMENT_KEY;
    expect((await generate()).rv).toBe(0);
  });

  test("whose bridge knows no key is told so, and by the token flags before", async () => {
    expect((await tokenFlags()) & WRITE_PROTECTED).toBe(0);
    keys.hex = null;
    expect((await tokenFlags()) & WRITE_PROTECTED).toBe(WRITE_PROTECTED);
    expect((await generate()).rv).toBe(CKR_TOKEN_WRITE_PROTECTED);
  });

  test("leaves no management key in memory", async () => {
    await generate();
    await tokenFlags();
    expect(keys.lent.length).toBeGreaterThanOrEqual(2);
    expect(keys.lent.every((key) => key.every((byte) => byte === 0))).toBe(true);
  });

  test("any template ends in a CKR of the function's, and in a key only with CKR_OK", async () => {
    const row = fc.tuple(
      fc.constantFrom(0x00, 0x01, 0x02, 0x100, 0x102, 0x103, 0x108, 0x10c, 0x162, 0x180, 0x202),
      fc.oneof(fc.boolean(), fc.nat(4), fc.uint8Array({ maxLength: 10 })),
    );
    const allowed = [
      0,
      0x07,
      0x12,
      CKR_ATTRIBUTE_VALUE_INVALID,
      CKR_DEVICE_MEMORY,
      CKR_TEMPLATE_INCOMPLETE,
      CKR_TEMPLATE_INCONSISTENT,
      0x140,
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 3 }), fc.array(row, { maxLength: 3 }), async (forPublic, forPrivate) => {
        // A value travels in the form of its type, whatever the template says.
        const fits = ([type, value]: TemplateRow): boolean =>
          (typeof value === "boolean") === ![0x00, 0x100, 0x102, 0x180].includes(type) &&
          (typeof value === "number") === [0x00, 0x100].includes(type);
        const before = bench.slot.objects.length;
        const { rv } = await generate({ forPublic: forPublic.filter(fits), forPrivate: forPrivate.filter(fits) });
        expect(allowed).toContain(rv);
        expect(bench.slot.objects.length > before).toBe(rv === 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe("nobody logged in", () => {
  test("makes no key, though the bridge knows the management key", async () => {
    expect((await generate()).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    expect((await generate({}, await application.openSession())).rv).toBe(CKR_SESSION_READ_ONLY);
    expect(keys.lent).toEqual([]);
  });
});

describe("an officer with the management key", () => {
  beforeEach(() => {
    keys.hex = null;
  });

  test("logs in with it in hexadecimal, in either case, and makes keys, which it sees, and the user uses", async () => {
    expect(await application.login(session, MANAGEMENT_KEY.toUpperCase(), CKU_SO)).toBe(0);
    expect(await application.stateOf(session)).toBe(4);
    expect((await tokenFlags()) & WRITE_PROTECTED).toBe(0);
    const answer = await generate();
    const [, privateKey] = [answer.ulong(), answer.ulong()];
    expect(await idOf(privateKey)).toEqual(Buffer.of(1));
    await application.signInit(session, privateKey);
    expect((await application.sign(session, new Uint8Array(32))).rv).toBe(0x101);
    await application.logout(session);
    await application.login(session, PIN);
    expect(await idOf(privateKey)).toEqual(Buffer.of(1));
  });

  test("with a wrong one is told at C_Login, and spends no try of PIN and PUK", async () => {
    expect(await application.login(session, "0".repeat(48), CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, "0".repeat(64), CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, "0".repeat(40), CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, "g".repeat(48), CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await application.stateOf(session)).toBe(2);
    expect([bench.triesLeft(), bench.simulated.token.card.puk.triesLeft()]).toEqual([3, 3]);
  });

  test("sets no PIN and no PUK: those ask for the PUK", async () => {
    await application.login(session, MANAGEMENT_KEY, CKU_SO);
    expect((await application.rpc.call("C_InitPIN", u(session), ay(ascii("558820")))).rv).toBe(CKR_FUNCTION_FAILED);
    expect((await application.rpc.call("C_SetPIN", u(session), ay(ascii(PUK)), ay(ascii("66093175")))).rv).toBe(CKR_FUNCTION_FAILED);
    expect(bench.simulated.token.card.puk.triesLeft()).toBe(3);
  });

  test("whose key was changed on the token meanwhile is write protected", async () => {
    await application.login(session, MANAGEMENT_KEY, CKU_SO);
    const office = await bench.simulated.officer();
    await office.setManagementKey(new Uint8Array(32).fill(3));
    expect((await generate()).rv).toBe(CKR_TOKEN_WRITE_PROTECTED);
  });
});

test("an officer with the PUK makes keys where the bridge knows the management key, and only there", async () => {
  await application.login(session, PUK, CKU_SO);
  expect((await generate()).rv).toBe(0);
  keys.hex = null;
  expect((await generate()).rv).toBe(CKR_TOKEN_WRITE_PROTECTED);
});
