// The forms in which a command goes to a card, and what a card says of itself; against scripted answers.

import { expect, test } from "vitest";
import { ANSWER_TO_RESET } from "../../protocol/answer-to-reset.ts";
import { encodeCommandApdu } from "../../protocol/apdu.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { PLAIN_ATR } from "../../test/support/plain-card-answers.ts";
import { saysExtendedLength } from "./card-capabilities.ts";
import { type CardForm, exchange } from "./card-exchange.ts";
import { type CommandKind, kindOf } from "./card-status.ts";

const GET_DATA = { cla: 0, ins: 0xcb, p1: 0x3f, p2: 0xff, data: hexToBytes("5c017e"), le: 65_536 };
const GET_VERSION = { cla: 0, ins: 0xfd, p1: 0, p2: 0, data: new Uint8Array(0), le: 65_536 };
const LOG_OUT = { cla: 0, ins: 0x20, p1: 0xff, p2: 0x80, data: new Uint8Array(0), le: 0 };

/** What is sent for a command, and the answer, when the card gives these in turn. */
async function script(
  form: Partial<CardForm>,
  command: typeof GET_DATA,
  ...answers: string[]
): Promise<{ sent: string[]; answer: string }> {
  const sent: string[] = [];
  const send = async (apdu: Uint8Array): Promise<Uint8Array> => {
    sent.push(Buffer.from(apdu).toString("hex"));
    return hexToBytes(answers.shift() ?? "");
  };
  const whole = { isT0: false, hasExtended: false, ...form };
  const answer = await exchange(send, whole, { ...command, data: command.data.slice() });
  return { sent, answer: Buffer.from(answer).toString("hex") };
}

test("a PIN goes once, short and without Le, whatever the card says of lengths", async () => {
  const data = hexToBytes("313233343536ffff");
  for (const ins of [0x20, 0x24, 0x2c]) {
    for (const sw of ["6700", "6c08", "63c2"]) {
      const told = await script({ hasExtended: true }, { ...GET_DATA, ins, p1: 0, p2: 0x80, data }, sw, "9000");
      expect(told).toEqual({ sent: [`00${ins.toString(16)}008008313233343536ffff`], answer: sw });
    }
  }
});

test("in T=0 a command with data goes without Le, one with nothing gets a P3, and the answer is fetched", async () => {
  expect(await script({ isT0: true }, GET_DATA, "6102", "aabb9000")).toEqual({
    sent: ["00cb3fff035c017e", "00c0000002"],
    answer: "aabb9000",
  });
  expect((await script({ isT0: true }, LOG_OUT, "9000")).sent).toEqual(["0020ff8000"]);
});

test("6Cxx: the same again with the Le that the card names", async () => {
  expect(await script({}, GET_VERSION, "6c03", "0504039000")).toEqual({ sent: ["00fd000000", "00fd000003"], answer: "0504039000" });
});

test("an answer in several pieces is one, with the last status word", async () => {
  const { sent, answer } = await script({}, GET_DATA, "016102", "02036101", "049000");
  expect(sent.slice(1)).toEqual(["00c0000002", "00c0000001"]);
  expect(answer).toBe("010203049000");
});

test("a chain ends where the card refuses", async () => {
  const command = { ...GET_DATA, data: new Uint8Array(700) };
  expect(await script({}, command, "9000", "6982")).toMatchObject({ answer: "6982", sent: { length: 2 } });
});

test("an answer that does not end, or is none, is told", async () => {
  const endless = async (): Promise<Uint8Array> => Uint8Array.of(...new Uint8Array(256), 0x61, 0x00);
  await expect(exchange(endless, { isT0: false, hasExtended: false }, { ...GET_DATA })).rejects.toMatchObject({ failure: "confused" });
  const empty = async (): Promise<Uint8Array> => Uint8Array.of(0x61, 0x00);
  await expect(exchange(empty, { isT0: false, hasExtended: false }, { ...GET_DATA })).rejects.toMatchObject({ failure: "confused" });
  const chained = script({}, { ...GET_DATA, data: new Uint8Array(700) }, "9000", "");
  await expect(chained).rejects.toMatchObject({ failure: "confused" });
  await expect(script({}, GET_DATA, "90")).rejects.toMatchObject({ failure: "confused" });
});

test.each([
  ["a token of ours", ANSWER_TO_RESET, true],
  ["a plain card", PLAIN_ATR, false],
  ["a YubiKey 5", hexToBytes("3bfd1300008131fe158073c021c057597562694b657940"), true],
  ["a card with other historical bytes", hexToBytes("3bdb960080b1fe451f830031c064c30801000f900009"), false],
  ["nothing", new Uint8Array(0), false],
  ["half", ANSWER_TO_RESET.subarray(0, 5), false],
])("extended length as %s tells it", (_name, atr, expected) => {
  expect(saysExtendedLength(atr)).toBe(expected);
});

test.each<[CommandKind, string]>([
  ["free", "00fd0000"],
  ["free", "00cb3fff055c035fc102"],
  ["use", "00cb3fff055c035fc103"], // fingerprints
  ["use", "00cb3fff055c035fc109"], // printed information
  ["use", "00cb3fff025c05"], // no sense
  ["free", "805c0100"],
  ["use", "805c0400"], // a batch's consent
  ["select", "00a4040005a000000308"],
  ["ask", "00200080"],
  ["log-out", "0020ff80"],
  ["prove", "00200080083132333435363738"],
  ["prove", "0024008010"],
  ["prove", "0087039b047c028000"],
  ["use", "0087119a00"],
  ["use", "00db3fff00"],
  ["use", "00f99a00"],
  ["use", "00470000"],
  ["use", "00ee0000"], // whatever it is
])("what depends on the security status: %s %s", (kind, apdu) => {
  expect(kindOf(hexToBytes(apdu))).toBe(kind);
});

test("what was sent is overwritten", async () => {
  const command = { ...GET_DATA, ins: 0x20, data: Uint8Array.from(Buffer.from("73910462")) };
  const kept: Uint8Array[] = [];
  await exchange(
    async (apdu) => {
      kept.push(apdu);
      return hexToBytes("9000");
    },
    { isT0: false, hasExtended: false },
    command,
  );
  expect(encodeCommandApdu(command).length).toBeGreaterThan(5);
  expect(kept.every((apdu) => apdu.every((byte) => byte === 0))).toBe(true);
});
