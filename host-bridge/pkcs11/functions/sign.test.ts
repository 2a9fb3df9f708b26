// Signing: PKCS#11 2.40 §5.11 and CKM_ECDSA §2.3.1; and the two forms of an ECDSA signature.

import { createHash, type KeyObject, randomBytes, verify } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  ALG_P384,
  BUTTON_POLICY_ALWAYS,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../../protocol/piv.ts";
import { p256Point, p384Point } from "../../../test/support/ec-keys.ts";
import { CKU_CONTEXT_SPECIFIC, RpcBench } from "../../../test/support/rpc-bench.ts";
import { ay, fy, type RpcAnswer, string, u } from "../../../test/support/rpc-client.ts";
import { PIN, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { derSignature } from "../../signing/pkcs11-signer.ts";
import { TokenClient } from "../../token/token-client.ts";
import { rawSignature } from "./ec-signatures.ts";

const CKR_HOST_MEMORY = 0x02;
const CKR_DATA_LEN_RANGE = 0x21;
const CKR_FUNCTION_CANCELED = 0x50;
const CKR_KEY_HANDLE_INVALID = 0x60;
const CKR_KEY_TYPE_INCONSISTENT = 0x63;
const CKR_KEY_FUNCTION_NOT_PERMITTED = 0x68;
const CKR_MECHANISM_INVALID = 0x70;
const CKR_MECHANISM_PARAM_INVALID = 0x71;
const CKR_OPERATION_ACTIVE = 0x90;
const CKR_OPERATION_NOT_INITIALIZED = 0x91;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const SIGNING = 2;
const AUTHENTICATION = 1;
const KEY_MANAGEMENT = 3;
const CARD_AUTHENTICATION = 4;
const CKA_SIGN = 0x108;
const CKA_EC_PARAMS = 0x180;
/** secp384r1 (RFC 5480 §2.1.1.1). */
const P384_PARAMS = Buffer.from("06052b81040022", "hex");

const MESSAGE = randomBytes(100);
const DIGEST = createHash("sha256").update(MESSAGE).digest();

const folder = temporaryFolder();
let bench: RpcBench;
const publicKeys = new Map<number, KeyObject>();

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => {
    publicKeys.set(AUTHENTICATION, p256Point(await simulated.makeKey(SLOT_AUTHENTICATION)));
    publicKeys.set(SIGNING, p256Point(await simulated.makeKey(SLOT_SIGNATURE)));
    await simulated.makeKey(SLOT_KEY_MANAGEMENT, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
    publicKeys.set(CARD_AUTHENTICATION, p256Point(await simulated.makeKey(SLOT_CARD_AUTHENTICATION)));
  });
});

afterAll(() => bench.close());

function isBy(answer: RpcAnswer, id: number, digestName = "sha256"): boolean {
  const signature = answer.byteArray();
  const key = publicKeys.get(id);
  if (typeof signature === "number" || key === undefined) throw new Error("no signature");
  return verify(digestName, MESSAGE, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** Mechanisms that digest. */
const DIGESTING: readonly (readonly [type: number, digest: string])[] = [
  [0x1043, "sha224"],
  [0x1044, "sha256"],
  [0x1045, "sha384"],
  [0x1046, "sha512"],
];
const CKM_ECDSA_SHA256 = 0x1044;

describe("C_Sign", () => {
  test.each([0, 1, 2])("signs a digest with r ‖ s, for a client of version %i", async (version) => {
    const application = await bench.application(version);
    const session = await application.openSession();
    await application.login(session, PIN);
    expect(await application.signInit(session, await application.privateKey(session, AUTHENTICATION))).toBe(0);
    expect(isBy(await application.sign(session, DIGEST), AUTHENTICATION)).toBe(true);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("told its length, or given too little room, goes on", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    expect((await application.sign(session, DIGEST, 0)).byteArray()).toBe(64);
    expect((await application.sign(session, DIGEST, 63)).byteArray()).toBe(64);
    expect(isBy(await application.sign(session, DIGEST, 200), AUTHENTICATION)).toBe(true);
  });

  test("of a longer digest signs its leftmost 32 bytes", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    const answer = await application.sign(session, createHash("sha512").update(MESSAGE).digest());
    expect(isBy(answer, AUTHENTICATION, "sha512")).toBe(true);
  });

  test.each([0, 65, 2000])("of %i bytes, which are no digest, answers CKR_DATA_LEN_RANGE and ends the operation", async (length) => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    expect((await application.sign(session, new Uint8Array(length))).rv).toBe(CKR_DATA_LEN_RANGE);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("without C_SignInit answers CKR_OPERATION_NOT_INITIALIZED", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_OPERATION_NOT_INITIALIZED);
  });

  test("needs no login for a key that needs no PIN", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    await application.signInit(session, await application.privateKey(session, CARD_AUTHENTICATION));
    expect(isBy(await application.sign(session, DIGEST), CARD_AUTHENTICATION)).toBe(true);
  });

  test("after a logout in between answers CKR_USER_NOT_LOGGED_IN", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    await application.logout(session);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
  });

  test("waits for the button; a wait that is given up answers CKR_FUNCTION_CANCELED", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const { button, token } = bench.simulated;
    const key = await application.privateKey(session, KEY_MANAGEMENT);
    await application.signInit(session, key);
    expect((await application.sign(session, DIGEST)).rv).toBe(0);
    expect(button.waits).toBe(1);
    const { wait } = button;
    button.wait = (_, done) => {
      setTimeout(() => done(false), 1); // as when nobody presses it in time
      return () => {};
    };
    await application.signInit(session, key);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_FUNCTION_CANCELED);
    button.wait = wait;
    expect(token.isBusy()).toBe(false);
  });
});

