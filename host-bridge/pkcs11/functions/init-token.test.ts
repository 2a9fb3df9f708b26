// C_InitToken, and the C_InitPIN that follows it: a blank token, a token in use, a blocked one; and whatever cuts them short.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { hexToBytes } from "../../../protocol/bytes.ts";
import { KEY_REF_PIV_PIN, KEY_REF_PUK, OBJECT_CCC, OBJECT_CHUID, SLOT_AUTHENTICATION, SLOT_MANAGEMENT } from "../../../protocol/piv.ts";
import { MemoryManagementKeys } from "../../../test/support/memory-management-keys.ts";
import { type RpcApplication, RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, mechanism, string, template, u } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, PUK, SERIAL, SimulatedToken, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TokenClient } from "../../token/token-client.ts";
import { type TokenChannel, TransportError } from "../../transport/transport.ts";

const CKR_PIN_INCORRECT = 0xa0;
const CKR_PIN_INVALID = 0xa1;
const CKR_PIN_LEN_RANGE = 0xa2;
const CKR_PIN_LOCKED = 0xa4;
const CKR_DEVICE_REMOVED = 0x32;
const CKR_SESSION_EXISTS = 0xb6;
const CKR_TOKEN_WRITE_PROTECTED = 0xe2;
const CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;
const CKU_SO = 0;
const TOKEN_INITIALIZED = 0x400;
const USER_PIN_INITIALIZED = 0x8;
const NEW_PUK = "66093175";
const NEW_PIN = "558820";
const WRONG_PUK = "11223399";

const folder = temporaryFolder();
let bench: RpcBench;
let keys: MemoryManagementKeys;

afterEach(async () => {
  await bench.close();
  expect(keys.lent.every((key) => key.every((byte) => byte === 0))).toBe(true); // no management key is left in memory
});

async function open(simulated: SimulatedToken, known: string | null = null): Promise<RpcApplication> {
  keys = new MemoryManagementKeys(known);
  bench = await RpcBench.open(folder, async () => {}, { simulated, services: { managementKeys: keys } });
  return bench.application();
}

const initToken = async (application: RpcApplication, soPin: string): Promise<number> =>
  (await application.rpc.call("C_InitToken", u(SLOT_ID), ay(ascii(soPin)), string(ascii("a label".padEnd(32))))).rv;

async function flags(application: RpcApplication): Promise<number> {
  const answer = await application.rpc.call("C_GetTokenInfo", u(SLOT_ID));
  for (let text = 0; text < 4; text++) answer.text();
  return answer.ulong();
}

/** C_Login of the officer and C_InitPIN. */
async function initPin(application: RpcApplication, soPin: string, pin: string): Promise<[login: number, initPin: number]> {
  const session = await application.openSession(SLOT_ID, true);
  const login = await application.login(session, soPin, CKU_SO);
  const { rv } = await application.rpc.call("C_InitPIN", u(session), ay(ascii(pin)));
  await application.closeSession(session);
  return [login, rv];
}

/** The token as the officer and the user know it, asked beside the bridge. */
async function expectInUse(simulated: SimulatedToken, puk: string, pin: string): Promise<void> {
  const client = simulated.client();
  expect((await client.deviceInfo()).isInitialised).toBe(true);
  await client.verifyPin(ascii(pin));
  await client.changePuk(ascii(puk), ascii(puk));
  await client.authenticateManagement(hexToBytes(keys.hex ?? ""));
  expect([await client.readObject(OBJECT_CHUID), await client.readObject(OBJECT_CCC)]).not.toContain(null);
  client.close();
}

async function factoryState(simulated: SimulatedToken): Promise<boolean[]> {
  const client = simulated.client();
  const state = [KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_MANAGEMENT].map((reference) => client.isFactory(reference));
  return Promise.all(state);
}

