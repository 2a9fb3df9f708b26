// C_DeriveKey: PKCS#11 2.40 §5.15 and CKM_ECDH1_DERIVE, with node's ECDH as the other side.

import { createECDH, createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  ALG_P384,
  BUTTON_POLICY_DEFAULT,
  BUTTON_POLICY_NEVER,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../../protocol/piv.ts";
import ecdhVectors from "../../../protocol/vectors/ecdh-p256.json" with { type: "json" };
import { type RpcApplication, RpcBench } from "../../../test/support/rpc-bench.ts";
import { ecdhMechanism, fy, mechanism, type RpcAnswer, type TemplateRow, template, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { PinQuestion } from "../../pin-prompt/pin-prompt.ts";
import { TokenClient } from "../../token/token-client.ts";

const CKR_ATTRIBUTE_READ_ONLY = 0x10;
const CKR_ATTRIBUTE_SENSITIVE = 0x11;
const CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
const CKR_ATTRIBUTE_VALUE_INVALID = 0x13;
const CKR_KEY_HANDLE_INVALID = 0x60;
const CKR_KEY_TYPE_INCONSISTENT = 0x63;
const CKR_KEY_FUNCTION_NOT_PERMITTED = 0x68;
const CKR_MECHANISM_INVALID = 0x70;
const CKR_MECHANISM_PARAM_INVALID = 0x71;
const CKR_SESSION_CLOSED = 0xb0;
const CKR_TEMPLATE_INCOMPLETE = 0xd0;
const CKR_TEMPLATE_INCONSISTENT = 0xd1;
const CKR_FUNCTION_CANCELED = 0x50;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const CKA_CLASS = 0x00;
const CKA_TOKEN = 0x01;
const CKA_PRIVATE = 0x02;
const CKA_VALUE = 0x11;
const CKA_KEY_TYPE = 0x100;
const CKA_SENSITIVE = 0x103;
const CKA_VALUE_LEN = 0x161;
const CKA_EXTRACTABLE = 0x162;
const CKK_AES = 0x1f;
const SIGNING = 2;
const KEY_MANAGEMENT = 3;

const folder = temporaryFolder();
let bench: RpcBench;
let tokenPoint: Uint8Array;

const other = createECDH("prime256v1");
other.generateKeys();
const OTHER_POINT = other.getPublicKey();

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => {
    await simulated.makeKey(SLOT_SIGNATURE);
    tokenPoint = await simulated.makeKey(SLOT_KEY_MANAGEMENT);
  });
});

afterAll(() => bench.close());

const wrapped = (point: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x04, point.length]), point]);
const shared = (): Buffer => other.computeSecret(tokenPoint);

function derive(
  { rpc }: RpcApplication,
  session: number,
  key: number,
  rows: readonly TemplateRow[] = [],
  ecdh = ecdhMechanism(OTHER_POINT, 1),
): Promise<RpcAnswer> {
  return rpc.call("C_DeriveKey", u(session), ecdh, u(key), template(rows));
}

async function secretOf(application: RpcApplication, session: number, key: number): Promise<Buffer> {
  const answer = await application.attributes(session, key, [[CKA_VALUE, 64]]);
  const [value] = answer.attributes();
  return value?.value as Buffer;
}

/** The CKR of reading CKA_VALUE. */
async function readingValue(application: RpcApplication, session: number, key: number): Promise<number> {
  const answer = await application.attributes(session, key, [[CKA_VALUE, 64]]);
  answer.attributes();
  return answer.ulong();
}

async function ready(version = 1): Promise<{ application: RpcApplication; session: number; key: number }> {
  const application = await bench.application(version);
  const session = await application.openSession();
  await application.login(session, PIN);
  return { application, session, key: await application.privateKey(session, KEY_MANAGEMENT) };
}

