// TokenClient.randomBytes: against the firmware in memory, and against channels that answer what a token should not.

import { describe, expect, test } from "vitest";
import { hexToBytes } from "../../protocol/bytes.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import type { TokenChannel } from "../transport/transport.ts";
import { TokenClient } from "./token-client.ts";

describe("random bytes", () => {
  /** A channel that answers so, and what was sent on it. */
  function answering(answer: (le: number) => Uint8Array): { readonly channel: TokenChannel; readonly sent: string[] } {
    const sent: string[] = [];
    const transmit = async (apdu: Uint8Array): Promise<Uint8Array> => {
      sent.push(Buffer.from(apdu).toString("hex"));
      return answer(apdu[4] || 256);
    };
    return { channel: { transmit, cancel: () => {}, close: () => {} }, sent };
  }
  const ok = (data: Uint8Array): Uint8Array => Uint8Array.of(...data, 0x90, 0x00);

  test.each([0, 1, 16, 255, 256, 257, 512, 1000])("are as many as were asked for, from a blank token too: %i", async (count) => {
    expect((await new SimulatedToken().client().randomBytes(count)).length).toBe(count);
  });

  test("are others each time, and in each exchange", async () => {
    const blank = new SimulatedToken().client();
    const all = [await blank.randomBytes(300), await blank.randomBytes(300)].map((bytes) => Buffer.from(bytes));
    const halves = all.flatMap((bytes) => [bytes.subarray(0, 40), bytes.subarray(256, 296)].map((part) => part.toString("hex")));
    expect(new Set(halves).size).toBe(4);
  });

  test("are asked for in exchanges of at most 256, and joined in their order", async () => {
    let next = 0;
    const { channel, sent } = answering((le) => ok(Uint8Array.from({ length: le }, () => next++ % 251)));
    const bytes = await new TokenClient(channel).randomBytes(600);
    expect(sent).toEqual(["0084000000", "0084000000", "0084000058"]);
    expect(bytes).toEqual(Uint8Array.from({ length: 600 }, (_, i) => i % 251));
  });

  test("that are none cost no exchange", async () => {
    const { channel, sent } = answering(() => ok(Uint8Array.of()));
    expect([await new TokenClient(channel).randomBytes(0), sent]).toEqual([Uint8Array.of(), []]);
  });

  test.each([
    ["fewer", -1],
    ["none", -16],
    ["more", 1],
  ])("are not taken when the token gives %s than was asked for", async (_what, more) => {
    const { channel } = answering((le) => ok(new Uint8Array(le + more)));
    await expect(new TokenClient(channel).randomBytes(16)).rejects.toMatchObject({ name: "MalformedAnswerError" });
  });

  test("nor when the second of two exchanges is short, nor without a status word", async () => {
    const last = answering((le) => ok(new Uint8Array(le === 256 ? 256 : le - 1)));
    await expect(new TokenClient(last.channel).randomBytes(256 + 16)).rejects.toMatchObject({ name: "MalformedAnswerError" });
    const cut = answering(() => Uint8Array.of(0x90));
    await expect(new TokenClient(cut.channel).randomBytes(1)).rejects.toMatchObject({ name: "MalformedAnswerError" });
  });

  test("that the token does not have are its status word", async () => {
    const { channel } = answering(() => hexToBytes("6d00"));
    await expect(new TokenClient(channel).randomBytes(1)).rejects.toMatchObject({ name: "TokenError", sw: 0x6d00 });
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("are never %d", async (count) => {
    const { channel, sent } = answering((le) => ok(new Uint8Array(le)));
    await expect(new TokenClient(channel).randomBytes(count)).rejects.toThrow(
      new RangeError("the number of random bytes is a whole number from 0 on"),
    );
    expect(sent).toEqual([]);
  });
});