describe("a blank token", () => {
  test("gets its PUK and a management key that is kept, then its PIN; then it makes keys", async () => {
    const simulated = new SimulatedToken();
    const application = await open(simulated);
    expect((await flags(application)) & (TOKEN_INITIALIZED | 0x2)).toBe(0);
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect(keys.asked).toEqual([`keep ${SERIAL}`]);
    expect(keys.lent.every((key) => key.every((byte) => byte === 0))).toBe(true);
    expect(await factoryState(simulated)).toEqual([true, false, false]);
    expect((await flags(application)) & (TOKEN_INITIALIZED | USER_PIN_INITIALIZED)).toBe(TOKEN_INITIALIZED);

    expect(await initPin(application, NEW_PUK, NEW_PIN)).toEqual([0, 0]);
    expect((await flags(application)) & (TOKEN_INITIALIZED | USER_PIN_INITIALIZED)).toBe(TOKEN_INITIALIZED | USER_PIN_INITIALIZED);
    await expectInUse(simulated, NEW_PUK, NEW_PIN);

    const session = await application.openSession(SLOT_ID, true);
    expect(await application.login(session, NEW_PIN)).toBe(0);
    const curve = template([[0x180, Buffer.from("06082a8648ce3d030107", "hex")]]);
    const made = await application.rpc.call("C_GenerateKeyPair", u(session), mechanism(0x1040, 1), curve, template([[0x01, true]]));
    expect(made.rv).toBe(0);
  });

  test.each([
    ["12345", CKR_PIN_LEN_RANGE],
    ["123456789", CKR_PIN_LEN_RANGE],
    ["0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778", CKR_PIN_LEN_RANGE],
    ["", CKR_PIN_LEN_RANGE],
    ["11111111", CKR_PIN_INVALID],
    ["12345678", CKR_PIN_INVALID],
  ])("takes no SO PIN %s", async (soPin, rv) => {
    const simulated = new SimulatedToken();
    const application = await open(simulated);
    expect(await initToken(application, soPin)).toBe(rv);
    expect((await factoryState(simulated)).slice(0, 2)).toEqual([true, true]);
    expect(await initToken(application, NEW_PUK)).toBe(0);
  });

  test("stays as it is where no management key can be kept", async () => {
    const simulated = new SimulatedToken();
    bench = await RpcBench.open(folder, async () => {}, { simulated });
    const application = await bench.application();
    expect(await initToken(application, NEW_PUK)).toBe(CKR_TOKEN_WRITE_PROTECTED);
    expect(await factoryState(simulated)).toEqual([true, true, true]);
    expect((await flags(application)) & 0x2).toBe(0x2);
  });

  test("whose secrets cannot be kept just now stays as it is, too", async () => {
    const simulated = new SimulatedToken();
    const application = await open(simulated);
    keys.keep = () => {
      throw new Error("no space left on device");
    };
    expect(await initToken(application, NEW_PUK)).toBe(0x05);
    expect(await factoryState(simulated)).toEqual([true, true, true]);
  });

  test("answers an unready application, and a slot that is none, as everywhere", async () => {
    const application = await open(new SimulatedToken());
    const rpc = await bench.rpc();
    expect((await rpc.call("C_InitToken", u(SLOT_ID), ay(ascii(NEW_PUK)), string(ascii(" ".repeat(32))))).rv).toBe(
      CKR_CRYPTOKI_NOT_INITIALIZED,
    );
    expect((await application.rpc.call("C_InitToken", u(99), ay(ascii(NEW_PUK)), string(ascii(" ".repeat(32))))).rv).toBe(0x03);
  });

  test("whose PIN somebody set before is reset, so that nobody knows its PIN", async () => {
    const simulated = new SimulatedToken();
    await simulated.client().changePin(ascii("123456"), ascii(PIN));
    const application = await open(simulated);
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect(await factoryState(simulated)).toEqual([true, false, false]);
    expect(await initPin(application, NEW_PUK, NEW_PIN)).toEqual([0, 0]);
    await expectInUse(simulated, NEW_PUK, NEW_PIN);
  });

  test("whose management key nobody knows is reset as well", async () => {
    const simulated = new SimulatedToken();
    const client = simulated.client();
    await client.authenticateManagement(hexToBytes("010203040506070801020304050607080102030405060708"));
    await client.setManagementKey(new Uint8Array(16).fill(9));
    const application = await open(simulated);
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect(await initPin(application, NEW_PUK, NEW_PIN)).toEqual([0, 0]);
    await expectInUse(simulated, NEW_PUK, NEW_PIN);
  });

  test("that has got its PUK and waits for its PIN is nobody's but who knows that PUK", async () => {
    const simulated = new SimulatedToken();
    const application = await open(simulated);
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect([await initToken(application, WRONG_PUK), simulated.token.card.puk.triesLeft()]).toEqual([CKR_PIN_INCORRECT, 2]);
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect(await initPin(application, NEW_PUK, NEW_PIN)).toEqual([0, 0]);
    await expectInUse(simulated, NEW_PUK, NEW_PIN);
  });

  test("whose PIN is blocked is a new one afterwards", async () => {
    const simulated = new SimulatedToken();
    for (let round = 0; round < 3; round++)
      await simulated
        .client()
        .verifyPin(ascii(WRONG_PIN))
        .catch(() => {});
    const application = await open(simulated);
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect(await initPin(application, NEW_PUK, NEW_PIN)).toEqual([0, 0]);
    await expectInUse(simulated, NEW_PUK, NEW_PIN);
  });
});

