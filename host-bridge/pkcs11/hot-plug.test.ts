// Tokens that come and go while applications run: C_WaitForSlotEvent, sessions, logins (PKCS#11 2.40 §5.1.6, §5.5).

import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { RpcApplication } from "../../test/support/rpc-bench.ts";
import { fu, RpcClient, u, y } from "../../test/support/rpc-client.ts";
import { PIN, SERIAL, SimulatedToken } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type RunningBridge, startBridge } from "../bridge.ts";

const CKF_DONT_BLOCK = 1;
const CKR_HOST_MEMORY = 0x02;
const CKR_NO_EVENT = 0x08;
const CKR_DEVICE_REMOVED = 0x32;
const CKR_SESSION_HANDLE_INVALID = 0xb3;
const CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;
const RO_PUBLIC = 0;
const OTHER_SERIAL = 11;

const base = temporaryFolder();
let count = 0;
let tokenFolder: string;
let bridge: RunningBridge;
let simulated: SimulatedToken;
let cable: { close(): Promise<void> };
let clients: RpcClient[];
let application: RpcApplication;

const plugIn = async (): Promise<void> => {
  cable = await simulated.plugIn(join(tokenFolder, "token.sock"));
};

async function openApplication(): Promise<RpcApplication> {
  const rpc = await RpcClient.connect(join(base, `pkcs11-${count}`));
  clients.push(rpc);
  const opened = new RpcApplication(rpc, 1);
  await opened.initialize();
  return opened;
}

beforeEach(async () => {
  tokenFolder = join(base, `tokens-${++count}`);
  clients = [];
  simulated = await SimulatedToken.initialised();
  await simulated.makeKey(SLOT_AUTHENTICATION);
  await plugIn();
  bridge = await startBridge({ tokenFolder, pkcs11Socket: join(base, `pkcs11-${count}`), log: () => {} });
  application = await openApplication();
});

afterEach(async () => {
  for (const client of clients) client.close();
  await bridge.close();
  await cable.close();
});

const presentSlots = async (): Promise<number[] | number> => (await application.rpc.call("C_GetSlotList", y(1), fu(5))).ulongArray();

async function unplug(): Promise<void> {
  await cable.close();
  await expect.poll(presentSlots).toEqual([]);
}

async function replug(): Promise<void> {
  await unplug();
  await plugIn();
  await expect.poll(presentSlots).toEqual([SERIAL]);
}

async function waitForEvent(flags = 0, own = application): Promise<number | string> {
  const answer = await own.rpc.call("C_WaitForSlotEvent", u(flags));
  return answer.rv === 0 ? answer.ulong() : `CKR ${answer.rv}`;
}

describe("C_WaitForSlotEvent", () => {
  test("with CKF_DONT_BLOCK tells of a slot once, and CKR_NO_EVENT else", async () => {
    expect(await waitForEvent(CKF_DONT_BLOCK)).toBe(`CKR ${CKR_NO_EVENT}`);
    await replug(); // out and in: the application looks for itself which it is
    expect(await waitForEvent(CKF_DONT_BLOCK)).toBe(SERIAL);
    expect(await waitForEvent(CKF_DONT_BLOCK)).toBe(`CKR ${CKR_NO_EVENT}`);
  });

  test("waits for a token that comes or goes, and holds up no other call of the connection", async () => {
    const waiting = waitForEvent();
    await unplug(); // which asks for the slot list on the same connection
    expect(await waiting).toBe(SERIAL);
    const again = waitForEvent();
    const other = await new SimulatedToken(OTHER_SERIAL).plugIn(join(tokenFolder, "other.sock"));
    expect(await again).toBe(OTHER_SERIAL);
    await other.close();
  });

  test("tells every application", async () => {
    const others = [await openApplication(), await openApplication()];
    const waiting = [application, ...others].map((own) => waitForEvent(0, own));
    await cable.close();
    expect(await Promise.all(waiting)).toEqual([SERIAL, SERIAL, SERIAL]);
  });

  test("waits 64 times at once and no more, and C_Finalize still gets in", async () => {
    const waiting = Array.from({ length: 2000 }, () => waitForEvent());
    expect((await application.rpc.call("C_Finalize")).rv).toBe(0);
    const answers = await Promise.all(waiting);
    expect(answers.filter((answer) => answer === `CKR ${CKR_CRYPTOKI_NOT_INITIALIZED}`)).toHaveLength(64);
    expect(answers.filter((answer) => answer === `CKR ${CKR_HOST_MEMORY}`)).toHaveLength(2000 - 64);
  });

  test("ends with CKR_CRYPTOKI_NOT_INITIALIZED when the application finalises; what came before C_Initialize is not told", async () => {
    const waiting = waitForEvent();
    expect((await application.rpc.call("C_Finalize")).rv).toBe(0);
    expect(await waiting).toBe(`CKR ${CKR_CRYPTOKI_NOT_INITIALIZED}`);
    await cable.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await application.initialize();
    expect(await waitForEvent(CKF_DONT_BLOCK)).toBe(`CKR ${CKR_NO_EVENT}`);
  });
});

describe("a token that is replugged", () => {
  test("ends sessions and logins; in its old slot it is opened and logged in to again", async () => {
    const session = await application.openSession(SERIAL);
    expect(await application.login(session, PIN)).toBe(0);
    await replug();
    expect(await application.login(session, PIN)).toBe(CKR_SESSION_HANDLE_INVALID);
    expect(await application.closeSession(session)).toBe(CKR_SESSION_HANDLE_INVALID);
    const after = await application.openSession(SERIAL);
    expect(await application.stateOf(after)).toBe(RO_PUBLIC);
    expect(await application.login(after, PIN)).toBe(0);
    expect(await application.signInit(after, await application.privateKey(after, 1))).toBe(0);
    expect((await application.sign(after, new Uint8Array(32).fill(1))).rv).toBe(0);
  });

  test("never reads as a wrong PIN: not to a login under way, nor after it", async () => {
    const session = await application.openSession(SERIAL);
    for (let round = 0; round < 5; round++) {
      const logins = [1, 2, 3].map(async () => application.login(await application.openSession(SERIAL).catch(() => session), PIN));
      await new Promise((resolve) => setTimeout(resolve, round));
      await replug();
      for (const rv of await Promise.all(logins)) expect([0, CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID, 0xb0, 0x100]).toContain(rv);
    }
    expect(simulated.token.card.pin.triesLeft()).toBe(3);
  });
});
