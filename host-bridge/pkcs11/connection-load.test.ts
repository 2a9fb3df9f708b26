// Many calls on a connection, many connections, and applications that do not read: as p11-kit's client with many threads meets the bridge.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_ONCE, SLOT_AUTHENTICATION, SLOT_CARD_AUTHENTICATION } from "../../protocol/piv.ts";
import { PRESSED_AT_ONCE } from "../../simulator/scripted-button.ts";
import { type RpcApplication, RpcBench, SLOT_ID } from "../../test/support/rpc-bench.ts";
import { ay, callBody, frame, fu, fy, mechanism, type RpcClient, rooms, u, y } from "../../test/support/rpc-client.ts";
import { PIN } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const CKR_FUNCTION_CANCELED = 0x50;
const CKR_SESSION_HANDLE_INVALID = 0xb3;
const CKM_ECDSA = 0x1041;
const WITH_BUTTON = 1;
const WITHOUT_BUTTON = 4;
const DIGEST = new Uint8Array(32).fill(7);
const SLOT_LIST = callBody("C_GetSlotList", [y(1), fu(10)]);

let bench: RpcBench;

beforeAll(async () => {
  bench = await RpcBench.open(temporaryFolder(), async (simulated) => {
    await simulated.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
    await simulated.makeKey(SLOT_CARD_AUTHENTICATION);
  });
});

afterAll(() => bench.close());

/** A session in which C_Sign waits for the button. */
async function waitingForButton(): Promise<{ application: RpcApplication; session: number; key: number; signing: Promise<number> }> {
  const { application, session } = await bench.loggedIn(PIN);
  const { simulated } = bench;
  simulated.button.script = { kind: "never" };
  const key = await application.privateKey(session, WITH_BUTTON);
  await application.signInit(session, key);
  const signing = application.sign(session, DIGEST).then(({ rv }) => rv);
  await expect.poll(() => simulated.token.isBusy(), { timeout: 5000 }).toBe(true);
  simulated.button.script = PRESSED_AT_ONCE;
  return { application, session, key, signing };
}

/** The order in which these calls are answered, by their place. */
async function orderOf(answers: readonly Promise<unknown>[]): Promise<number[]> {
  const order: number[] = [];
  await Promise.all(answers.map((answer, place) => answer.then(() => order.push(place))));
  return order;
}

describe("a signature that waits for the button", () => {
  test("holds up no other call of the application: their answers come first", async () => {
    const { application, session, signing } = await waitingForButton();
    const { rpc } = application;
    const others = Promise.all([rpc.send(SLOT_LIST), rpc.call("C_GetMechanismList", u(SLOT_ID), fu(30))]);
    expect((await others).map(({ rv }) => rv)).toEqual([0, 0]);
    const next = application.stateOf(session);
    expect(bench.simulated.button.pressNow()).toBe(true);
    expect(await orderOf([signing, next])).toEqual([0, 1]);
    expect(await signing).toBe(0);
  });

  test("holds up the calls of its own session, which keep their order, and those of no other", async () => {
    const { application, session, signing } = await waitingForButton();
    const { rpc } = application;
    bench.log.length = 0;
    const later = [application.signInit(session, 999), application.stateOf(session), rpc.call("C_FindObjectsFinal", u(session))];
    expect((await rpc.send(SLOT_LIST)).rv).toBe(0);
    expect(bench.log.map(([name]) => name)).toEqual(["C_GetSlotList"]);
    bench.simulated.button.pressNow();
    await Promise.all([signing, ...later]);
    expect(bench.log.map(([name]) => name)).toEqual(["C_GetSlotList", "C_Sign", "C_SignInit", "C_GetSessionInfo", "C_FindObjectsFinal"]);
  });

  test("does not hold up C_CloseSession; what stood in line behind it finds no session", async () => {
    const { application, session, signing } = await waitingForButton();
    const inLine = application.rpc.call("C_GetSessionInfo", u(session));
    expect(await application.closeSession(session)).toBe(0);
    bench.simulated.button.pressNow();
    await signing;
    expect((await inLine).rv).toBe(CKR_SESSION_HANDLE_INVALID);
  });
});

test("calls of one session that come in one write run in their order", async () => {
  const { application, session } = await bench.loggedIn(PIN);
  const { rpc } = application;
  const key = await application.privateKey(session, WITHOUT_BUTTON);
  const signInit = callBody("C_SignInit", [u(session), mechanism(CKM_ECDSA, 1), u(key)]);
  const sign = callBody("C_Sign", [u(session), ay(DIGEST), fy(64)]);
  const codes = Array.from({ length: 40 }, (_, place) => 5000 + place);
  const answers = codes.map((code) => rpc.answerTo(code));
  rpc.socket.write(Buffer.concat(codes.map((code, place) => frame(code, place % 2 === 0 ? signInit : sign))));
  expect((await Promise.all(answers)).map(({ rv }) => rv)).toEqual(codes.map(() => 0));
});

