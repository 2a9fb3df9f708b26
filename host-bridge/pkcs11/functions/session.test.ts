// Sessions and login: PKCS#11 2.40 §5.6.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../../protocol/piv.ts";
import { CKU_CONTEXT_SPECIFIC, type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, callBody, frame, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TokenClient } from "../../token/token-client.ts";
import { Application } from "../application/application.ts";

const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_LOCKED = 0xa4;
const CKR_SESSION_CLOSED = 0xb0;
const CKR_SESSION_COUNT = 0xb1;
const CKR_SESSION_HANDLE_INVALID = 0xb3;
const CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
const CKR_USER_NOT_LOGGED_IN = 0x101;
const CKU_USER = 1;
const RO_PUBLIC = 0;
const RO_USER = 1;
const RW_PUBLIC = 2;
const RW_USER = 3;

const folder = temporaryFolder();
let bench: RpcBench;

beforeEach(async () => {
  bench = await RpcBench.open(folder, async (simulated) => {
    await simulated.makeKey(SLOT_AUTHENTICATION);
    await simulated.makeKey(SLOT_SIGNATURE);
  });
});

afterEach(() => bench.close());

describe("a session", () => {
  test("tells its slot, state and flags", async () => {
    const application = await bench.application();
    for (const [readWrite, state, flags] of [
      [false, RO_PUBLIC, 4],
      [true, RW_PUBLIC, 6],
    ] as const) {
      const session = await application.openSession(SLOT_ID, readWrite);
      const answer = await application.rpc.call("C_GetSessionInfo", u(session));
      expect([answer.ulong(), answer.ulong(), answer.ulong(), answer.ulong()]).toEqual([SLOT_ID, state, flags, 0]);
    }
  });

  test("that is opened for who has gone meanwhile, or finalised, is none: C_InitToken would wait for its end for ever", async () => {
    const application = await bench.application();
    const answers = ["C_OpenSession", "C_Finalize"] as const;
    const [opened, finalised] = answers.map((name) => application.rpc.call(name, ...(name === "C_OpenSession" ? [u(SLOT_ID), u(4)] : [])));
    expect((await finalised)?.rv).toBe(0);
    expect((await opened)?.rv).toBe(CKR_CRYPTOKI_NOT_INITIALIZED);
    const dying = await bench.application();
    dying.rpc.socket.end(frame(1, callBody("C_OpenSession", [u(SLOT_ID), u(4)])));
    await expect.poll(() => bench.log.filter(([name]) => name === "C_OpenSession").length).toBe(2);
    expect(bench.slot.openSessions).toBe(0);
  });

  test("is one of 1,024 at most, which are closed at once", async () => {
    vi.spyOn(bench.slot, "refresh").mockResolvedValue();
    const application = await bench.application();
    for (let round = 0; round < 2; round++) await Promise.all(Array.from({ length: 512 }, () => application.openSession()));
    expect((await application.rpc.call("C_OpenSession", u(SLOT_ID), u(4))).rv).toBe(CKR_SESSION_COUNT);
    expect((await (await bench.application()).rpc.call("C_OpenSession", u(SLOT_ID), u(4))).rv).toBe(0);
    const sessionsOf = vi.spyOn(Application.prototype, "sessionsOf");
    expect((await application.rpc.call("C_CloseAllSessions", u(SLOT_ID))).rv).toBe(0);
    expect(sessionsOf.mock.calls.length).toBeLessThan(5); // each looks at all of them
    expect(bench.slot.openSessions).toBe(1);
    vi.restoreAllMocks();
  });

  test("must be a serial one", async () => {
    const { rpc } = await bench.application();
    expect((await rpc.call("C_OpenSession", u(SLOT_ID), u(2))).rv).toBe(0xb4);
  });

  test("that was closed is no session any more", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.closeSession(session)).toBe(0);
    expect(await application.closeSession(session)).toBe(CKR_SESSION_HANDLE_INVALID);
    expect(await application.login(session, PIN)).toBe(CKR_SESSION_HANDLE_INVALID);
  });

  test("of another application is not one's own", async () => {
    const [first, second] = [await bench.application(), await bench.application()];
    const session = await first.openSession();
    expect(await second.closeSession(session)).toBe(CKR_SESSION_HANDLE_INVALID);
  });

  test("C_CloseAllSessions closes every one of the slot", async () => {
    const application = await bench.application();
    const sessions = [await application.openSession(), await application.openSession()];
    expect((await application.rpc.call("C_CloseAllSessions", u(SLOT_ID))).rv).toBe(0);
    for (const session of sessions) expect(await application.closeSession(session)).toBe(CKR_SESSION_HANDLE_INVALID);
  });
});