describe("a token in use", () => {
  const inUse = async (): Promise<[SimulatedToken, RpcApplication]> => {
    const simulated = await SimulatedToken.initialised();
    await simulated.makeKey(SLOT_AUTHENTICATION);
    return [simulated, await open(simulated, "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778")];
  };

  test("is emptied by whoever knows its PUK, keeps that, and gets another management key", async () => {
    const [simulated, application] = await inUse();
    const before = keys.hex;
    expect(await initToken(application, PUK)).toBe(0);
    expect(keys.asked).toEqual([`forget ${SERIAL}`, `keep ${SERIAL}`]);
    expect(keys.hex).not.toBe(before);
    expect(bench.slot.objects.filter(({ key }) => key !== undefined)).toEqual([]);
    expect(await initPin(application, PUK, NEW_PIN)).toEqual([0, 0]);
    await expectInUse(simulated, PUK, NEW_PIN);
  });

  test("is left alone by a wrong SO PIN, which costs a try of the PUK; the last one nobody spends unasked", async () => {
    const [simulated, application] = await inUse();
    const left = (): number => simulated.token.card.puk.triesLeft();
    expect([await initToken(application, WRONG_PUK), left()]).toEqual([CKR_PIN_INCORRECT, 2]);
    expect([await initToken(application, "11111111"), left()]).toEqual([CKR_PIN_INCORRECT, 2]);
    expect([await initToken(application, WRONG_PUK), left()]).toEqual([CKR_PIN_INCORRECT, 1]);
    expect([await initToken(application, PUK), left()]).toEqual([CKR_PIN_LOCKED, 1]);
    expect(bench.triesLeft()).toBe(3);
    expect(keys.asked).toEqual([]);
    await expectInUse(simulated, PUK, PIN);
    for (let round = 0; round < 2; round++) await initToken(application, WRONG_PUK);
    expect((await flags(application)) & 0x200000).toBe(0x200000);
    expect(await initToken(application, PUK)).toBe(0);
  });

  test("whose PUK is blocked, and whose PIN is not, answers CKR_PIN_LOCKED", async () => {
    const [simulated, application] = await inUse();
    for (let round = 0; round < 3; round++)
      await simulated
        .client()
        .unblockPin(ascii(WRONG_PUK), ascii(PIN))
        .catch(() => {});
    expect(await initToken(application, PUK)).toBe(CKR_PIN_LOCKED);
    expect(await initToken(application, WRONG_PUK)).toBe(CKR_PIN_LOCKED);
    await simulated.client().verifyPin(ascii(PIN));
  });

  test("whose PIN and PUK are both blocked is anybody's to begin anew", async () => {
    const [simulated, application] = await inUse();
    const client = simulated.client();
    for (let round = 0; round < 3; round++) await client.unblockPin(ascii(WRONG_PUK), ascii(PIN)).catch(() => {});
    for (let round = 0; round < 3; round++) await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
    expect(await initToken(application, NEW_PUK)).toBe(0);
    expect(await initPin(application, NEW_PUK, NEW_PIN)).toEqual([0, 0]);
    await expectInUse(simulated, NEW_PUK, NEW_PIN);
  });

  test("is left alone as long as any application has a session at it", async () => {
    const [, application] = await inUse();
    const other = await bench.application();
    const session = await other.openSession();
    expect(await initToken(application, PUK)).toBe(CKR_SESSION_EXISTS);
    await other.closeSession(session);
    const again = await other.openSession();
    other.rpc.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(again).toBeGreaterThan(0);
    expect(bench.slot.openSessions).toBe(0);
    expect(await initToken(application, PUK)).toBe(0);
  });

  test("lets nobody open a session while it is made new: they get theirs afterwards, and see the new token", async () => {
    const [, application] = await inUse();
    const other = await bench.application();
    const [rv, session] = await Promise.all([initToken(application, PUK), other.openSession()]);
    // Whichever came first: a session that was there, or one at the token made new.
    if (rv === 0) expect(await other.find(session, [[0x100, 3]])).toEqual([]);
    else expect(rv).toBe(CKR_SESSION_EXISTS);
  });

  test("lets nobody in while it waits for the token's answer", async () => {
    const [, application] = await inUse();
    const other = await bench.application();
    let isOpen = false;
    let session: Promise<void> | null = null;
    const { reset } = TokenClient.prototype;
    const spied = vi.spyOn(TokenClient.prototype, "reset").mockImplementationOnce(async function (this: TokenClient) {
      session = other.openSession().then(() => {
        isOpen = true;
      });
      await sleep(100);
      expect(isOpen).toBe(false);
      await reset.call(this);
    });
    expect(await initToken(application, PUK)).toBe(0);
    await (session as Promise<void> | null);
    expect([isOpen, spied.mock.calls.length]).toEqual([true, 1]);
    spied.mockRestore();
  });

  test("of another profile is not for C_InitToken", async () => {
    const [, application] = await inUse();
    bench.slot.info = { ...bench.slot.info, profile: "compat" };
    expect(await initToken(application, PUK)).toBe(CKR_TOKEN_WRITE_PROTECTED);
  });
});