test("a P-384 key is shown with its curve, and signs with every digest: r ‖ s of 96 bytes", async () => {
  let publicKey: KeyObject | undefined;
  const another = await RpcBench.open(temporaryFolder(), async (simulated) => {
    const officer = await simulated.officer();
    publicKey = p384Point(await officer.generateKey(SLOT_AUTHENTICATION, undefined, { algorithm: ALG_P384 }));
    officer.close();
  });
  try {
    const { application, session } = await another.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    await application.signInit(session, key);
    expect((await application.sign(session, DIGEST, 95)).byteArray()).toBe(96);
    const signature = (await application.sign(session, createHash("sha384").update(MESSAGE).digest(), 96)).byteArray();
    if (typeof signature === "number" || publicKey === undefined) throw new Error("no signature");
    expect(verify("sha384", MESSAGE, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(await application.find(session, [[CKA_EC_PARAMS, P384_PARAMS]])).toContain(key);
    for (const [type, digestName] of DIGESTING) {
      await application.signInit(session, key, type);
      const answer = (await application.sign(session, MESSAGE, 96)).byteArray() as Buffer;
      expect(answer.length).toBe(96);
      expect(verify(digestName, MESSAGE, { key: publicKey, dsaEncoding: "ieee-p1363" }, answer)).toBe(true);
    }
  } finally {
    await another.close();
  }
});

describe("C_SignInit", () => {
  test("with a parameter that the mechanism has not answers CKR_MECHANISM_PARAM_INVALID", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    for (const type of [0x1041, CKM_ECDSA_SHA256]) {
      const withParameter = Buffer.concat([fy(type), string(Uint8Array.of(1))]);
      expect((await application.rpc.call("C_SignInit", u(session), withParameter, u(key))).rv).toBe(CKR_MECHANISM_PARAM_INVALID);
    }
  });

  test("with a key whose CKA_SIGN is false answers CKR_KEY_FUNCTION_NOT_PERMITTED", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const known = bench.slot.objects;
    bench.slot.objects = known.map((one) => ({ ...one, attributes: new Map([...one.attributes, [CKA_SIGN, Uint8Array.of(0)]]) }));
    try {
      const key = await application.privateKey(session, AUTHENTICATION);
      expect(await application.signInit(session, key)).toBe(CKR_KEY_FUNCTION_NOT_PERMITTED);
    } finally {
      bench.slot.objects = known;
    }
  });

  test("of another mechanism answers CKR_MECHANISM_INVALID", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    expect(await application.signInit(session, key, 0x1042)).toBe(CKR_MECHANISM_INVALID);
  });

  test("of what is no private key answers CKR_KEY_TYPE_INCONSISTENT, of what is no key CKR_KEY_HANDLE_INVALID", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const [publicKey = 0] = await application.find(session, [[0x00, 2]]);
    expect(await application.signInit(session, publicKey)).toBe(CKR_KEY_TYPE_INCONSISTENT);
    expect(await application.signInit(session, 54321)).toBe(CKR_KEY_HANDLE_INVALID);
  });

  test("twice answers CKR_OPERATION_ACTIVE; without a mechanism it ends the operation", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    await application.signInit(session, key);
    expect(await application.signInit(session, key)).toBe(CKR_OPERATION_ACTIVE);
    expect((await application.rpc.call("C_SignInit", u(session), Buffer.alloc(4, 0xff), u(key))).rv).toBe(0);
    expect(await application.signInit(session, key)).toBe(0);
  });
});

