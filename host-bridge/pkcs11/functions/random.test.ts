// C_GenerateRandom and C_SeedRandom: PKCS#11 2.40 §5.16.

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SW_INS_NOT_SUPPORTED } from "../../../protocol/status-words.ts";
import { type RpcApplication, RpcBench } from "../../../test/support/rpc-bench.ts";
import { ay, fy, type RpcAnswer, u } from "../../../test/support/rpc-client.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TokenError } from "../../token/token-error.ts";

const CKR_ARGUMENTS_BAD = 0x07;
const CKR_DEVICE_REMOVED = 0x32;
const CKR_SESSION_HANDLE_INVALID = 0xb3;
const CKR_RANDOM_SEED_NOT_SUPPORTED = 0x120;
const CKR_RANDOM_NO_RNG = 0x121;
const MAX_BYTES = 65536;

const folder = temporaryFolder();
let bench: RpcBench;
let application: RpcApplication;
let session: number;

beforeAll(async () => {
  bench = await RpcBench.open(folder);
  application = await bench.application();
  session = await application.openSession();
});

afterAll(() => bench.close());

const random = (room: number, of = session): Promise<RpcAnswer> => application.rpc.call("C_GenerateRandom", u(of), fy(room));

test.each([1, 16, 256, 257, 1000, MAX_BYTES])("%i bytes come, never the same, without login", async (count) => {
  const [one, other] = [(await random(count)).byteArray() as Buffer, (await random(count)).byteArray() as Buffer];
  expect([one.length, other.length]).toEqual([count, count]);
  if (count >= 16) expect(one.equals(other)).toBe(false);
});

test("they come from the token, 256 an exchange", async () => {
  const transmit = vi.spyOn(bench.simulated.token, "transmit");
  const bytes = (await random(600)).byteArray() as Buffer;
  const given = transmit.mock.calls.map(([, apdu]) => [apdu[1], apdu.length]);
  transmit.mockRestore();
  expect(given.map(([ins]) => ins)).toEqual([0x84, 0x84, 0x84]);
  expect(bytes.length).toBe(600);
});

test("all values of a byte are among 64 KB of them", async () => {
  expect(new Set((await random(MAX_BYTES)).byteArray() as Buffer).size).toBe(256);
});

test("a buffer of no bytes gets none; a null pointer, which is room for 0, answers CKR_ARGUMENTS_BAD", async () => {
  expect((await random(0xffffffff)).byteArray()).toEqual(Buffer.alloc(0));
  expect((await random(0)).rv).toBe(CKR_ARGUMENTS_BAD);
});

test("more than 64 KB a call answer CKR_ARGUMENTS_BAD", async () => {
  expect((await random(MAX_BYTES + 1)).rv).toBe(CKR_ARGUMENTS_BAD);
  expect((await random(0xfffffffe)).rv).toBe(CKR_ARGUMENTS_BAD);
});

test("without a session there are none", async () => {
  expect((await random(16, 4321)).rv).toBe(CKR_SESSION_HANDLE_INVALID);
});

test("a token that knows no GET CHALLENGE answers CKR_RANDOM_NO_RNG", async () => {
  const old = vi.spyOn(bench.slot, "randomBytes").mockRejectedValueOnce(new TokenError(SW_INS_NOT_SUPPORTED, "GET CHALLENGE"));
  expect((await random(16)).rv).toBe(CKR_RANDOM_NO_RNG);
  old.mockRestore();
});

test("the generator takes no seed: CKR_RANDOM_SEED_NOT_SUPPORTED", async () => {
  expect((await application.rpc.call("C_SeedRandom", u(session), ay(new Uint8Array(8)))).rv).toBe(CKR_RANDOM_SEED_NOT_SUPPORTED);
});

test("when the token is pulled out meanwhile, CKR_DEVICE_REMOVED", async () => {
  const another = await RpcBench.open(folder);
  const user = await another.application();
  const own = await user.openSession();
  const waiting = user.rpc.call("C_GenerateRandom", u(own), fy(MAX_BYTES));
  await another.unplug();
  expect((await waiting).rv).toBe(CKR_DEVICE_REMOVED);
  await another.close();
});