test("64 connections of 20 calls each, all at once, are all answered", async () => {
  const applications = await Promise.all(Array.from({ length: 64 }, () => bench.application()));
  const answers = applications.flatMap(({ rpc }) => Array.from({ length: 20 }, () => rpc.send(SLOT_LIST)));
  expect((await Promise.all(answers)).every((answer) => JSON.stringify(answer.ulongArray()) === `[${SLOT_ID}]`)).toBe(true);
  for (const { rpc } of applications) rpc.close();
});

test("2,500 calls outstanding on one connection are all answered, each once", async () => {
  const { rpc } = await bench.application();
  const answers = Array.from({ length: 2500 }, () => rpc.call("C_GetTokenInfo", u(SLOT_ID)));
  expect((await Promise.all(answers)).every(({ rv }) => rv === 0)).toBe(true);
  expect(rpc.unasked).toEqual([]);
});

describe("an application that does not read", () => {
  const CALLS = 4000;

  /** Asks for more than the sockets hold, and reads nothing. */
  async function flood(): Promise<{ rpc: RpcClient; answers: Promise<number>[] }> {
    const application = await bench.application();
    const { rpc } = application;
    const session = await application.openSession();
    const [object = 0] = await application.find(session, []);
    const body = callBody("C_GetAttributeValue", [u(session), u(object), rooms(Array.from({ length: 100 }, () => [0x180, 300] as const))]);
    rpc.socket.pause();
    bench.log.length = 0;
    const answers = Array.from({ length: CALLS }, (_, place) => {
      const answer = rpc.answerTo(10_000 + place);
      rpc.socket.write(frame(10_000 + place, body));
      return answer.then(({ rv }) => rv);
    });
    for (let before = -1; before !== bench.log.length; await sleep(30)) before = bench.log.length;
    return { rpc, answers };
  }

  test("is served no further than a bound, harms no other, and gets all its answers once it reads", async () => {
    const { rpc, answers } = await flood();
    expect(bench.log.length).toBeGreaterThan(0);
    expect(bench.log.length).toBeLessThan(CALLS / 2);
    expect((await (await bench.application()).rpc.send(SLOT_LIST)).rv).toBe(0);
    rpc.socket.resume();
    expect((await Promise.all(answers)).every((rv) => rv === 0)).toBe(true);
  });

  test("is served no further, either, where its calls have waited for the one before them in their session", async () => {
    const { application, session, key, signing } = await waitingForButton();
    const { rpc } = application;
    const body = callBody("C_GetAttributeValue", [u(session), u(key), rooms(Array.from({ length: 100 }, () => [0x180, 300] as const))]);
    const answers = Array.from({ length: 1000 }, () => rpc.send(body));
    await expect.poll(() => rpc.socket.writableLength, { timeout: 5000 }).toBe(0);
    rpc.socket.pause();
    bench.log.length = 0;
    bench.simulated.button.pressNow();
    for (let before = -1; before !== bench.log.length; await sleep(30)) before = bench.log.length;
    expect(bench.log.length).toBeLessThan(800);
    rpc.socket.resume();
    expect(await signing).toBe(0);
    expect((await Promise.all(answers)).every(({ rv }) => rv === 0)).toBe(true);
  });

  /** Of both ends: they live in this process. */
  const openSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "PipeWrap").length;

  test("and dies is forgotten", async () => {
    await sleep(100); // those of the tests before
    const before = openSockets();
    const { rpc, answers } = await flood();
    expect(openSockets()).toBe(before + 2);
    const ended = Promise.allSettled(answers);
    const served = bench.log.length;
    rpc.close();
    await once(rpc.socket, "close");
    await ended;
    await sleep(50);
    expect(bench.log.length).toBeLessThan(CALLS);
    expect(bench.log.length - served).toBeLessThan(1500);
    await expect.poll(openSockets, { timeout: 5000 }).toBe(before);
  });
});

test("an application that dies while it waits for the button leaves nothing behind", async () => {
  const { application, signing } = await waitingForButton();
  const ended = signing.catch(() => CKR_FUNCTION_CANCELED);
  application.rpc.close();
  await ended;
  await expect.poll(() => bench.simulated.token.isBusy(), { timeout: 5000 }).toBe(false);
});

test("and one that dies with more calls outstanding than are begun: nobody's press is waited for any longer", async () => {
  const { application, session, signing } = await waitingForButton();
  const ended = signing.catch(() => CKR_FUNCTION_CANCELED);
  const { rpc } = application;
  const body = callBody("C_GetSessionInfo", [u(session)]);
  const others = Array.from({ length: 8000 }, () => rpc.send(body).catch(() => null));
  await sleep(500);
  rpc.close();
  await Promise.all([ended, ...others]);
  await expect.poll(() => bench.simulated.token.isBusy(), { timeout: 3000 }).toBe(false); // it would wait 15 s
});
