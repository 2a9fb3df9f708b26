// The protected authentication path: who asks whom for which PIN, and when nobody is asked.

import { setImmediate as soon } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../../protocol/piv.ts";
import { CKU_CONTEXT_SPECIFIC, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, PUK, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { PinPrompt, PinQuestion } from "../../pin-prompt/pin-prompt.ts";

const CKR_ARGUMENTS_BAD = 0x07;
const CKR_FUNCTION_CANCELED = 0x50;
const CKR_OPERATION_NOT_INITIALIZED = 0x91;
const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_LOCKED = 0xa4;
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
const CKF_PROTECTED_AUTHENTICATION_PATH = 0x100;
const CKU_SO = 0;
const NEW_PIN = "55882013";
const TOKEN = "40718225";
const folder = temporaryFolder();
let bench: RpcBench;

/** A person who answers in this order, and what they were asked. */
class Person implements PinPrompt {
  readonly asked: PinQuestion[] = [];
  /** Every PIN that was given out: the bridge must have overwritten it. */
  readonly given: Uint8Array[] = [];
  private readonly answers: (string | null | "waits")[];

  constructor(...answers: (string | null | "waits")[]) {
    this.answers = answers;
  }

  async ask(question: PinQuestion, signal?: AbortSignal): Promise<Uint8Array | null> {
    this.asked.push(question);
    const answer = this.answers.shift() ?? null;
    if (answer === "waits") await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    if (answer === null || answer === "waits") return null;
    const pin = ascii(answer);
    this.given.push(pin);
    return pin;
  }
}

async function open(person: Person | null): Promise<void> {
  const prepare: Parameters<typeof RpcBench.open>[1] = async (simulated) => {
    await simulated.makeKey(SLOT_AUTHENTICATION);
    await simulated.makeKey(SLOT_SIGNATURE);
  };
  bench = await RpcBench.open(folder, prepare, { services: { pinPrompt: person } });
}

afterEach(() => bench.close());

async function flags(application: Awaited<ReturnType<RpcBench["application"]>>): Promise<number> {
  const answer = await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
  for (let i = 0; i < 4; i++) answer.text();
  return answer.ulong();
}

describe("a login without a PIN", () => {
  test("is the person's, who is told what for; the PIN is overwritten", async () => {
    const person = new Person(PIN);
    await open(person);
    const application = await bench.application();
    expect((await flags(application)) & CKF_PROTECTED_AUTHENTICATION_PATH).not.toBe(0);
    const session = await application.openSession();
    expect(await application.login(session, null)).toBe(0);
    expect(person.asked).toEqual([{ what: "login", token: TOKEN, triesLeft: 3, isLastTry: false }]);
    await soon();
    expect(person.given).toEqual([new Uint8Array(8)]);
    expect(await application.login(session, null)).toBe(CKR_USER_ALREADY_LOGGED_IN);
    expect(person.asked).toHaveLength(1);
  });

  test("that the person declines is CKR_FUNCTION_CANCELED, and spends no try", async () => {
    await open(new Person(null));
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.login(session, null)).toBe(CKR_FUNCTION_CANCELED);
    expect(bench.triesLeft()).toBe(3);
  });

  test("again and again: after three refusals nobody is asked, for this application", async () => {
    const person = new Person(null, null, null, PIN);
    await open(person);
    const [looping, other] = [await bench.application(), await bench.application()];
    const session = await looping.openSession();
    for (let i = 0; i < 20; i++) expect(await looping.login(session, null)).toBe(CKR_FUNCTION_CANCELED);
    expect(person.asked).toHaveLength(3);
    expect(await other.login(await other.openSession(), null)).toBe(0);
    expect(await looping.login(session, PIN)).toBe(0); // its own PIN is no question
  });

  test("that is answered ends the row of refusals", async () => {
    const person = new Person(null, null, PIN);
    await open(person);
    const application = await bench.application();
    const session = await application.openSession();
    for (const expected of [CKR_FUNCTION_CANCELED, CKR_FUNCTION_CANCELED, 0]) expect(await application.login(session, null)).toBe(expected);
    await application.logout(session);
    for (let i = 0; i < 2; i++) await application.login(session, null);
    expect(person.asked).toHaveLength(5);
  });

  test("where nobody is asked is CKR_ARGUMENTS_BAD", async () => {
    await open(null);
    const application = await bench.application();
    expect((await flags(application)) & CKF_PROTECTED_AUTHENTICATION_PATH).toBe(0);
    const session = await application.openSession();
    expect(await application.login(session, null)).toBe(CKR_ARGUMENTS_BAD);
  });

  test("with the last try tells so, and may spend it; of a blocked PIN nobody is asked", async () => {
    const person = new Person(WRONG_PIN, WRONG_PIN, WRONG_PIN, PIN);
    await open(person);
    const application = await bench.application();
    const session = await application.openSession();
    for (let i = 0; i < 3; i++) expect(await application.login(session, null)).toBe(i < 2 ? CKR_PIN_INCORRECT : CKR_PIN_LOCKED);
    expect(person.asked.map(({ triesLeft, isLastTry }) => [triesLeft, isLastTry])).toEqual([
      [3, false],
      [2, false],
      [1, true],
    ]);
    expect(await application.login(session, null)).toBe(CKR_PIN_LOCKED);
    expect(person.asked).toHaveLength(3);
  });

  test("holds up no other application's login, and ends with its session", async () => {
    await open(new Person("waits"));
    const [slow, quick] = [await bench.application(), await bench.application()];
    const [waiting, session] = [await slow.openSession(), await quick.openSession()];
    const login = slow.login(waiting, null);
    await soon();
    expect(await quick.login(session, PIN)).toBe(0);
    expect(await slow.closeSession(waiting)).toBe(0);
    expect(await login).toBe(CKR_FUNCTION_CANCELED);
  });
});

