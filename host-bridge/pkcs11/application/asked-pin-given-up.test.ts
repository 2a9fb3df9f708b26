// A question for a PIN whose answer nobody may use any more: the session, the login or the use that it was for has ended, or another user logged in.

import { afterEach, describe, expect, test, vi } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../../protocol/piv.ts";
import { CKU_CONTEXT_SPECIFIC, type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, callBody, frame, type RpcAnswer, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, PUK, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { PinPrompt, PinQuestion } from "../../pin-prompt/pin-prompt.ts";
import { TokenClient } from "../../token/token-client.ts";

const CKR_ARGUMENTS_BAD = 0x07;
const CKR_FUNCTION_CANCELED = 0x50;
const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_LOCKED = 0xa4;
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
const CKF_SIGN = 0x800;
const CKU_SO = 0;
const NEW_PIN = "55882013";
const folder = temporaryFolder();
let bench: RpcBench;
let person: Person;

/** A person who answers when the test says so. */
class Person implements PinPrompt {
  readonly asked: PinQuestion[] = [];
  /** Questions that were taken away. */
  aborted = 0;
  private readonly answers: ((pin: string | null) => void)[] = [];

  ask(question: PinQuestion, signal?: AbortSignal): Promise<Uint8Array | null> {
    this.asked.push(question);
    return new Promise((resolve) => {
      signal?.addEventListener("abort", () => {
        this.aborted += 1;
        resolve(null);
      });
      this.answers.push((pin) => resolve(pin === null ? null : ascii(pin)));
    });
  }

  /** Once the question has come. */
  async answer(pin: string | null): Promise<void> {
    await expect.poll(() => this.answers.length).toBeGreaterThan(0);
    this.answers.shift()?.(pin);
  }
}

async function open(): Promise<void> {
  person = new Person();
  const prepare: Parameters<typeof RpcBench.open>[1] = async (simulated) => {
    await simulated.makeKey(SLOT_AUTHENTICATION);
    await simulated.makeKey(SLOT_SIGNATURE);
  };
  bench = await RpcBench.open(folder, prepare, { services: { pinPrompt: person } });
}

afterEach(() => bench.close());

const journalLength = (): Promise<number> => {
  const client = bench.simulated.client();
  return client.deviceInfo().then(({ counter }) => counter);
};

const pukTries = (): number => bench.simulated.token.card.puk.triesLeft();

async function officersSession(): Promise<{ application: RpcApplication; session: number }> {
  const application = await bench.application();
  return { application, session: await application.openSession(SLOT_ID, true) };
}

describe("a signature whose PIN somebody is asked for", () => {
  /** The person has been asked by C_Sign itself. `second` is another session of the application. */
  async function asked(): Promise<{ application: RpcApplication; session: number; second: number; signing: Promise<RpcAnswer> }> {
    await open();
    const { application, session } = await bench.loggedIn(PIN);
    const second = await application.openSession();
    await application.signInit(session, await application.privateKey(session, 2));
    const signing = application.sign(session, new Uint8Array(32));
    await expect.poll(() => person.asked.length).toBe(1);
    return { application, session, second, signing };
  }

  test("is not made after C_Logout, though the PIN be right", async () => {
    const { application, second, signing } = await asked();
    const before = await journalLength();
    expect(await application.logout(second)).toBe(0);
    await person.answer(PIN);
    expect((await signing).rv).toBe(CKR_FUNCTION_CANCELED);
    expect([person.aborted, await journalLength()]).toEqual([1, before]);
  });

  test("is given up by C_SessionCancel, and the question taken away", async () => {
    const { application, session, signing } = await asked();
    expect((await application.rpc.call("C_SessionCancel", u(session), u(CKF_SIGN))).rv).toBe(0);
    expect((await signing).rv).toBe(CKR_FUNCTION_CANCELED);
    expect(person.aborted).toBe(1);
    expect(await application.login(session, PIN)).not.toBe(0); // still logged in
  });

  test("is given up when its session is closed while the token looks at the PIN; nobody is asked again", async () => {
    const { application, session, signing } = await asked();
    const before = await journalLength();
    let free = (): void => {};
    const turn = bench.slot.inPinTurn(
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
        }),
    );
    await person.answer(WRONG_PIN);
    expect(await application.closeSession(session)).toBe(0);
    free();
    await turn;
    expect((await signing).rv).toBe(CKR_FUNCTION_CANCELED);
    expect([person.asked.length, bench.triesLeft(), await journalLength()]).toEqual([1, 3, before]);
  });

  test("is not made when the user logs out while the token looks at the right PIN", async () => {
    const { application, second, signing } = await asked();
    const before = await journalLength();
    const { verifyPin } = TokenClient.prototype;
    vi.spyOn(TokenClient.prototype, "verifyPin").mockImplementationOnce(async function (this: TokenClient, pin) {
      await verifyPin.call(this, pin);
      await application.logout(second);
    });
    await person.answer(PIN);
    expect((await signing).rv).toBe(CKR_FUNCTION_CANCELED);
    expect(await journalLength()).toBe(before);
    vi.restoreAllMocks();
  });

  test("by a login for this use: the question goes with the login, and with the operation", async () => {
    await open();
    const { application, session } = await bench.loggedIn(PIN);
    const second = await application.openSession();
    const key = await application.privateKey(session, 2);
    for (const end of [
      () => application.rpc.call("C_SessionCancel", u(session), u(CKF_SIGN)).then(({ rv }) => rv),
      () => application.logout(second),
    ]) {
      const { length } = person.asked;
      await application.signInit(session, key);
      const login = application.login(session, null, CKU_CONTEXT_SPECIFIC);
      await expect.poll(() => person.asked.length).toBe(length + 1);
      expect(await end()).toBe(0);
      expect(await login).toBe(CKR_FUNCTION_CANCELED);
    }
    expect(person.aborted).toBe(2);
  });
});