describe("C_DeriveKey", () => {
  test.each([0, 1, 2])("of a client of version %i gives the secret that the other side has", async (version) => {
    const { application, session, key } = await ready(version);
    for (const point of [OTHER_POINT, wrapped(OTHER_POINT)]) {
      const secret = await derive(application, session, key, [], ecdhMechanism(point, version));
      expect(secret.rv).toBe(0);
      expect(await secretOf(application, session, secret.ulong())).toEqual(shared());
    }
  });

  test("has a form of its own in p11-kit's clients of version 2", async () => {
    const { application, session, key } = await ready(2);
    const answer = await application.rpc.call("C_DeriveKey2", u(session), ecdhMechanism(OTHER_POINT, 2), u(key), template([]));
    expect([answer.rv, answer.signature, answer.ulong()]).toEqual([0, "uPu", 0]);
    expect(answer.byte()).toBe(0); // no changes of the mechanism's parameters
    expect(await secretOf(application, session, answer.ulong())).toEqual(shared());
    expect(answer.isAtEnd).toBe(true);
    const wrong = await application.rpc.call("C_DeriveKey2", u(session), ecdhMechanism(OTHER_POINT, 2, 2), u(key), template([]));
    expect(wrong.rv).toBe(CKR_MECHANISM_PARAM_INVALID);
  });

  test("makes an object of the session: a private generic secret, that its login's end takes away", async () => {
    const { application, session, key } = await ready();
    const secret = (await derive(application, session, key)).ulong();
    const asked = [CKA_CLASS, CKA_KEY_TYPE, CKA_VALUE_LEN, CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_EXTRACTABLE, 0x163, 0x164, 0x165];
    const answer = await application.attributes(
      session,
      secret,
      asked.map((type) => [type, 8]),
    );
    expect(answer.attributes().map(({ value }) => value)).toEqual([4, 0x10, 32, false, true, false, true, false, false, false]);
    expect(await application.find(session, [[CKA_CLASS, 4]])).toEqual([secret]);
    await application.logout(session);
    await application.login(session, PIN);
    expect(await application.find(session, [[CKA_CLASS, 4]])).toEqual([]);
  });

  test.each([16, 24, 32])("makes an AES key of the last %i bytes", async (length) => {
    const { application, session, key } = await ready();
    const rows: TemplateRow[] = [
      [CKA_CLASS, 4],
      [CKA_KEY_TYPE, CKK_AES],
      [CKA_VALUE_LEN, length],
    ];
    const secret = (await derive(application, session, key, rows)).ulong();
    expect(await secretOf(application, session, secret)).toEqual(shared().subarray(32 - length));
  });

  test.each([
    [true, true],
    [false, false],
    [true, false],
  ])(
    "with CKA_SENSITIVE %s and CKA_EXTRACTABLE %s makes a key that is never read, nor found by its value",
    async (sensitive, extractable) => {
      const { application, session, key } = await ready();
      const rows: TemplateRow[] = [
        [CKA_SENSITIVE, sensitive],
        [CKA_EXTRACTABLE, extractable],
      ];
      const secret = (await derive(application, session, key, rows)).ulong();
      expect(await readingValue(application, session, secret)).toBe(CKR_ATTRIBUTE_SENSITIVE);
      expect(await application.find(session, [[CKA_VALUE, shared()]])).toEqual([]);
      const answer = await application.attributes(session, secret, [
        [0x165, 1],
        [0x164, 1],
      ]);
      expect(answer.attributes().map(({ value }) => value)).toEqual([sensitive, !extractable]);
      await application.rpc.call("C_DigestInit", u(session), mechanism(0x250, 1));
      const digested = await application.rpc.call("C_DigestKey", u(session), u(secret));
      expect(digested.rv).toBe(extractable ? 0 : 0x67);
      if (!extractable) return;
      const digest = (await application.rpc.call("C_DigestFinal", u(session), fy(32))).byteArray();
      expect(digest).toEqual(createHash("sha256").update(shared()).digest());
    },
  );

  test.each<[string, TemplateRow[], number]>([
    ["that asks for an object of the token", [[CKA_TOKEN, true]], CKR_TEMPLATE_INCONSISTENT],
    ["of another class", [[CKA_CLASS, 3]], CKR_TEMPLATE_INCONSISTENT],
    ["of another type of key", [[CKA_KEY_TYPE, 0x15]], CKR_TEMPLATE_INCONSISTENT],
    ["with a value", [[CKA_VALUE, Buffer.alloc(32)]], CKR_TEMPLATE_INCONSISTENT],
    ["with more bytes than there are", [[CKA_VALUE_LEN, 33]], CKR_ATTRIBUTE_VALUE_INVALID],
    ["with no bytes", [[CKA_VALUE_LEN, 0]], CKR_ATTRIBUTE_VALUE_INVALID],
    [
      "with a length that AES has not",
      [
        [CKA_KEY_TYPE, CKK_AES],
        [CKA_VALUE_LEN, 20],
      ],
      CKR_ATTRIBUTE_VALUE_INVALID,
    ],
    ["with what only the bridge says", [[0x165, true]], CKR_ATTRIBUTE_READ_ONLY],
    ["with what a secret key has not", [[0x180, Buffer.alloc(3)]], CKR_ATTRIBUTE_TYPE_INVALID],
  ])("refuses a template %s, before the token is asked", async (_, rows, rv) => {
    const { application, session, key } = await ready();
    const before = await journalLength();
    expect((await derive(application, session, key, rows)).rv).toBe(rv);
    expect(await journalLength()).toBe(before);
  });

  test("refuses another mechanism, another function than CKD_NULL, shared data, and no parameters", async () => {
    const { application, session, key } = await ready();
    const rv = async (ecdh: Buffer): Promise<number> => (await derive(application, session, key, [], ecdh)).rv;
    expect(await rv(mechanism(0x1041, 1))).toBe(CKR_MECHANISM_INVALID);
    expect(await rv(Buffer.alloc(4, 0xff))).toBe(CKR_MECHANISM_INVALID);
    expect(await rv(ecdhMechanism(OTHER_POINT, 1, 2))).toBe(CKR_MECHANISM_PARAM_INVALID);
    expect(await rv(ecdhMechanism(OTHER_POINT, 1, 1, Uint8Array.of(1)))).toBe(CKR_MECHANISM_PARAM_INVALID);
    const second = await ready(2);
    const none = Buffer.concat([fy(0x1050), Buffer.from([0])]);
    expect((await derive(second.application, second.session, second.key, [], none)).rv).toBe(CKR_MECHANISM_PARAM_INVALID);
  });

  /** The token refuses a point in an OCTET STRING; here it is one of the two forms. */
  const NO_POINTS = ecdhVectors.refused.cases.filter(({ what }) => what !== "a valid point inside an OCTET STRING");

  test.each(NO_POINTS)("refuses public data that is no point: $what", async ({ public: point }) => {
    const { application, session, key } = await ready();
    const bytes = Buffer.from(point, "hex");
    for (const data of [bytes, wrapped(bytes)])
      expect((await derive(application, session, key, [], ecdhMechanism(data, 1))).rv).toBe(CKR_MECHANISM_PARAM_INVALID);
  });

  test("refuses keys of slots that only sign, keys of other kinds, and what is no key", async () => {
    const { application, session } = await ready();
    expect((await derive(application, session, await application.privateKey(session, SIGNING))).rv).toBe(CKR_KEY_FUNCTION_NOT_PERMITTED);
    const [publicKey = 0] = await application.find(session, [[CKA_CLASS, 2]]);
    expect((await derive(application, session, publicKey)).rv).toBe(CKR_KEY_TYPE_INCONSISTENT);
    expect((await derive(application, session, 99999)).rv).toBe(CKR_KEY_HANDLE_INVALID);
  });
});

