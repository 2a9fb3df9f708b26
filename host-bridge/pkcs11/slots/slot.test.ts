// A token that comes, changes and goes, as applications see it.

import { afterEach, describe, expect, test } from "vitest";
import { KEY_REF_PIV_PIN, OBJECT_SIGNATURE_CERTIFICATE, SLOT_AUTHENTICATION, SLOT_CARD_AUTHENTICATION } from "../../../protocol/piv.ts";
import { RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { fu, u, y } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, SERIAL } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { issue } from "../../../test/support/test-certificates.ts";

const CKR_DEVICE_REMOVED = 0x32;
const CKR_SESSION_HANDLE_INVALID = 0xb3;
const CKR_TOKEN_NOT_PRESENT = 0xe0;
const CKF_TOKEN_PRESENT = 0x1;

const folder = temporaryFolder();
let bench: RpcBench;

afterEach(() => bench.close());

test("a slot tells the token's own information", async () => {
  bench = await RpcBench.open(folder);
  expect(bench.slot.info).toMatchObject({ model: "Sceau unit test", serial: String(SERIAL), isInitialised: true, isSimulated: true });
  expect(await bench.slot.triesLeft(KEY_REF_PIV_PIN)).toBe(3);
});

describe("a token that changes", () => {
  test("shows a new key to whoever opens a session next", async () => {
    bench = await RpcBench.open(folder);
    const application = await bench.application();
    const keys = async (): Promise<number[]> => application.find(await application.openSession(), [[0x100, 3]]);
    expect(await keys()).toEqual([]);
    await bench.simulated.makeKey(SLOT_CARD_AUTHENTICATION);
    expect(await keys()).toHaveLength(2);
  });

  test("shows a new certificate beside its key", async () => {
    bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_CARD_AUTHENTICATION)));
    const application = await bench.application();
    await bench.simulated.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, (await issue({ name: "CN=New" })).der);
    expect(await application.find(await application.openSession(), [[0x00, 1]])).toHaveLength(1);
  });

  test("keeps the handles of what did not change", async () => {
    bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_CARD_AUTHENTICATION)));
    const application = await bench.application();
    const session = await application.openSession();
    const key = await application.privateKey(session, 4);
    await bench.simulated.makeKey(SLOT_AUTHENTICATION);
    await (await bench.application()).openSession(); // another application makes the bridge read the token again
    expect((await application.attributes(session, key, [[0x00, 8]])).rv).toBe(0);
  });
});

describe("a data object that holds no certificate", () => {
  test.each([
    ["bytes that are none", ascii("not a certificate")],
    ["an empty one", new Uint8Array(0)],
    ["a compressed one (gzip), which the bridge does not read", Buffer.from("1f8b08000000000000030300000000000000000000", "hex")],
  ])("%s: the token is there all the same, with its keys", async (_, content) => {
    bench = await RpcBench.open(folder, async (simulated) => {
      await simulated.makeKey(SLOT_CARD_AUTHENTICATION);
      await simulated.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, content);
    });
    const application = await bench.application();
    const session = await application.openSession();
    expect(await application.privateKey(session, 4)).toBeGreaterThan(0);
  });
});

describe("a token that is unplugged", () => {
  test("ends its sessions, and takes no new ones", async () => {
    bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_AUTHENTICATION)));
    const { application, session } = await bench.loggedIn(PIN);
    const key = await application.privateKey(session, 1);
    await application.signInit(session, key);
    await bench.unplug();
    expect((await application.sign(session, new Uint8Array(32))).rv).toBe(CKR_SESSION_HANDLE_INVALID);
    expect(await application.signInit(session, key)).toBe(CKR_SESSION_HANDLE_INVALID);
    expect(await application.closeSession(session)).toBe(CKR_SESSION_HANDLE_INVALID);
    expect((await application.rpc.call("C_OpenSession", u(SLOT_ID), u(4))).rv).toBe(CKR_TOKEN_NOT_PRESENT);
    expect((await application.rpc.call("C_GetTokenInfo", u(SLOT_ID))).rv).toBe(CKR_TOKEN_NOT_PRESENT);
    expect((await application.rpc.call("C_GetMechanismList", u(SLOT_ID), fu(5))).rv).toBe(CKR_TOKEN_NOT_PRESENT);
  });

  test("leaves an empty slot", async () => {
    bench = await RpcBench.open(folder);
    const { rpc } = await bench.application();
    await bench.unplug();
    expect((await rpc.call("C_GetSlotList", y(1), fu(5))).ulongArray()).toEqual([]);
    expect((await rpc.call("C_GetSlotList", y(0), fu(5))).ulongArray()).toEqual([SLOT_ID]);
    const info = await rpc.call("C_GetSlotInfo", u(SLOT_ID));
    info.text();
    info.text();
    expect(info.ulong() & CKF_TOKEN_PRESENT).toBe(0);
  });

  test("in the middle of a call ends it with CKR_DEVICE_REMOVED, and the application may finalise", async () => {
    bench = await RpcBench.open(folder, async (simulated) => void (await simulated.makeKey(SLOT_AUTHENTICATION, { pin: 2, button: 2 })));
    const { application, session } = await bench.loggedIn(PIN);
    bench.simulated.button.script = { kind: "never" };
    await application.signInit(session, await application.privateKey(session, 1));
    const signing = application.sign(session, new Uint8Array(32));
    await expect.poll(() => bench.simulated.token.isBusy()).toBe(true);
    await bench.unplug();
    expect((await signing).rv).toBe(CKR_DEVICE_REMOVED);
    expect((await application.rpc.call("C_CloseAllSessions", u(SLOT_ID))).rv).toBe(0);
    expect((await application.rpc.call("C_Finalize")).rv).toBe(0);
    expect(await application.initialize()).toBe(0);
  });
});

describe("a token that is made new", () => {
  test("opens no session meanwhile, and each that was asked for afterwards", async () => {
    bench = await RpcBench.open(folder);
    const application = await bench.application();
    let finish = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const work = bench.slot.whileUnused(() => waiting);
    let opened = 0;
    const sessions = [1, 2].map(() => application.openSession().then(() => opened++));
    await bench.slot.refresh();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(opened).toBe(0);
    finish();
    await Promise.all([work, ...sessions]);
    expect(opened).toBe(2);
  });

  test("is not, when somebody has a session by then; and sessions are opened though it failed", async () => {
    bench = await RpcBench.open(folder);
    const application = await bench.application();
    await expect(bench.slot.whileUnused(() => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
    const session = await application.openSession();
    let isBegun = false;
    const work = async (): Promise<void> => {
      isBegun = true;
    };
    await expect(bench.slot.whileUnused(work)).rejects.toMatchObject({ rv: 0xb6 });
    expect(isBegun).toBe(false);
    await application.closeSession(session);
    await bench.slot.whileUnused(work);
    expect(isBegun).toBe(true);
  });
});