describe("a key with CKA_ALWAYS_AUTHENTICATE", () => {
  test("has at most sixteen PINs given for it at once, of one application", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const answers: number[] = [];
    for (let i = 0; i < 17; i++) {
      const other = i === 0 ? session : await application.openSession();
      await application.signInit(other, await application.privateKey(other, SIGNING));
      answers.push(await application.login(other, PIN, CKU_CONTEXT_SPECIFIC));
    }
    expect(answers).toEqual([...Array(16).fill(0), CKR_HOST_MEMORY]);
    expect(isBy(await application.sign(session, DIGEST), SIGNING)).toBe(true);
  });

  test("that nobody gave the PIN for leaves its place to the next C_SignInit; once the PIN is given, it does not", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    await application.signInit(session, key);
    expect(await application.signInit(session, await application.privateKey(session, AUTHENTICATION))).toBe(0);
    expect(isBy(await application.sign(session, DIGEST), AUTHENTICATION)).toBe(true);
    await application.signInit(session, key);
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
    expect(await application.signInit(session, key)).toBe(CKR_OPERATION_ACTIVE);
    expect(isBy(await application.sign(session, DIGEST), SIGNING)).toBe(true);
  });

  test("signs once for each PIN that is given with CKU_CONTEXT_SPECIFIC between C_SignInit and C_Sign", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    for (let round = 0; round < 3; round++) {
      await application.signInit(session, key);
      expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
      expect((await application.sign(session, DIGEST, 0)).byteArray()).toBe(64);
      expect(isBy(await application.sign(session, DIGEST), SIGNING)).toBe(true);
    }
  });

  test("signs never twice for one PIN", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    await application.signInit(session, key);
    await application.login(session, PIN, CKU_CONTEXT_SPECIFIC);
    expect((await application.sign(session, DIGEST)).rv).toBe(0);
    await application.signInit(session, key);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
  });

  test("does not sign for a right PIN when a wrong one came after it, nor in another login than it was given in", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    await application.signInit(session, key);
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
    expect(await application.login(session, WRONG_PIN, CKU_CONTEXT_SPECIFIC)).not.toBe(0);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    await application.signInit(session, key);
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
    await application.logout(session);
    expect(await application.login(session, PIN)).toBe(0);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
  });

  test("takes no PIN that the token has looked at while the user logged out", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const second = await application.openSession();
    await application.signInit(session, await application.privateKey(session, SIGNING));
    const { verifyPin } = TokenClient.prototype;
    const spied = vi.spyOn(TokenClient.prototype, "verifyPin").mockImplementationOnce(async function (this: TokenClient, pin) {
      await verifyPin.call(this, pin);
      await application.logout(second);
    });
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(CKR_OPERATION_NOT_INITIALIZED);
    spied.mockRestore();
  });

  test("does not sign for the PIN of the login alone", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, SIGNING));
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
  });

  test("does not sign after a wrong PIN; the right one is taken afterwards", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    await application.signInit(session, key);
    expect(await application.login(session, WRONG_PIN, CKU_CONTEXT_SPECIFIC)).toBe(0xa0);
    expect((await application.sign(session, DIGEST)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    await application.signInit(session, key);
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0);
    expect(isBy(await application.sign(session, DIGEST), SIGNING)).toBe(true);
  });
});

test("two applications that sign at once each get the signature they asked for", async () => {
  const users = [await bench.loggedIn(PIN), await bench.loggedIn(PIN)];
  const signed = users.map(async ({ application, session }) => {
    const key = await application.privateKey(session, AUTHENTICATION);
    for (let round = 0; round < 5; round++) {
      await application.signInit(session, key);
      expect(isBy(await application.rpc.call("C_Sign", u(session), ay(DIGEST), fy(64)), AUTHENTICATION)).toBe(true);
    }
  });
  await Promise.all(signed);
});

describe("r ‖ s", () => {
  const integer = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.nat(31).chain((zeros) => fc.uint8Array({ minLength: 32, maxLength: 32 }).map((digits) => digits.fill(0, 0, zeros))),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((digits) => digits.fill(0xff, 0, 3)),
  );

  test("survives the way to DER and back, with leading zeros and high bits", () => {
    fc.assert(
      fc.property(integer, integer, (r, s) => {
        const raw = new Uint8Array([...r, ...s]);
        expect(rawSignature(derSignature(raw), 32)).toEqual(raw);
      }),
    );
  });

  test("becomes the shortest DER: no leading zero but one before a high bit", () => {
    fc.assert(
      fc.property(integer, integer, (r, s) => {
        const der = derSignature(new Uint8Array([...r, ...s]));
        const [sequence, length, integerTag, lengthR] = der;
        const bits = BigInt(`0x${Buffer.from(r).toString("hex")}`).toString(2).length;
        expect([sequence, length, integerTag, lengthR]).toEqual([0x30, der.length - 2, 0x02, Math.floor(bits / 8) + 1]);
      }),
    );
  });
});