test("for one signature the person is told the key; without an operation nobody is asked", async () => {
  const person = new Person(PIN, PIN);
  await open(person);
  const { application, session } = await bench.loggedIn(PIN);
  expect(await application.login(session, null, CKU_CONTEXT_SPECIFIC)).toBe(CKR_OPERATION_NOT_INITIALIZED);
  await application.signInit(session, await application.privateKey(session, 2));
  expect(await application.login(session, null, CKU_CONTEXT_SPECIFIC)).toBe(0);
  expect(person.asked).toEqual([{ what: "signature", key: "PIV signature", token: TOKEN, triesLeft: 3, isLastTry: false }]);
  expect((await application.sign(session, new Uint8Array(32))).rv).toBe(0);
});

test("C_Sign of an application that knows no context login asks by itself, until the PIN is right or the person declines", async () => {
  const person = new Person(WRONG_PIN, "12", PIN, null);
  await open(person);
  const { application, session } = await bench.loggedIn(PIN);
  const key = await application.privateKey(session, 2);
  await application.signInit(session, key);
  expect((await application.sign(session, new Uint8Array(32))).rv).toBe(0);
  expect(person.asked.map(({ what, triesLeft }) => [what, triesLeft])).toEqual([
    ["signature", 3],
    ["signature", 2],
    ["signature", 2],
  ]);
  expect(bench.triesLeft()).toBe(3);
  await application.signInit(session, key);
  expect((await application.sign(session, new Uint8Array(32))).rv).toBe(CKR_FUNCTION_CANCELED);
});

test("C_Sign asks no more when the PIN is blocked; the last try was told as such", async () => {
  const person = new Person(WRONG_PIN, WRONG_PIN, WRONG_PIN, PIN);
  await open(person);
  const { application, session } = await bench.loggedIn(PIN);
  await application.signInit(session, await application.privateKey(session, 2));
  expect((await application.sign(session, new Uint8Array(32))).rv).toBe(CKR_PIN_LOCKED);
  expect(person.asked.map(({ isLastTry }) => isLastTry)).toEqual([false, false, true]);
  expect(bench.triesLeft()).toBe(0);
});

test("the officer is told the tries of the PUK", async () => {
  const person = new Person("11223399", PUK);
  await open(person);
  const application = await bench.application();
  const session = await application.openSession(SLOT_ID, true);
  expect(await application.login(session, null, CKU_SO)).toBe(CKR_PIN_INCORRECT);
  expect(await application.login(session, null, CKU_SO)).toBe(0);
  expect(person.asked.map(({ triesLeft }) => triesLeft)).toEqual([3, 2]);
});

test("the officer is asked for the PUK, and for the new PIN", async () => {
  const person = new Person(PUK, NEW_PIN);
  await open(person);
  const application = await bench.application();
  const session = await application.openSession(SLOT_ID, true);
  expect(await application.login(session, null, CKU_SO)).toBe(0);
  expect((await application.rpc.call("C_InitPIN", u(session), ay(null))).rv).toBe(0);
  expect(person.asked.map(({ what }) => what)).toEqual(["officer", "new-pin"]);
  expect((await application.rpc.call("C_SetPIN", u(session), ay(null), ay(null))).rv).toBe(CKR_ARGUMENTS_BAD);
  await application.logout(session);
  expect(await application.login(session, NEW_PIN)).toBe(0);
});

test("C_SetPIN asks for the present PIN and the new one", async () => {
  const person = new Person(PIN, NEW_PIN, NEW_PIN, null);
  await open(person);
  const application = await bench.application();
  const session = await application.openSession(SLOT_ID, true);
  expect((await application.rpc.call("C_SetPIN", u(session), ay(null), ay(null))).rv).toBe(0);
  expect(person.asked.map(({ what }) => what)).toEqual(["old-pin", "new-pin"]);
  expect((await application.rpc.call("C_SetPIN", u(session), ay(null), ay(null))).rv).toBe(CKR_FUNCTION_CANCELED);
  expect(await application.login(session, NEW_PIN)).toBe(0);
});
