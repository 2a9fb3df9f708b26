// C_GetInfo, slots, tokens and mechanisms, as an application of p11-kit reads them.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RpcBench, SLOT_ID } from "../../../test/support/rpc-bench.ts";
import { ay, fu, RpcClient, u, y } from "../../../test/support/rpc-client.ts";
import { ascii, PIN, SECRETS, SERIAL, SimulatedToken, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { startBridge } from "../../bridge.ts";
import { initialiseToken } from "../../token/initialise.ts";

const CKM_ECDSA = 0x1041;
const CKF_USER_PIN_COUNT_LOW = 0x10000;
const CKF_USER_PIN_FINAL_TRY = 0x20000;
const CKF_USER_PIN_LOCKED = 0x40000;
const CKF_USER_PIN_TO_BE_CHANGED = 0x80000;
const CKF_SO_PIN_LOCKED = 0x400000;
const CKF_SO_PIN_TO_BE_CHANGED = 0x800000;
const PIN_FLAGS = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;
const UNAVAILABLE = 0xffff_ffff_ffff_ffffn;

const folder = temporaryFolder();
let bench: RpcBench;
let rpc: RpcClient;

beforeAll(async () => {
  bench = await RpcBench.open(folder);
  rpc = (await bench.application()).rpc;
});

afterAll(() => bench.close());

interface TokenInfo {
  readonly texts: readonly string[];
  readonly flags: number;
  readonly numbers: readonly bigint[];
}

async function tokenInfo(): Promise<TokenInfo> {
  const answer = await rpc.call("C_GetTokenInfo", u(SLOT_ID));
  expect(answer.rv).toBe(0);
  const texts = [answer.text(), answer.text(), answer.text(), answer.text()];
  const flags = answer.ulong();
  const numbers = Array.from({ length: 10 }, () => answer.bigUlong());
  expect([answer.version(), answer.version()]).toEqual(["1.0", "0.1"]);
  expect(answer.text()).toBe(" ".repeat(16));
  expect(answer.isAtEnd).toBe(true);
  return { texts, flags, numbers };
}

async function spendTry(): Promise<void> {
  const session = (await rpc.call("C_OpenSession", u(SLOT_ID), u(4))).ulong();
  await rpc.call("C_Login", u(session), u(1), ay(ascii(WRONG_PIN)));
  await rpc.call("C_CloseSession", u(session));
}

test("C_GetInfo tells PKCS#11 2.40 in fields of 32 characters", async () => {
  const answer = await rpc.call("C_GetInfo");
  expect([answer.version(), answer.text(), answer.ulong(), answer.text(), answer.version()]).toEqual([
    "2.40",
    "Sceau".padEnd(32),
    0,
    "Sceau bridge".padEnd(32),
    "0.1",
  ]);
  expect(answer.isAtEnd).toBe(true);
});

describe("C_GetSlotList", () => {
  test.each([0, 1])("gives the slot (tokenPresent %i)", async (present) => {
    expect((await rpc.call("C_GetSlotList", y(present), fu(1))).ulongArray()).toEqual([SLOT_ID]);
  });

  test("tells only the count to a caller with too little room", async () => {
    expect((await rpc.call("C_GetSlotList", y(1), fu(0))).ulongArray()).toBe(1);
  });
});

describe("C_GetSlotInfo", () => {
  test("names model and serial number, and tells that a removable token is there", async () => {
    const answer = await rpc.call("C_GetSlotInfo", u(SLOT_ID));
    expect([answer.text(), answer.text(), answer.ulong()]).toEqual([`Sceau unit test ${SERIAL}`.padEnd(64), "Sceau".padEnd(32), 7]);
    expect([answer.version(), answer.version(), answer.isAtEnd]).toEqual(["1.0", "0.1", true]);
  });

  test("of a slot that there is not answers CKR_SLOT_ID_INVALID", async () => {
    expect((await rpc.call("C_GetSlotInfo", u(SLOT_ID + 1))).rv).toBe(0x03);
    expect((await rpc.call("C_GetTokenInfo", u(2n ** 64n - 1n))).rv).toBe(0x03);
  });
});

describe("C_GetTokenInfo", () => {
  test("gives label, maker, model and serial number in their widths", async () => {
    const { texts } = await tokenInfo();
    expect(texts).toEqual([`Sceau ${SERIAL}`.padEnd(32), "Sceau".padEnd(32), "Sceau unit test".padEnd(16), `${SERIAL}`.padEnd(16)]);
  });

  test("tells a token that is initialised, takes a PIN of 6 to 8, and is not written to", async () => {
    const { flags, numbers } = await tokenInfo();
    expect(flags).toBe(0x400 | 0x8 | 0x4 | 0x2 | 0x1);
    expect(numbers.slice(0, 6)).toEqual([1024n, UNAVAILABLE, 1024n, UNAVAILABLE, 8n, 6n]);
    expect(numbers.slice(6)).toEqual([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
  });

  test("warns when two tries, one, none are left", async () => {
    const warnings: number[] = [];
    for (let spent = 0; spent < 3; spent++) {
      await spendTry();
      warnings.push((await tokenInfo()).flags & PIN_FLAGS);
    }
    expect(warnings).toEqual([CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED]);
  });
});

test("C_GetTokenInfo of a blank token: not initialised, PIN and PUK to be changed; initialised in place, it is a token like others", async () => {
  const folderOfIt = join(folder, "blank");
  const simulated = new SimulatedToken();
  const cable = await simulated.plugIn(join(folderOfIt, "blank.sock"));
  const bridge = await startBridge({ tokenFolder: folderOfIt, pkcs11Socket: join(folder, "blank-pkcs11"), log: () => {} });
  const client = await RpcClient.connect(join(folder, "blank-pkcs11"));
  await client.call("C_Initialize", ay(null), y(0), ay(null));
  const flags = async (): Promise<number> => {
    const answer = await client.call("C_GetTokenInfo", u(SERIAL));
    for (let text = 0; text < 4; text++) answer.text();
    return answer.ulong();
  };
  const always = 0x1 | 0x2 | 0x4 | 0x8;
  expect(await flags()).toBe(always | CKF_USER_PIN_TO_BE_CHANGED | CKF_SO_PIN_TO_BE_CHANGED);
  const session = (await client.call("C_OpenSession", u(SERIAL), u(6))).ulong();
  expect((await client.call("C_Login", u(session), u(0), ay(ascii("12345678")))).rv).toBe(0x102); // the security officer of a blank token
  const officer = simulated.client();
  await initialiseToken(officer, ascii(PIN), () => SECRETS);
  expect(await flags()).toBe(always | 0x400);
  for (let round = 0; round < 3; round++) await officer.unblockPin(ascii("11223399"), ascii(PIN)).catch(() => {});
  expect(await flags()).toBe(always | 0x400 | CKF_SO_PIN_LOCKED);
  client.close();
  await bridge.close();
  await cable.close();
});

describe("mechanisms", () => {
  const CURVES = 0x100000 | 0x800000 | 0x1000000;
  const CKF_HW = 0x1;
  // Number, smallest and largest key, flags: sign, verify; derive; generate a pair; digest.
  const OFFERED: readonly (readonly [name: string, type: number, smallest: number, largest: number, flags: number])[] = [
    ["ECDSA", CKM_ECDSA, 256, 384, CKF_HW | 0x800 | 0x2000 | CURVES],
    ["ECDSA_SHA224", 0x1043, 256, 384, CKF_HW | 0x800 | 0x2000 | CURVES],
    ["ECDSA_SHA256", 0x1044, 256, 384, CKF_HW | 0x800 | 0x2000 | CURVES],
    ["ECDSA_SHA384", 0x1045, 256, 384, CKF_HW | 0x800 | 0x2000 | CURVES],
    ["ECDSA_SHA512", 0x1046, 256, 384, CKF_HW | 0x800 | 0x2000 | CURVES],
    ["ECDH1_DERIVE", 0x1050, 256, 384, CKF_HW | 0x80000 | CURVES],
    ["EC_KEY_PAIR_GEN", 0x1040, 256, 384, CKF_HW | 0x10000 | CURVES],
    ["SHA224", 0x255, 0, 0, 0x400],
    ["SHA256", 0x250, 0, 0, 0x400],
    ["SHA384", 0x260, 0, 0, 0x400],
    ["SHA512", 0x270, 0, 0, 0x400],
  ];

  test("are those, CKM_ECDSA first", async () => {
    expect((await rpc.call("C_GetMechanismList", u(SLOT_ID), fu(0))).ulongArray()).toBe(OFFERED.length);
    expect((await rpc.call("C_GetMechanismList", u(SLOT_ID), fu(20))).ulongArray()).toEqual(OFFERED.map(([, type]) => type));
  });

  test.each(OFFERED)("C_GetMechanismInfo of %s", async (_, type, smallest, largest, flags) => {
    const answer = await rpc.call("C_GetMechanismInfo", u(SLOT_ID), u(type));
    expect([answer.ulong(), answer.ulong(), answer.ulong()]).toEqual([smallest, largest, flags]);
  });

  test("C_GetMechanismInfo of another answers CKR_MECHANISM_INVALID", async () => {
    expect((await rpc.call("C_GetMechanismInfo", u(SLOT_ID), u(1))).rv).toBe(0x70);
  });
});
