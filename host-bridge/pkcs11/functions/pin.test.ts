// C_SetPIN, the security officer, and C_InitPIN.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KEY_REF_PUK, SLOT_AUTHENTICATION } from "../../../protocol/piv.ts";
import { type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, PUK, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TokenClient } from "../../token/token-client.ts";
import { SoLogin } from "../application/so-login.ts";

const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_INVALID = 0xa1;
const CKR_PIN_LEN_RANGE = 0xa2;
const CKR_PIN_LOCKED = 0xa4;
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const CKR_USER_ANOTHER_ALREADY_LOGGED_IN = 0x104;
const CKU_SO = 0;
const RW_USER = 3;
const RW_SO = 4;
const NEW_PIN = "558820";
const NEW_PUK = "66093175";
const WRONG_PUK = "11223399";

const folder = temporaryFolder();
let bench: RpcBench;
let application: RpcApplication;
let session: number;

beforeEach(async () => {
  bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_AUTHENTICATION)));
  application = await bench.application();
  session = await application.openSession(SLOT_ID, true);
});

afterEach(() => bench.close());

const setPin = async (before: string, after: string, own = session): Promise<number> =>
  (await application.rpc.call("C_SetPIN", u(own), ay(ascii(before)), ay(ascii(after)))).rv;
const initPin = async (pin: string): Promise<number> => (await application.rpc.call("C_InitPIN", u(session), ay(ascii(pin)))).rv;
const pukTriesLeft = (): Promise<number> => bench.slot.triesLeft(KEY_REF_PUK);

async function blockPin(): Promise<void> {
  const client = bench.simulated.client();
  for (let attempt = 0; attempt < 3; attempt++) await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
  expect(bench.triesLeft()).toBe(0);
}

describe("C_SetPIN", () => {
  test("changes the PIN, without a login too", async () => {
    expect(await setPin(PIN, NEW_PIN)).toBe(0);
    expect(await application.login(session, PIN)).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, NEW_PIN)).toBe(0);
  });

  test("leaves whoever changed it logged in", async () => {
    await application.login(session, PIN);
    expect(await setPin(PIN, NEW_PIN)).toBe(0);
    expect(await application.stateOf(session)).toBe(RW_USER);
    await application.signInit(session, await application.privateKey(session, 1));
    expect((await application.sign(session, new Uint8Array(32).fill(1))).rv).toBe(0);
  });

  test("with a wrong old PIN spends a try, changes nothing, and takes nothing from the login", async () => {
    await application.login(session, PIN);
    expect(await setPin(WRONG_PIN, NEW_PIN)).toBe(CKR_PIN_INCORRECT);
    expect(bench.triesLeft()).toBe(2);
    await application.signInit(session, await application.privateKey(session, 1));
    expect((await application.sign(session, new Uint8Array(32).fill(1))).rv).toBe(0);
  });

  test.each([
    ["five digits", "55882", CKR_PIN_LEN_RANGE],
    ["nine digits", "558820123", CKR_PIN_LEN_RANGE],
    ["letters", "abcdef", CKR_PIN_INVALID],
    ["a trivial one", "111111", CKR_PIN_INVALID],
  ])("refuses %s as the new PIN, and spends no try", async (_, pin, rv) => {
    expect(await setPin(PIN, pin)).toBe(rv);
    expect(await setPin(WRONG_PIN, pin)).toBe(rv);
    expect(bench.triesLeft()).toBe(3);
  });

  test("ends a login that the token does not renew: the PIN is changed all the same", async () => {
    await application.login(session, PIN);
    vi.spyOn(TokenClient.prototype, "verifyPin").mockRejectedValueOnce(new Error("the cable"));
    expect(await setPin(PIN, NEW_PIN)).toBe(0);
    vi.restoreAllMocks();
    expect(await application.login(session, NEW_PIN)).toBe(0);
  });

  test("needs a session that writes", async () => {
    expect(await setPin(PIN, NEW_PIN, await application.openSession())).toBe(0xb5);
  });
});