describe("an application that asks in many sessions at once", () => {
  async function many(count: number): Promise<{ application: RpcApplication; logins: Promise<number>[] }> {
    await open();
    const application = await bench.application();
    const sessions = await Promise.all(Array.from({ length: count }, () => application.openSession()));
    return { application, logins: sessions.map((session) => application.login(session, null)) };
  }

  test("has one question at a time, and is declined with it", async () => {
    const { application, logins } = await many(50);
    await person.answer(null);
    expect(await Promise.all(logins)).toEqual(Array.from({ length: 50 }, () => CKR_FUNCTION_CANCELED));
    expect(person.asked.length).toBe(1);
    const again = application.login(await application.openSession(), null);
    await person.answer(PIN);
    expect(await again).toBe(0);
  });

  test("is not asked for again once it is logged in", async () => {
    const { logins } = await many(3);
    await person.answer(PIN);
    expect(await Promise.all(logins)).toEqual([0, CKR_USER_ALREADY_LOGGED_IN, CKR_USER_ALREADY_LOGGED_IN]);
    expect(person.asked.length).toBe(1);
  });

  test("holds up no other application's question", async () => {
    const { logins } = await many(3);
    await expect.poll(() => person.asked.length).toBe(1);
    const other = await bench.application();
    const session = await other.openSession();
    const login = other.login(session, null);
    await expect.poll(() => person.asked.length).toBe(2);
    await person.answer(null);
    await person.answer(PIN);
    expect(await login).toBe(0);
    expect(await Promise.all(logins)).toEqual(Array.from({ length: 3 }, () => CKR_FUNCTION_CANCELED));
  });
});

test("nobody is asked for a session that is closed while the token tells the tries that are left", async () => {
  await open();
  const application = await bench.application();
  const session = await application.openSession();
  const tries = vi.spyOn(bench.slot, "triesLeft").mockImplementationOnce(async () => {
    await application.closeSession(session);
    return 3;
  });
  expect(await application.login(session, null)).toBe(CKR_FUNCTION_CANCELED);
  expect(person.asked).toEqual([]);
  tries.mockRestore();
});

test("nobody is asked for a session that is closed in the same moment", async () => {
  await open();
  const application = await bench.application();
  const session = await application.openSession();
  const { rpc } = application;
  const answers = [rpc.answerTo(901), rpc.answerTo(902)];
  const bodies = [callBody("C_Login", [u(session), u(1), ay(null)]), callBody("C_CloseSession", [u(session)])];
  rpc.socket.write(Buffer.concat(bodies.map((body, place) => frame(901 + place, body))));
  expect((await Promise.all(answers)).map(({ rv }) => rv)).toEqual([CKR_FUNCTION_CANCELED, 0]);
  expect(person.asked).toEqual([]);
});

describe("the last try that a person was told of", () => {
  async function lastTry(): Promise<{ application: RpcApplication; session: number }> {
    await open();
    const other = await bench.application();
    const session = await other.openSession();
    for (let i = 0; i < 2; i++) expect(await other.login(session, WRONG_PIN)).toBe(CKR_PIN_INCORRECT);
    return officersSession();
  }

  test("is theirs, and not the application's, when what they type is no PIN", async () => {
    const { application, session } = await lastTry();
    const login = application.login(session, null);
    await person.answer("12");
    expect(await login).toBe(CKR_PIN_INCORRECT);
    expect(person.asked[0]?.isLastTry).toBe(true);
    expect(await application.login(session, WRONG_PIN)).toBe(CKR_PIN_LOCKED);
    expect(bench.triesLeft()).toBe(1);
  });

  test("is not spent by the application while the person thinks of a new PIN; they spend it", async () => {
    const { application, session } = await lastTry();
    const set = application.rpc.call("C_SetPIN", u(session), ay(null), ay(null));
    await person.answer(PIN);
    await expect.poll(() => person.asked.length).toBe(2);
    expect(await application.login(await application.openSession(), WRONG_PIN)).toBe(CKR_PIN_LOCKED);
    await person.answer(NEW_PIN);
    expect((await set).rv).toBe(0);
    expect(await application.login(session, NEW_PIN)).toBe(0);
  });
});

describe("C_SetPIN", () => {
  test("of an officer asks nobody, for no bytes either: a person's PIN is no PUK", async () => {
    await open();
    const { application, session } = await officersSession();
    await application.login(session, PUK, CKU_SO);
    for (const given of [
      [null, ascii(NEW_PIN)],
      [new Uint8Array(0), ascii(NEW_PIN)],
      [ascii(PUK), new Uint8Array(0)],
    ] as const) {
      expect((await application.rpc.call("C_SetPIN", u(session), ay(given[0]), ay(given[1]))).rv).toBe(CKR_ARGUMENTS_BAD);
    }
    expect([person.asked, pukTries()]).toEqual([[], 3]);
  });

  test("sends no PIN for the PUK when an officer logs in while the person is asked", async () => {
    await open();
    const { application, session } = await officersSession();
    const second = await application.openSession(SLOT_ID, true);
    const set = application.rpc.call("C_SetPIN", u(session), ay(null), ay(null));
    await person.answer(PIN);
    expect(await application.login(second, PUK, CKU_SO)).toBe(0);
    await person.answer(NEW_PIN);
    expect((await set).rv).toBe(CKR_FUNCTION_CANCELED);
    expect([bench.triesLeft(), pukTries()]).toEqual([3, 3]);
  });
});