test("what was agreed on stays in the session's key alone", async () => {
  const { application, session, key } = await ready();
  const secret = shared();
  vi.spyOn(TokenClient.prototype, "agreeOnKey").mockResolvedValueOnce(secret);
  expect((await derive(application, session, key)).rv).toBe(0);
  expect(secret.every((byte) => byte === 0)).toBe(true);
  vi.restoreAllMocks();
});

test("a key that is agreed on when the user has logged out meanwhile is not kept", async () => {
  const { application, session, key } = await ready();
  const second = await application.openSession();
  const agree = vi.spyOn(TokenClient.prototype, "agreeOnKey").mockImplementationOnce(async () => {
    await application.logout(second);
    return shared();
  });
  expect((await derive(application, session, key)).rv).toBe(CKR_FUNCTION_CANCELED);
  agree.mockRestore();
  await application.login(session, PIN);
  expect(await application.find(session, [[CKA_CLASS, 4]])).toEqual([]);
});

/** Uses of private keys that the token has written down. */
async function journalLength(): Promise<number> {
  const client = bench.simulated.client();
  const { counter } = await client.deviceInfo();
  client.close();
  return counter;
}

describe("of other keys", () => {
  test("a P-384 key of a retired slot agrees on 48 bytes; AES then needs a length", async () => {
    let point: Uint8Array = new Uint8Array(0);
    const another = await RpcBench.open(temporaryFolder(), async (simulated) => {
      const officer = await simulated.officer();
      point = await officer.generateKey(SLOT_FIRST_RETIRED, undefined, { algorithm: ALG_P384 });
      officer.close();
    });
    try {
      const { application, session } = await another.loggedIn(PIN);
      const peer = createECDH("secp384r1");
      const ecdh = ecdhMechanism(peer.generateKeys(), 1);
      const key = await application.privateKey(session, 5);
      const secret = (await derive(application, session, key, [], ecdh)).ulong();
      expect(await secretOf(application, session, secret)).toEqual(peer.computeSecret(point));
      expect((await derive(application, session, key, [[CKA_KEY_TYPE, CKK_AES]], ecdh)).rv).toBe(CKR_TEMPLATE_INCOMPLETE);
      expect((await derive(application, session, key)).rv).toBe(CKR_MECHANISM_PARAM_INVALID); // a point of P-256
    } finally {
      await another.close();
    }
  });

  test("a key that asks for its PIN each time can't, there is no moment for it; where the bridge asks, the person is told for what", async () => {
    const policies = { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_DEFAULT };
    const asked: PinQuestion[] = [];
    const ask = async (question: PinQuestion): Promise<Uint8Array> => {
      asked.push(question);
      return ascii(PIN);
    };
    for (const pinPrompt of [null, { ask }]) {
      const another = await RpcBench.open(
        temporaryFolder(),
        async (simulated) => void (await simulated.makeKey(SLOT_KEY_MANAGEMENT, policies)),
        { services: { pinPrompt } },
      );
      try {
        const { application, session } = await another.loggedIn(PIN);
        const { rv } = await derive(application, session, await application.privateKey(session, KEY_MANAGEMENT));
        expect(rv).toBe(pinPrompt === null ? CKR_USER_NOT_LOGGED_IN : 0);
      } finally {
        await another.close();
      }
    }
    expect(asked).toMatchObject([{ what: "key-agreement", key: "PIV key management" }]);
  });

  test("a key that asks for no PIN derives without login, public objects only", async () => {
    const policies = { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_NEVER };
    const another = await RpcBench.open(
      temporaryFolder(),
      async (simulated) => void (await simulated.makeKey(SLOT_KEY_MANAGEMENT, policies)),
    );
    try {
      const application = await another.application();
      const session = await application.openSession();
      const key = await application.privateKey(session, KEY_MANAGEMENT);
      const secret = (await derive(application, session, key)).ulong();
      expect((await secretOf(application, session, secret)).length).toBe(32);
      expect((await derive(application, session, key, [[CKA_PRIVATE, true]])).rv).toBe(CKR_USER_NOT_LOGGED_IN);
      const second = await application.openSession();
      const client = await another.slot.openClient();
      const opening = vi.spyOn(another.slot, "openClient").mockImplementationOnce(async () => {
        await application.closeSession(session); // while the bridge opens a channel for it
        return client;
      });
      expect((await derive(application, session, key)).rv).toBe(CKR_SESSION_CLOSED);
      opening.mockRestore();
      expect(await application.find(second, [[CKA_CLASS, 4]])).toEqual([]);
    } finally {
      await another.close();
    }
  });
});
