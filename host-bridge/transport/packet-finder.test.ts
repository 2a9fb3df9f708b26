// Packets in a stream that has more in it than packets.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BROADCAST_CHANNEL, CMD_APDU, CMD_ERROR, CMD_INIT, splitMessage } from "../../protocol/packet.ts";
import { PacketFinder } from "./packet-finder.ts";

const CHANNEL = 5;
const NONCE = Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2);

const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const opening = splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: new Uint8Array([...NONCE, 0, 0, 0, CHANNEL, 1]) });
const answer = (payload: Uint8Array): Uint8Array[] => splitMessage({ channel: CHANNEL, command: CMD_APDU, payload });

function opened(): PacketFinder {
  const finder = new PacketFinder();
  expect(finder.accept(join(opening))).toEqual(opening);
  return finder;
}

describe("packets", () => {
  test("are found however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), fc.integer({ min: 1, max: 200 }), (payloads, step) => {
        const finder = new PacketFinder();
        const packets = [...opening, ...payloads.flatMap(answer)];
        const stream = join(packets);
        const found: Uint8Array[] = [];
        for (let at = 0; at < stream.length; at += step) found.push(...finder.accept(stream.slice(at, at + step)));
        expect(found).toEqual(packets);
      }),
    );
  });

  test("are found behind whatever came before the first of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        expect(new PacketFinder().accept(join([garbage, ...opening]))).toEqual(opening);
      }),
    );
  });

  test("are found again behind text between two answers", () => {
    const [before, after] = [answer(new Uint8Array(100).fill(1)), answer(new Uint8Array(70).fill(2))];
    const text = Buffer.from("Uncaught Error: out of memory\r\n>");
    expect(opened().accept(join([...before, text, ...after]))).toEqual([...before, ...after]);
  });

  test("of a message that lost its beginning are not taken for another's continuation", () => {
    const [, ...continuations] = answer(new Uint8Array(200).fill(3));
    const next = answer(Uint8Array.of(0x90, 0));
    expect(opened().accept(join([Uint8Array.of(0x3e), ...continuations, ...next]))).toEqual(next);
  });
});

describe("no packet is", () => {
  test("our own INIT that comes back as an echo", () => {
    const own = splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: NONCE });
    expect(new PacketFinder().accept(join([...own, ...opening]))).toEqual(opening);
  });

  test("anything on a channel that the token has not given", () => {
    const stranger = splitMessage({ channel: 77, command: CMD_APDU, payload: Uint8Array.of(1, 2) });
    expect(opened().accept(join([...stranger, ...answer(Uint8Array.of(3))]))).toEqual(answer(Uint8Array.of(3)));
  });
});

test("an error on the broadcast channel is a packet", () => {
  const error = splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_ERROR, payload: Uint8Array.of(6) });
  expect(new PacketFinder().accept(join(error))).toEqual(error);
});
