// The RPC connection as p11-kit's client meets it: handshake, frames, and whatever else arrives.

import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RpcBench, SLOT_ID } from "../../test/support/rpc-bench.ts";
import { ay, CALL_NAMES, callBody, frame, fu, type RpcClient, string, u, y } from "../../test/support/rpc-client.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { RPC_CALLS } from "./rpc/rpc-calls.ts";

const CKR_HOST_MEMORY = 0x02;
const CKR_ARGUMENTS_BAD = 0x07;
const CKR_FUNCTION_NOT_SUPPORTED = 0x54;
const CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;
const INITIALIZE = callBody("C_Initialize", [ay(new Uint8Array(0)), y(0), ay(new Uint8Array(0))]);
const SLOT_LIST = callBody("C_GetSlotList", [y(1), fu(10)]);

const folder = temporaryFolder();
let bench: RpcBench;

beforeAll(async () => {
  bench = await RpcBench.open(folder);
});

afterAll(() => bench.close());

async function initialised(offered = 1): Promise<RpcClient> {
  const rpc = await bench.rpc(offered);
  expect((await rpc.send(INITIALIZE)).rv).toBe(0);
  return rpc;
}

async function isUsable(rpc: RpcClient): Promise<boolean> {
  return JSON.stringify((await rpc.send(SLOT_LIST)).ulongArray()) === `[${SLOT_ID}]`;
}

describe("the handshake", () => {
  test.each([0, 1, 2])("echoes version %i", async (version) => {
    expect((await bench.rpc(version)).version).toBe(version);
  });

  test.each([3, 4, 255])("answers a client that offers %i with 2", async (version) => {
    expect((await bench.rpc(version)).version).toBe(2);
  });

  test("and the first call may come in one write", async () => {
    const socket = connect(bench.path);
    socket.write(Buffer.concat([Buffer.from([1]), frame(5, INITIALIZE)]));
    const received: Buffer[] = [];
    socket.on("data", (bytes) => received.push(bytes));
    const empty = frame(5, Buffer.from("0000000100000000", "hex"));
    await vi.waitFor(() => expect(Buffer.concat(received)).toEqual(Buffer.concat([Buffer.from([1]), empty])));
    socket.destroy();
  });
});

describe("a frame", () => {
  test("is answered with its own call code, and with the signature of the call's results", async () => {
    const rpc = await initialised();
    const answer = rpc.answerTo(0xfedcba98);
    rpc.socket.write(frame(0xfedcba98, SLOT_LIST));
    expect((await answer).signature).toBe("au");
  });

  test("may arrive byte by byte", async () => {
    const rpc = await initialised(2);
    const answer = rpc.answerTo(40);
    for (const byte of frame(40, SLOT_LIST)) {
      rpc.socket.write(Buffer.from([byte]));
      await sleep(0);
    }
    expect((await answer).ulongArray()).toEqual([SLOT_ID]);
  });

  test("may share one write with another; both are answered", async () => {
    const rpc = await initialised();
    const answers = [rpc.answerTo(11), rpc.answerTo(12)];
    rpc.socket.write(Buffer.concat([frame(11, callBody("C_GetTokenInfo", [u(SLOT_ID)])), frame(12, SLOT_LIST)]));
    const [first, second] = await Promise.all(answers);
    expect(first?.signature).toBe("ssssuuuuuuuuuuuvvs");
    expect(second?.ulongArray()).toEqual([SLOT_ID]);
  });

  test("has options that are skipped", async () => {
    const rpc = await initialised();
    expect((await rpc.send(SLOT_LIST, Buffer.from("options of a later version"))).ulongArray()).toEqual([SLOT_ID]);
  });

  test("that is longer than a megabyte is read over and answered CKR_HOST_MEMORY, and the connection stays usable", async () => {
    const rpc = await initialised();
    const tooLong = callBody("C_FindObjectsInit", [u(1), Buffer.alloc(3 << 20)]);
    const answers = [rpc.send(tooLong), rpc.send(SLOT_LIST), rpc.send(SLOT_LIST, Buffer.alloc(2 << 20)), rpc.send(SLOT_LIST)];
    expect((await Promise.all(answers)).map(({ rv }) => rv)).toEqual([CKR_HOST_MEMORY, 0, CKR_HOST_MEMORY, 0]);
  });

  test("of just under a megabyte is read as any other", async () => {
    const rpc = await initialised();
    const body = callBody("C_SignUpdate", [u(1), ay(new Uint8Array((1 << 20) - 100))]);
    expect((await rpc.send(body)).rv).toBeGreaterThan(CKR_HOST_MEMORY);
    expect(await isUsable(rpc)).toBe(true);
  });

  test("whose header says four gigabytes takes no memory, and closes nothing", async () => {
    const rpc = await initialised();
    const before = process.memoryUsage().rss;
    rpc.socket.write(Buffer.alloc(12, 0xff));
    rpc.socket.write(Buffer.alloc(1 << 20));
    await sleep(50);
    expect(rpc.socket.closed).toBe(false);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    expect(await isUsable(await initialised())).toBe(true);
  });
});