describe("the security officer", () => {
  test("is whoever knows the PUK; the user is another", async () => {
    expect(await application.login(session, PUK, CKU_SO)).toBe(0);
    expect(await application.stateOf(session)).toBe(RW_SO);
    expect(await application.login(session, PUK, CKU_SO)).toBe(CKR_USER_ALREADY_LOGGED_IN);
    expect(await application.login(session, PIN)).toBe(CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
    expect(await application.find(session, [[0x00, 3]])).toHaveLength(1); // seen, so that who made it finds it; using it takes the PIN
    expect(await application.logout(session)).toBe(0);
    expect(await application.login(session, PIN)).toBe(0);
    expect(await application.login(session, PUK, CKU_SO)).toBe(CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  });

  test("with a wrong PUK is told so at C_Login; the last try waits until C_GetTokenInfo has told of it", async () => {
    const answers = [];
    for (let attempt = 0; attempt < 3; attempt++) answers.push(await application.login(session, WRONG_PUK, CKU_SO));
    expect(answers).toEqual([CKR_PIN_INCORRECT, CKR_PIN_INCORRECT, CKR_PIN_LOCKED]);
    expect(await pukTriesLeft()).toBe(1);
    await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
    expect(await application.login(session, PUK, CKU_SO)).toBe(0);
    expect(await pukTriesLeft()).toBe(3);
  });

  test("with a PUK of another length spends no try", async () => {
    expect(await application.login(session, "1234567", CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await pukTriesLeft()).toBe(3);
  });

  test("with a value that no token takes for a PUK is told that it is wrong; no try is spent on that", async () => {
    for (const puk of ["12345678", "11111111"]) expect(await application.login(session, puk, CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await pukTriesLeft()).toBe(3);
  });

  test("has no read-only sessions", async () => {
    const reading = await application.openSession();
    expect(await application.login(session, PUK, CKU_SO)).toBe(0xb7);
    await application.closeSession(reading);
    expect(await application.login(session, PUK, CKU_SO)).toBe(0);
    expect((await application.rpc.call("C_OpenSession", u(SLOT_ID), u(4))).rv).toBe(0xb8);
  });

  test("unblocks the PIN with C_InitPIN, and only that", async () => {
    await blockPin();
    expect(await initPin(NEW_PIN)).toBe(CKR_USER_NOT_LOGGED_IN);
    await application.login(session, PUK, CKU_SO);
    expect(await initPin(NEW_PIN)).toBe(0);
    await application.logout(session);
    expect(await initPin(PIN)).toBe(CKR_USER_NOT_LOGGED_IN);
    expect(await application.login(session, NEW_PIN)).toBe(0);
  });

  test.each([
    ["55882", CKR_PIN_LEN_RANGE],
    ["123123", CKR_PIN_INVALID],
  ])("cannot make %s the PIN; no try of the PUK is spent", async (pin, rv) => {
    await application.login(session, PUK, CKU_SO);
    expect(await initPin(pin)).toBe(rv);
    expect(await pukTriesLeft()).toBe(3);
  });

  test("changes the PUK with C_SetPIN, and goes on with the new one", async () => {
    await application.login(session, PUK, CKU_SO);
    expect(await setPin(PIN, NEW_PUK)).toBe(CKR_PIN_INCORRECT);
    expect(await setPin(PUK, NEW_PUK.slice(1))).toBe(CKR_PIN_LEN_RANGE);
    expect(await setPin(PUK, NEW_PUK)).toBe(0);
    expect(await initPin(NEW_PIN)).toBe(0);
    await application.logout(session);
    expect(await application.login(session, PUK, CKU_SO)).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, NEW_PUK, CKU_SO)).toBe(0);
  });

  test("spends the last try of the PUK, when it was changed elsewhere, only after C_GetTokenInfo has told of it", async () => {
    await application.login(session, PUK, CKU_SO);
    const client = bench.simulated.client();
    await client.changePuk(ascii(PUK), ascii(NEW_PUK));
    for (let spent = 0; spent < 2; spent++) await client.changePuk(ascii(WRONG_PUK), ascii(WRONG_PUK)).catch(() => {});
    expect(await initPin(NEW_PIN)).toBe(CKR_PIN_LOCKED);
    expect(await setPin(PUK, WRONG_PUK)).toBe(CKR_PIN_LOCKED);
    expect(await pukTriesLeft()).toBe(1);
    await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
    expect(await setPin(NEW_PUK, PUK)).toBe(0);
    expect(await initPin(NEW_PIN)).toBe(0);
  });

  test.each([
    ["its session is closed", 0xb0, () => application.closeSession(session)],
    ["a read-only session is opened", 0xb7, () => application.openSession()],
  ])("is not logged in when %s while the token looks at the PUK, and the PUK is overwritten", async (_, rv, meanwhile) => {
    const end = vi.spyOn(SoLogin.prototype, "end");
    const { changePuk } = TokenClient.prototype;
    vi.spyOn(TokenClient.prototype, "changePuk").mockImplementationOnce(async function (this: TokenClient, ...puks) {
      await changePuk.apply(this, puks);
      await meanwhile();
    });
    expect(await application.login(session, PUK, CKU_SO)).toBe(rv);
    expect(end).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    const second = await application.openSession();
    expect(await application.stateOf(second)).toBe(0);
  });

  test("of one application is nobody's in another, and ends with the last session", async () => {
    await application.login(session, PUK, CKU_SO);
    const other = await bench.application();
    expect((await other.rpc.call("C_InitPIN", u(await other.openSession(SLOT_ID, true)), ay(ascii(NEW_PIN)))).rv).toBe(
      CKR_USER_NOT_LOGGED_IN,
    );
    await application.closeSession(session);
    session = await application.openSession(SLOT_ID, true);
    expect(await initPin(NEW_PIN)).toBe(CKR_USER_NOT_LOGGED_IN);
  });
});

test("an officer who may not log in now spends no try, with a wrong PUK either", async () => {
  await application.openSession();
  expect(await application.login(session, WRONG_PUK, CKU_SO)).toBe(0xb7);
  expect(await pukTriesLeft()).toBe(3);
});
