// Packets over the board's serial port: what it writes in place into one frame is what protocol/ says that frames and packets are.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  BROADCAST_CHANNEL,
  CMD_INIT,
  CMD_PING,
  MAX_MESSAGE_BYTES,
  type Message,
  MessageAssembler,
  splitMessage,
} from "../../protocol/packet.ts";
import { FrameReader, FrameWriter, type TextCrc32 } from "../../protocol/serial-frame.ts";
import type { Token } from "../token.ts";
import { SerialPacketPort, servePackets } from "./serial-packets.ts";

const crc: TextCrc32 = (text) => crc32(typeof text === "string" ? Buffer.from(text, "latin1") : text);
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

let written: string[];
let give: (data: string) => void;

beforeEach(() => {
  written = [];
  // The interpreter has the bytes when `write` returns: the frame is used again.
  const USB = {
    write: (frame: Uint8Array) => written.push(latin1(frame)),
    on: (event: string, take: (data: string) => void) => {
      if (event === "data") give = take;
    },
  };
  vi.stubGlobal("USB", USB);
  vi.stubGlobal("E", { CRC32: crc, toArrayBuffer: (text: string) => new Uint8Array(Buffer.from(text, "latin1")).buffer });
});
afterEach(() => void vi.unstubAllGlobals());

/** Answers go the way of every message. No token has a part in it. */
class Speaking extends SerialPacketPort {
  say(message: Message): void {
    this.sendMessage(null, message);
  }
}

const noToken = {} as Token;
const framesOf = (messages: readonly Message[]): string[] => {
  const writer = new FrameWriter(crc);
  return messages.flatMap((message) => splitMessage(message).map((packet) => latin1(writer.frame(packet))));
};

/** Bytes of which none is 0, so that what is left of them would be seen; a part of something longer, as answers of a token are. */
const payloads = fc
  .oneof(
    fc.nat(MAX_MESSAGE_BYTES),
    fc.nat(130),
    fc.constantFrom(0, 1, 56, 57, 58, 115, 116, 117, MAX_MESSAGE_BYTES - 59, MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES),
  )
  .chain((length) => fc.record({ seed: fc.integer({ min: 1, max: 255 }), before: fc.nat(5), length: fc.constant(length) }))
  .map(({ seed, before, length }) =>
    Uint8Array.from({ length: before + length + 3 }, (_, i) => ((seed + i) % 255) + 1).subarray(before, before + length),
  );
const messages = fc.record({
  channel: fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(1, BROADCAST_CHANNEL)),
  command: fc.integer({ min: 0, max: 0x7f }),
  payload: payloads,
});

describe("the frames that a board writes", () => {
  test("are those of FrameWriter over the packets of splitMessage, whatever messages came before", () => {
    fc.assert(
      fc.property(fc.array(messages, { minLength: 1, maxLength: 4 }), (said) => {
        written = [];
        const port = new Speaking(noToken);
        for (const message of said) port.say(message);
        expect(written.join("")).toBe(framesOf(said).join(""));
      }),
      { numRuns: 40 },
    );
  });

  test("number on from 255 to 1, and never to 0 again", () => {
    const port = new Speaking(noToken);
    const long = { channel: 7, command: CMD_PING, payload: new Uint8Array(MAX_MESSAGE_BYTES).fill(9) };
    for (let i = 0; i < 5; i++) port.say(long);
    expect(written).toHaveLength(5 * 129);
    expect(written).toEqual(framesOf([long, long, long, long, long]));
    const packets = new FrameReader(crc).take(written.join(""));
    expect(packets).toHaveLength(5 * 129);
  });
});

describe("the packets that a board takes", () => {
  const init: Message = { channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]) };

  /** What the board has said, joined to messages. */
  function heard(): Message[] {
    const assemblers = new Map<number, MessageAssembler>();
    return new FrameReader(crc).take(written.join("")).flatMap((text) => {
      const packet = new Uint8Array(Buffer.from(text, "latin1"));
      const channel = new DataView(packet.buffer).getUint32(0);
      const assembler = assemblers.get(channel) ?? new MessageAssembler();
      assemblers.set(channel, assembler);
      const message = assembler.accept(packet, channel);
      return message === null ? [] : [message];
    });
  }

  test("come in pieces of any length, behind a console's text: a channel is given, and each ping comes back", () => {
    const cut = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(payloads, { minLength: 1, maxLength: 3 }), cut, fc.string({ maxLength: 40 }), (pings, lengths, prompt) => {
        written = [];
        servePackets(noToken);
        const echoes = pings.map((payload): Message => ({ channel: 1, command: CMD_PING, payload }));
        const stream = `${latin1(Buffer.from(prompt))}${framesOf([init, ...echoes]).join("")}`;
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const length = lengths[turn % lengths.length] ?? 1;
          give(stream.slice(at, at + length));
          at += length;
        }
        const [given, ...back] = heard();
        expect(given).toMatchObject({ channel: BROADCAST_CHANNEL, command: CMD_INIT });
        expect(Buffer.from(given?.payload ?? [])).toEqual(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 1]));
        expect(back.map(({ payload }) => latin1(payload))).toEqual(pings.map(latin1));
      }),
      { numRuns: 20 },
    );
  });

  test("nothing is said before somebody asks, nor to what is no frame", () => {
    servePackets(noToken);
    give("print('hello')\n");
    give(framesOf([init]).join("").slice(0, 70));
    expect(written).toEqual([]);
  });
});
