// PKCS#11 3.0: C_SessionCancel, also of a call that waits for the button; C_CloseSession of one; C_LoginUser.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  BUTTON_POLICY_ALWAYS,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../../protocol/piv.ts";
import { PRESSED_AT_ONCE } from "../../../simulator/scripted-button.ts";
import { CKU_CONTEXT_SPECIFIC, CKU_USER, type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, ecdhMechanism, fu, fy, mechanism, type RpcAnswer, template, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";

const CKR_ARGUMENTS_BAD = 0x07;
const CKR_FUNCTION_CANCELED = 0x50;
const CKR_OPERATION_NOT_INITIALIZED = 0x91;
const CKR_PIN_INCORRECT = 0xa0;
const CKR_SESSION_HANDLE_INVALID = 0xb3;
const CKF_SERIAL_SESSION = 0x4;
const CKF_FIND_OBJECTS = 0x40;
const CKF_ENCRYPT = 0x100;
const CKF_DIGEST = 0x400;
const CKF_SIGN = 0x800;
const CKF_VERIFY = 0x2000;
const CKF_DERIVE = 0x80000;
const ALL = 0xffffffff;
const AUTHENTICATION = 1;
const SIGNING = 2;
const KEY_MANAGEMENT = 3;
const CKM_ECDSA_SHA256 = 0x1044;
const DIGEST = createHash("sha256").update("x").digest();

const folder = temporaryFolder();
let bench: RpcBench;
let point: Uint8Array;

beforeAll(async () => {
  bench = await RpcBench.open(folder, async (simulated) => {
    const pressed = { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS };
    await simulated.makeKey(SLOT_AUTHENTICATION, pressed);
    await simulated.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_ALWAYS });
    point = await simulated.makeKey(SLOT_KEY_MANAGEMENT, pressed);
  });
});

afterEach(() => {
  bench.simulated.button.script = PRESSED_AT_ONCE;
});

afterAll(() => bench.close());

async function cancel({ rpc }: RpcApplication, session: number, flags: number): Promise<number> {
  return (await rpc.call("C_SessionCancel", u(session), u(flags))).rv;
}

/** From now on the token waits until somebody presses. @returns resolves when it has begun to wait once more */
function nobodyPresses(): () => Promise<void> {
  const { button } = bench.simulated;
  button.script = { kind: "never" };
  const before = button.waits;
  return async () => {
    while (button.waits === before) await sleep(5);
    await sleep(300); // the token tells that it waits each 250 ms
  };
}

/** The CKR of an answer that comes at once, not when the wait for the button runs out (15 s), which ends in the same CKR. */
async function soon(answer: Promise<RpcAnswer>): Promise<number> {
  const late = sleep(3000, null, { ref: false }).then(() => Promise.reject(new Error("nothing gave it up")));
  return (await Promise.race([answer, late])).rv;
}

describe("C_SessionCancel", () => {
  test("ends the operations that its flags name, and no others", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    const [publicKey = 0] = await application.find(session, [[0x00, 2]]);
    const { rpc } = application;
    const isUnderWay: Readonly<Record<number, () => Promise<boolean>>> = {
      [CKF_FIND_OBJECTS]: async () => (await rpc.call("C_FindObjects", u(session), fu(0))).rv !== CKR_OPERATION_NOT_INITIALIZED,
      [CKF_DIGEST]: async () => (await rpc.call("C_DigestUpdate", u(session), ay(DIGEST))).rv !== CKR_OPERATION_NOT_INITIALIZED,
      [CKF_SIGN]: async () => (await rpc.call("C_SignUpdate", u(session), ay(DIGEST))).rv !== CKR_OPERATION_NOT_INITIALIZED,
      [CKF_VERIFY]: async () => (await rpc.call("C_VerifyUpdate", u(session), ay(DIGEST))).rv !== CKR_OPERATION_NOT_INITIALIZED,
    };
    const named = Object.keys(isUnderWay).map(Number);
    const begin = async (): Promise<void> => {
      await rpc.call("C_FindObjectsInit", u(session), template([]));
      await rpc.call("C_DigestInit", u(session), mechanism(0x250, 1));
      await rpc.call("C_SignInit", u(session), mechanism(CKM_ECDSA_SHA256, 1), u(key));
      await rpc.call("C_VerifyInit", u(session), mechanism(CKM_ECDSA_SHA256, 1), u(publicKey));
    };
    const left = async (): Promise<number[]> => {
      const still: number[] = [];
      for (const flag of named) if (await isUnderWay[flag]?.()) still.push(flag);
      return still;
    };
    for (const flag of named) {
      await begin();
      expect(await cancel(application, session, flag | CKF_ENCRYPT)).toBe(0);
      expect(await left()).toEqual(named.filter((other) => other !== flag));
    }
    await begin();
    expect(await cancel(application, session, 0)).toBe(0);
    expect(await left()).toEqual(named);
    expect(await cancel(application, session, ALL)).toBe(0);
    expect(await left()).toEqual([]);
    expect(await cancel(application, session, ALL)).toBe(0); // nothing is under way any more
  });

  test("of a session that there is not answers CKR_SESSION_HANDLE_INVALID", async () => {
    const { application } = await bench.loggedIn(PIN);
    expect(await cancel(application, 4321, CKF_SIGN)).toBe(CKR_SESSION_HANDLE_INVALID);
  });

  test("gives up a C_Sign that waits for the button: CKR_FUNCTION_CANCELED; the login goes on", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, AUTHENTICATION);
    await application.signInit(session, key);
    const waits = nobodyPresses();
    const signing = application.sign(session, DIGEST);
    await waits();
    expect(await cancel(application, session, CKF_DIGEST)).toBe(0); // another operation
    expect(bench.simulated.token.isBusy()).toBe(true);
    expect(await cancel(application, session, CKF_SIGN)).toBe(0);
    expect(await soon(signing)).toBe(CKR_FUNCTION_CANCELED);
    expect(bench.simulated.token.isBusy()).toBe(false);
    bench.simulated.button.script = PRESSED_AT_ONCE;
    await application.signInit(session, key);
    expect((await application.sign(session, DIGEST)).rv).toBe(0);
  });

  test("gives up one whose PIN was given for it; that PIN counts no more", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, SIGNING);
    await application.signInit(session, key, CKM_ECDSA_SHA256);
    await application.login(session, PIN, CKU_CONTEXT_SPECIFIC);
    const waits = nobodyPresses();
    const signing = application.rpc.call("C_SignFinal", u(session), fy(64));
    await waits();
    await cancel(application, session, CKF_SIGN);
    expect(await soon(signing)).toBe(CKR_FUNCTION_CANCELED);
    bench.simulated.button.script = PRESSED_AT_ONCE;
    await application.signInit(session, key);
    expect((await application.sign(session, DIGEST)).rv).toBe(0x101);
  });

  test("gives up a C_DeriveKey that waits, by its flag", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, KEY_MANAGEMENT);
    const waits = nobodyPresses();
    const deriving = application.rpc.call("C_DeriveKey", u(session), ecdhMechanism(point, 1), u(key), template([]));
    await waits();
    await cancel(application, session, CKF_DERIVE);
    expect(await soon(deriving)).toBe(CKR_FUNCTION_CANCELED);
  });

  test("of a session whose C_Sign stands in line behind another's takes nothing from that one", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const second = await application.openSession();
    const key = await application.privateKey(session, AUTHENTICATION);
    await application.signInit(session, key);
    await application.signInit(second, key);
    const waits = nobodyPresses();
    const first = application.sign(session, DIGEST);
    await waits();
    const inLine = application.sign(second, DIGEST);
    expect(await cancel(application, second, CKF_SIGN)).toBe(0);
    expect(bench.simulated.token.isBusy()).toBe(true);
    expect(bench.simulated.button.pressNow()).toBe(true);
    expect((await first).rv).toBe(0);
    expect(await soon(inLine)).toBe(CKR_FUNCTION_CANCELED); // as soon as the token tells that it waits for it
    expect(bench.simulated.token.isBusy()).toBe(false);
  });
});