describe("a call", () => {
  test("before C_Initialize answers CKR_CRYPTOKI_NOT_INITIALIZED", async () => {
    const rpc = await bench.rpc();
    expect((await rpc.send(SLOT_LIST)).rv).toBe(CKR_CRYPTOKI_NOT_INITIALIZED);
  });

  test("after C_Finalize, too; C_Initialize opens it again", async () => {
    const rpc = await initialised();
    expect((await rpc.call("C_Finalize")).rv).toBe(0);
    expect((await rpc.send(SLOT_LIST)).rv).toBe(CKR_CRYPTOKI_NOT_INITIALIZED);
    expect((await rpc.send(INITIALIZE)).rv).toBe(0);
    expect(await isUsable(rpc)).toBe(true);
  });

  test("that is not offered answers CKR_FUNCTION_NOT_SUPPORTED", async () => {
    const rpc = await initialised();
    const families =
      /^C_(Encrypt|Decrypt(?!Init$|$)|DigestEncrypt|SignEncrypt|SignRecover|VerifyRecover|Message|SignMessage|VerifyMessage|Wrap|Unwrap)/;
    const calls = RPC_CALLS.filter(({ name }) => families.test(name));
    expect(calls.length).toBe(36);
    for (const { id, request } of calls) {
      const answer = await rpc.send(Buffer.concat([fu(id), string(Buffer.from(request)), new Uint8Array(100)]));
      expect(answer.rv).toBe(CKR_FUNCTION_NOT_SUPPORTED);
    }
  });

  test("of PKCS#11 3.0 that the table does not know (C_MessageSignInit) answers CKR_FUNCTION_NOT_SUPPORTED, too", async () => {
    const rpc = await initialised(2);
    const body = Buffer.concat([Buffer.from("0000004e00000003", "hex"), Buffer.from("uMu"), u(1), Buffer.from("00001041", "hex"), u(1)]);
    expect((await rpc.send(body)).rv).toBe(CKR_FUNCTION_NOT_SUPPORTED);
  });

  test("with another signature than its own is refused", async () => {
    const rpc = await initialised();
    const body = callBody("C_GetSlotList", [y(1), fu(10)]);
    body.write("y", 10); // yfu → yfy
    expect((await rpc.send(body)).rv).toBe(CKR_ARGUMENTS_BAD);
    expect(await isUsable(rpc)).toBe(true);
  });

  test("whose arguments end early is refused, at whatever byte", async () => {
    const rpc = await initialised();
    const whole = callBody("C_FindObjectsInit", [u(1), Buffer.from("000000010000000001000000080000000000000003", "hex")]);
    for (let length = 0; length < whole.length; length++) {
      expect((await rpc.send(whole.subarray(0, length))).rv, `${length} bytes`).toBe(CKR_ARGUMENTS_BAD);
    }
    expect(await isUsable(rpc)).toBe(true);
  });

  test("is logged with its name and its CKR, and with nothing that it carried", async () => {
    const rpc = await initialised();
    bench.log.length = 0;
    await rpc.call("C_GetSlotInfo", u(99));
    await rpc.call("C_Login", u(99), u(1), ay(Buffer.from("24681357")));
    expect(bench.log).toEqual([
      ["C_GetSlotInfo", 0x03],
      ["C_Login", 0xb3],
    ]);
  });
});

describe("random bytes", () => {
  test("as the body of a frame are always answered with a CKR, and the connection stays usable", async () => {
    const rpc = await initialised(2);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (body) => {
        expect((await rpc.send(body)).rv).toBeGreaterThan(0);
      }),
    );
    expect(await isUsable(rpc)).toBe(true);
  });

  test.each([0, 1, 2])("as the arguments of any call of version %i are answered, and the connection stays usable", async (version) => {
    const rpc = await initialised(version);
    const names = CALL_NAMES.filter((name) => name !== "C_Finalize");
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.uint8Array({ maxLength: 120 }), async (name, bytes) => {
        expect((await rpc.send(callBody(name, [bytes]))).rv).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
    expect(await isUsable(rpc)).toBe(true);
  });

  test("behind an open session never end in anything but a CKR, and spend no try of the PIN", async () => {
    const rpc = await initialised();
    const session = (await rpc.call("C_OpenSession", u(SLOT_ID), u(4))).ulong();
    const names = CALL_NAMES.filter((name) => !["C_Finalize", "C_Login", "C_LoginUser", "C_CloseSession"].includes(name));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.uint8Array({ maxLength: 60 }), async (name, bytes) => {
        expect((await rpc.send(callBody(name, [u(session), bytes]))).rv).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
    expect((await rpc.call("C_GetSessionInfo", u(session))).rv).toBe(0);
    expect(bench.triesLeft()).toBe(3);
  });
});

test("an application that goes away in the middle of a frame harms no other", async () => {
  const [leaves, stays] = [await initialised(), await initialised()];
  leaves.socket.end(frame(9, SLOT_LIST).subarray(0, 17));
  await once(leaves.socket, "close");
  expect(await isUsable(stays)).toBe(true);
});