describe("C_Login", () => {
  test("logs every session of the application in, and C_Logout out again", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const other = await application.openSession(SLOT_ID, true);
    expect([await application.stateOf(session), await application.stateOf(other)]).toEqual([RO_USER, RW_USER]);
    expect(await application.logout(other)).toBe(0);
    expect([await application.stateOf(session), await application.stateOf(other)]).toEqual([RO_PUBLIC, RW_PUBLIC]);
    expect(await application.logout(other)).toBe(CKR_USER_NOT_LOGGED_IN);
  });

  test("with a wrong PIN answers CKR_PIN_INCORRECT, and CKR_PIN_LOCKED at the last try and after it", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    const answers = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
      answers.push(await application.login(session, WRONG_PIN));
    }
    expect(answers).toEqual([CKR_PIN_INCORRECT, CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_PIN_LOCKED]);
    expect(bench.triesLeft()).toBe(0);
    expect(await application.login(session, PIN)).toBe(CKR_PIN_LOCKED);
    expect(await application.stateOf(session)).toBe(RO_PUBLIC);
  });

  test("with a PIN of more than eight characters answers CKR_PIN_INCORRECT and spends no try", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.login(session, "123456789")).toBe(CKR_PIN_INCORRECT);
    expect(bench.triesLeft()).toBe(3);
  });

  test.each([
    ["none (as for a PIN pad, which this token has not)", null],
    ["an empty one", ""],
  ])("with no PIN, %s, is refused and spends no try", async (_, pin) => {
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.login(session, pin)).not.toBe(0);
    expect(bench.triesLeft()).toBe(3);
  });

  test("twice answers CKR_USER_ALREADY_LOGGED_IN", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    expect(await application.login(session, PIN)).toBe(CKR_USER_ALREADY_LOGGED_IN);
  });

  test("of a type of user that there is not answers CKR_USER_TYPE_INVALID", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.login(session, PIN, 3)).toBe(0x103);
  });

  test("for one use, without an operation under way, answers CKR_OPERATION_NOT_INITIALIZED", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    expect(await application.login(session, PIN, CKU_CONTEXT_SPECIFIC)).toBe(0x91);
  });
});

describe("the last try", () => {
  async function withOneTryLeft(): Promise<{ application: RpcApplication; session: number }> {
    const application = await bench.application();
    const session = await application.openSession();
    for (let attempt = 0; attempt < 2; attempt++) await application.login(session, WRONG_PIN);
    return { application, session };
  }

  test("is not spent by an application that was not told that it is the last", async () => {
    const { application, session } = await withOneTryLeft();
    expect(await application.login(session, WRONG_PIN)).toBe(CKR_PIN_LOCKED);
    expect(await application.login(session, PIN)).toBe(CKR_PIN_LOCKED);
    expect(bench.triesLeft()).toBe(1);
  });

  test("is there for one that C_GetTokenInfo told", async () => {
    const { application, session } = await withOneTryLeft();
    await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
    expect(await application.login(session, PIN)).toBe(0);
    expect(bench.triesLeft()).toBe(3);
  });

  test("is told to each application, and each time anew", async () => {
    const { application } = await withOneTryLeft();
    await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
    const other = await bench.application();
    expect(await other.login(await other.openSession(), WRONG_PIN)).toBe(CKR_PIN_LOCKED);
    const session = await application.openSession();
    await application.login(session, PIN);
    await application.logout(session);
    for (let attempt = 0; attempt < 2; attempt++) expect(await application.login(session, WRONG_PIN)).toBe(CKR_PIN_INCORRECT);
    expect(await application.login(session, WRONG_PIN)).toBe(CKR_PIN_LOCKED);
    expect(bench.triesLeft()).toBe(1);
  });

  test("is not spent by two applications that log in at once", async () => {
    const applications = await Promise.all([0, 1, 2, 3, 4].map(() => bench.application()));
    const sessions = await Promise.all(applications.map((application) => application.openSession()));
    await Promise.all(applications.map((application, index) => application.login(sessions[index] ?? 0, WRONG_PIN)));
    expect(bench.triesLeft()).toBe(1);
  });

  test("is not spent by the PIN for one signature, nor by C_SetPIN", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.signInit(session, await application.privateKey(session, 2));
    for (let attempt = 0; attempt < 4; attempt++) await application.login(session, WRONG_PIN, CKU_CONTEXT_SPECIFIC);
    const writing = await application.openSession(SLOT_ID, true);
    const { rv } = await application.rpc.call("C_SetPIN", u(writing), ay(ascii(WRONG_PIN)), ay(ascii("55667780")));
    expect([rv, bench.triesLeft()]).toEqual([CKR_PIN_LOCKED, 1]);
  });
});

