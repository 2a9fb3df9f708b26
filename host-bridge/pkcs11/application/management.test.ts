// Who may use the management key that the bridge knows: not whose PIN counts no more; and what they made is told, whoever else has the token.

import { afterEach, describe, expect, test, vi } from "vitest";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../../protocol/piv.ts";
import { PRESSED_AT_ONCE } from "../../../simulator/scripted-button.ts";
import { MemoryManagementKeys } from "../../../test/support/memory-management-keys.ts";
import { type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, mechanism, type RpcAnswer, template, u } from "../../../test/support/rpc-client.ts";
import { ascii, MANAGEMENT_KEY, PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TokenClient } from "../../token/token-client.ts";

const CKM_EC_KEY_PAIR_GEN = 0x1040;
const [CKA_CLASS, CKA_TOKEN, CKA_KEY_TYPE, CKA_EC_PARAMS] = [0x00, 0x01, 0x100, 0x180];
const P256 = Buffer.from("06082a8648ce3d030107", "hex");
const CKR_USER_NOT_LOGGED_IN = 0x101;
const CKR_SESSION_CLOSED = 0xb0;
const CKS_RW_PUBLIC_SESSION = 2;
const CKU_SO = 0;
const NEW_PIN = "55882013";
const folder = temporaryFolder();
let bench: RpcBench;

afterEach(async () => {
  vi.restoreAllMocks();
  await bench.close();
});

async function open(): Promise<{ application: RpcApplication; session: number }> {
  const prepare: Parameters<typeof RpcBench.open>[1] = async (simulated) => {
    await simulated.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
  };
  bench = await RpcBench.open(folder, prepare, { services: { managementKeys: new MemoryManagementKeys() } });
  const application = await bench.application();
  return { application, session: await application.openSession(SLOT_ID, true) };
}

const generate = ({ rpc }: RpcApplication, session: number): Promise<RpcAnswer> =>
  rpc.call(
    "C_GenerateKeyPair",
    u(session),
    mechanism(CKM_EC_KEY_PAIR_GEN, 1),
    template([[CKA_EC_PARAMS, P256]]),
    template([
      [CKA_CLASS, 3],
      [CKA_TOKEN, true],
      [CKA_KEY_TYPE, 3],
    ]),
  );

const keysOnToken = (): number => bench.slot.objects.filter(({ key }) => key !== undefined).length;

describe("the bridge's own management key", () => {
  test("serves no login whose PIN was changed by another application since: it is over, and told so", async () => {
    const { application, session } = await open();
    await application.login(session, PIN);
    const other = await bench.application();
    const others = await other.openSession(SLOT_ID, true);
    expect((await other.rpc.call("C_SetPIN", u(others), ay(ascii(PIN)), ay(ascii(NEW_PIN)))).rv).toBe(0);
    expect((await generate(application, session)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    expect(await application.stateOf(session)).toBe(CKS_RW_PUBLIC_SESSION);
    expect(keysOnToken()).toBe(1);
    expect(await application.login(session, NEW_PIN)).toBe(0);
    expect((await generate(application, session)).rv).toBe(0);
  });

  test.each([
    ["user", PIN, 1],
    ["officer who gave the management key", MANAGEMENT_KEY, CKU_SO],
  ])("does nothing for a %s who logs out before it is proved", async (_, secret, userType) => {
    const { application, session } = await open();
    expect(await application.login(session, secret, userType)).toBe(0);
    const second = await application.openSession(SLOT_ID, true);
    const openClient = bench.slot.openClient.bind(bench.slot);
    vi.spyOn(bench.slot, "openClient").mockImplementationOnce(async () => {
      await application.logout(second);
      return openClient();
    });
    expect((await generate(application, session)).rv).toBe(CKR_USER_NOT_LOGGED_IN);
    expect(keysOnToken()).toBe(1);
  });
});

test("nothing is made for a session that was closed while it waited for its turn", async () => {
  const { application, session } = await open();
  await application.login(session, PIN);
  await application.openSession();
  let free = (): void => {};
  const turn = bench.slot.inWriteTurn(
    () =>
      new Promise<void>((resolve) => {
        free = resolve;
      }),
  );
  const made = generate(application, session);
  expect(await application.closeSession(session)).toBe(0);
  free();
  await turn;
  expect((await made).rv).toBe(CKR_SESSION_CLOSED);
  expect(keysOnToken()).toBe(1);
});

test("a key is told to who made it though the token has come to wait for somebody's press meanwhile", async () => {
  const { application, session } = await open();
  await application.login(session, PIN);
  const { application: signer, session: signing } = await bench.loggedIn(PIN);
  await signer.signInit(signing, await signer.privateKey(signing, 1));
  const { button } = bench.simulated;
  button.script = { kind: "automatic", afterMs: 800 };
  const { generateKey } = TokenClient.prototype;
  let signature: Promise<RpcAnswer> | null = null;
  vi.spyOn(TokenClient.prototype, "generateKey").mockImplementationOnce(async function (this: TokenClient, ...what) {
    const point = await generateKey.apply(this, what);
    const waits = vi.spyOn(bench.slot, "waitForButton");
    signature = signer.sign(signing, new Uint8Array(32));
    await expect.poll(() => waits.mock.calls.length, { timeout: 3000 }).toBe(1);
    return point;
  });
  expect((await generate(application, session)).rv).toBe(0);
  button.script = PRESSED_AT_ONCE;
  expect(((await signature) as RpcAnswer | null)?.rv).toBe(0);
});

test("every PIN and PUK that came in a call is overwritten once it is answered", async () => {
  const { application, session } = await open();
  const seen: Uint8Array[] = [];
  const { verifyPin, changePin } = TokenClient.prototype;
  vi.spyOn(TokenClient.prototype, "verifyPin").mockImplementation(function (this: TokenClient, pin) {
    seen.push(pin);
    return verifyPin.call(this, pin);
  });
  vi.spyOn(TokenClient.prototype, "changePin").mockImplementation(function (this: TokenClient, before, now) {
    seen.push(before, now);
    return changePin.call(this, before, now);
  });
  expect(await application.login(session, "87654399")).not.toBe(0);
  expect(await application.login(session, PIN)).toBe(0);
  expect((await application.rpc.call("C_SetPIN", u(session), ay(ascii(PIN)), ay(ascii(NEW_PIN)))).rv).toBe(0);
  expect(seen.length).toBeGreaterThanOrEqual(4);
  expect(seen.every((pin) => pin.every((byte) => byte === 0))).toBe(true);
});
