// Answers, read back by a client that shares nothing with the bridge.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RpcAnswer } from "../../../test/support/rpc-client.ts";
import { ERROR_CALL, RPC_CALLS, type RpcCall } from "./rpc-calls.ts";
import { encodeAnswer, type Result } from "./rpc-writer.ts";

function called(response: string): RpcCall {
  return { id: 5, name: "C_Test", request: "", response };
}

/** The answer as a client sees it, behind its frame's header. */
function answer(response: string, results: readonly Result[]): RpcAnswer {
  return new RpcAnswer(encodeAnswer(1, called(response), results).subarray(12));
}

test("the header: call code, no options, the body's length, all big-endian", () => {
  const frame = encodeAnswer(0xfedcba98, called("u"), [1]);
  expect([0, 4, 8].map((at) => frame.readUInt32BE(at))).toEqual([0xfedcba98, 0, frame.length - 12]);
});

test("an error is call 0 with one ulong, the CKR", () => {
  const body = encodeAnswer(9, ERROR_CALL, [0x190]).subarray(12);
  expect(body.toString("hex")).toBe("00000000" + "00000001" + "75" + "0000000000000190");
});

describe("a result", () => {
  test("u: numbers and bigints", () => {
    const read = answer("uu", [2 ** 33, 0xffff_ffff_ffff_ffffn]);
    expect([read.ulong(), read.bigUlong(), read.isAtEnd]).toEqual([2 ** 33, 0xffff_ffff_ffff_ffffn, true]);
  });

  test("s: filled up with spaces, never longer than its field, even with letters of several bytes", () => {
    const read = answer("sss", [
      { text: "Sceau", width: 8 },
      { text: "much too long", width: 4 },
      { text: "ééé", width: 5 },
    ]);
    expect([read.text(), read.text()]).toEqual(["Sceau   ", "much"]);
    expect(Buffer.byteLength(read.text().replaceAll("\ufffd", "?"))).toBe(5);
  });

  test("v: two bytes", () => {
    expect(answer("v", [{ major: 2, minor: 40 }]).version()).toBe("2.40");
  });

  test("ay: bytes, or how many there would be", () => {
    const read = answer("ayay", [Uint8Array.of(1, 2, 3), { lengthOnly: 64 }]);
    expect([read.byteArray(), read.byteArray(), read.isAtEnd]).toEqual([Buffer.from([1, 2, 3]), 64, true]);
  });

  test("au: numbers, or how many there would be", () => {
    const read = answer("auau", [[7, 2 ** 40], { lengthOnly: 3 }]);
    expect([read.ulongArray(), read.ulongArray(), read.isAtEnd]).toEqual([[7, 2 ** 40], 3, true]);
  });

  test("aA: values in the form of their kind, lengths alone, and what is not to be had", () => {
    const read = answer("aAu", [
      [
        { type: 0x00, lengthBytes: 8, value: Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0) },
        { type: 0x01, lengthBytes: 1, value: Uint8Array.of(1) },
        { type: 0x102, lengthBytes: 1, value: Uint8Array.of(2) },
        { type: 0x00, lengthBytes: 8 },
        { type: 0x01, lengthBytes: 1 },
        { type: 0x11, lengthBytes: 500 },
        { type: 0x11, lengthBytes: null },
      ],
      0x11,
    ]);
    expect(read.attributes()).toEqual([
      { type: 0x00, lengthBytes: 8, value: 3 },
      { type: 0x01, lengthBytes: 1, value: true },
      { type: 0x102, lengthBytes: 1, value: Buffer.from([2]) },
      { type: 0x00, lengthBytes: 8, value: 0 },
      { type: 0x01, lengthBytes: 1, value: false },
      { type: 0x11, lengthBytes: 500, value: null },
      { type: 0x11, lengthBytes: null, value: null },
    ]);
    expect([read.ulong(), read.isAtEnd]).toEqual([0x11, true]);
  });

  test("of any values comes back as it was", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.uint8Array(), fc.array(fc.nat(), { maxLength: 9 }), (number, bytes, list) => {
        const read = answer("uayau", [number, bytes, list]);
        expect([read.bigUlong(), read.byteArray(), read.ulongArray(), read.isAtEnd]).toEqual([number, Buffer.from(bytes), list, true]);
      }),
    );
  });
});

describe("the table of calls", () => {
  test("numbers the calls as p11-kit does (rpc-message.h)", () => {
    const numbered = Object.fromEntries(RPC_CALLS.map(({ id, name }) => [name, id]));
    expect(numbered).toMatchObject({ ERROR: 0, C_Initialize: 1, C_InitToken: 9, C_Login: 18, C_EncryptInit: 29, C_SignInit: 42 });
    expect(numbered).toMatchObject({ C_Verify: 49, C_GenerateKeyPair: 59, C_WaitForSlotEvent: 65, C_LoginUser: 66, C_SessionCancel: 67 });
    expect(numbered).toMatchObject({ C_MessageEncryptInit: 68, C_MessageVerifyFinal: 87, C_InitToken2: 88, C_DeriveKey2: 89 });
    expect(RPC_CALLS.every(({ id }, index) => id === index)).toBe(true);
  });

  test("has signatures that are made of known parts", () => {
    for (const { request, response } of RPC_CALLS) {
      expect(request).toMatch(/^(y|u|z|s|M|f[uyA]|a[uyA])*$/);
      expect(response).toMatch(/^(u|s|v|P|a[uyA])*$/);
    }
  });
});