describe("a login", () => {
  test("of one application opens nothing for another", async () => {
    const { application: first } = await bench.loggedIn(PIN);
    const second = await bench.application();
    const session = await second.openSession();
    expect(await second.stateOf(session)).toBe(RO_PUBLIC);
    expect(await second.find(session, [[0x00, 3]])).toEqual([]);
    expect(await second.login(session, PIN)).toBe(0);
    expect(await first.rpc.call("C_Finalize")).toMatchObject({ rv: 0 });
    expect(await second.stateOf(session)).toBe(RO_USER);
  });

  test("ends when the application's last session of the token is closed", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    const second = await application.openSession();
    await application.closeSession(session);
    expect(await application.stateOf(second)).toBe(RO_USER);
    await application.closeSession(second);
    expect(await application.stateOf(await application.openSession())).toBe(RO_PUBLIC);
  });

  test("ends with C_CloseAllSessions, and with C_Finalize", async () => {
    const { application, session } = await bench.loggedIn(PIN);
    await application.rpc.call("C_CloseAllSessions", u(SLOT_ID));
    const second = await application.openSession();
    expect(await application.stateOf(second)).toBe(RO_PUBLIC);
    expect(await application.login(second, PIN)).toBe(0);
    await application.rpc.call("C_Finalize");
    await application.initialize();
    expect(await application.closeSession(session)).toBe(CKR_SESSION_HANDLE_INVALID);
    expect(await application.stateOf(await application.openSession())).toBe(RO_PUBLIC);
  });

  test("that is under way while the last session closes leaves nobody logged in", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    const { rpc } = application;
    const answers = [rpc.answerTo(901), rpc.answerTo(902)];
    const login = callBody("C_Login", [u(session), u(CKU_USER), ay(ascii(PIN))]);
    rpc.socket.write(Buffer.concat([frame(901, login), frame(902, callBody("C_CloseSession", [u(session)]))]));
    await Promise.all(answers);
    expect(await application.stateOf(await application.openSession())).toBe(RO_PUBLIC);
  });

  test("whose session is closed while the token looks at the PIN is none", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    const { verifyPin } = TokenClient.prototype;
    const verify = vi.spyOn(TokenClient.prototype, "verifyPin").mockImplementationOnce(async function (this: TokenClient, pin) {
      await verifyPin.call(this, pin);
      await application.closeSession(session);
    });
    expect(await application.login(session, PIN)).toBe(CKR_SESSION_CLOSED);
    verify.mockRestore();
    expect(await application.stateOf(await application.openSession())).toBe(RO_PUBLIC);
  });

  test("that is asked for twice at once succeeds once", async () => {
    const application = await bench.application();
    const session = await application.openSession();
    const answers = await Promise.all([application.login(session, PIN), application.login(session, PIN)]);
    expect(answers.sort((a, b) => a - b)).toEqual([0, CKR_USER_ALREADY_LOGGED_IN]);
  });
});