/** A cable that breaks at one command: before it arrives, or before its answer does. */
class BreakingCable {
  /** Commands until the break; Infinity: never. */
  left = Number.POSITIVE_INFINITY;
  isCarriedOut = false;
  count = 0;

  channel(inner: TokenChannel): TokenChannel {
    return {
      ...inner,
      transmit: async (apdu, options) => {
        this.count++;
        const breaks = this.left-- === 0;
        if (breaks && !this.isCarriedOut) throw new TransportError("gone", "unplugged");
        const answer = await inner.transmit(apdu, options);
        if (breaks) throw new TransportError("gone", "unplugged");
        return answer;
      },
    };
  }
}

test("C_InitPIN succeeds where the management key that is kept is another's; nothing else is written", async () => {
  const simulated = await SimulatedToken.initialised();
  const application = await open(simulated, "99".repeat(24));
  expect(await initPin(application, PUK, NEW_PIN)).toEqual([0, 0]);
  await simulated.client().verifyPin(ascii(NEW_PIN));
  expect(keys.lent.length).toBeGreaterThan(0);
});

describe("an interruption", () => {
  const ofBlank = async (): Promise<SimulatedToken> => new SimulatedToken();
  const ofUsed = (): Promise<SimulatedToken> => SimulatedToken.initialised();

  test.each([
    ["a blank token, before the command arrives", ofBlank, false, NEW_PUK],
    ["a blank token, after it was carried out", ofBlank, true, NEW_PUK],
    ["a token in use, before the command arrives", ofUsed, false, PUK],
    ["a token in use, after it was carried out", ofUsed, true, PUK],
  ] as const)(
    "at any command of C_InitToken and C_InitPIN is taken up by calling them again: %s",
    async (_, start, isCarriedOut, soPin) => {
      let isWhole = false;
      for (let at = 0; !isWhole; at++) {
        const simulated = await start();
        const application = await open(simulated, "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778");
        const cable = new BreakingCable();
        cable.isCarriedOut = isCarriedOut;
        bench.slot.openClient = async () => new TokenClient(cable.channel(simulated.channel()));
        cable.left = at;
        const first = [await initToken(application, soPin), ...(await initPin(application, soPin, NEW_PIN))];
        isWhole = cable.left >= 0;
        if (!isWhole) expect(first, `command ${at}`).toContain(CKR_DEVICE_REMOVED);
        cable.left = Number.POSITIVE_INFINITY;
        await flags(application); // an application that shows the tries to its user, before the last of them
        if (first[0] !== 0) expect(await initToken(application, soPin), `again after command ${at}`).toBe(0);
        expect(await initPin(application, soPin, NEW_PIN), `again after command ${at}`).toEqual([0, 0]);
        await expectInUse(simulated, soPin, NEW_PIN);
        expect(at).toBeLessThan(80);
        if (!isWhole) await bench.close();
      }
    },
  );
});