describe("C_CloseSession", () => {
  test.each(["the last session", "one of two sessions"])("of %s gives up a C_Sign that waits for the button", async (which) => {
    const { application, session } = await bench.loggedIn(PIN);
    if (which !== "the last session") await application.openSession();
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    const waits = nobodyPresses();
    const signing = application.sign(session, DIGEST);
    await waits();
    expect(await application.closeSession(session)).toBe(0);
    expect(await soon(signing)).toBe(CKR_FUNCTION_CANCELED);
    expect(bench.simulated.token.isBusy()).toBe(false);
  });
});

test("an application that goes away while it waits for the button leaves the token free", async () => {
  const { application, session } = await bench.loggedIn(PIN);
  await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
  const waits = nobodyPresses();
  application.sign(session, DIGEST).catch(() => undefined);
  await waits();
  application.rpc.close();
  await expect.poll(() => bench.simulated.token.isBusy()).toBe(false);
});

describe("C_LoginUser", () => {
  const loginUser = async (pin: string, name: Uint8Array | null, userType = CKU_USER): Promise<[RpcApplication, number, number]> => {
    const application = await bench.application();
    const session = await application.openSession();
    const answer = await application.rpc.call("C_LoginUser", u(session), u(userType), ay(ascii(pin)), ay(name));
    return [application, session, answer.rv];
  };

  test.each([null, new Uint8Array(0)])("without a user's name is C_Login", async (name) => {
    const [application, session, rv] = await loginUser(PIN, name);
    expect(rv).toBe(0);
    expect(await application.stateOf(session)).toBe(1);
    expect(await application.login(session, PIN)).toBe(0x100);
  });

  test("with a name, which the token's users have not, answers CKR_ARGUMENTS_BAD and spends no try", async () => {
    const [, , rv] = await loginUser(WRONG_PIN, ascii("alice"));
    expect(rv).toBe(CKR_ARGUMENTS_BAD);
    expect(bench.triesLeft()).toBe(3);
  });

  test("with a wrong PIN answers CKR_PIN_INCORRECT", async () => {
    const [application, session, rv] = await loginUser(WRONG_PIN, null);
    expect(rv).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, PIN)).toBe(0);
  });
});

describe("while the token waits for its button", () => {
  test("others are told of it, and open sessions, without waiting", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const other = await bench.application();
    expect((await other.rpc.call("C_GetTokenInfo", u(SLOT_ID))).rv).toBe(0);
    const waiting = nobodyPresses();
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    const signature = application.sign(session, DIGEST);
    await waiting();
    expect(await soon(other.rpc.call("C_GetTokenInfo", u(SLOT_ID)))).toBe(0);
    expect(await soon(other.rpc.call("C_OpenSession", u(SLOT_ID), u(CKF_SERIAL_SESSION)))).toBe(0);
    bench.simulated.button.script = PRESSED_AT_ONCE;
    await cancel(application, session, CKF_SIGN);
    expect(await soon(signature)).toBe(CKR_FUNCTION_CANCELED);
    await application.closeSession(session);
  });

  test("C_Logout gives up what waits in that login", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const second = await application.openSession();
    const waiting = nobodyPresses();
    await application.signInit(session, await application.privateKey(session, AUTHENTICATION));
    const signature = application.sign(session, DIGEST);
    await waiting();
    expect(await application.logout(second)).toBe(0);
    expect(await soon(signature)).toBe(CKR_FUNCTION_CANCELED);
  });
});
