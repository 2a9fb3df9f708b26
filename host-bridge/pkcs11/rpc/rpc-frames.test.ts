// Frames out of a stream of bytes; test/fuzz/rpc-fuzz.test.ts cuts streams at random.

import { describe, expect, test } from "vitest";
import { frame } from "../../../test/support/rpc-client.ts";
import { FrameReader, MAX_FRAME_BYTES } from "./rpc-frames.ts";

function framesOf(...pieces: readonly Uint8Array[]): ReturnType<FrameReader["next"]>[] {
  const reader = new FrameReader();
  const frames = [];
  for (const piece of pieces) {
    reader.push(Buffer.from(piece));
    for (let one = reader.next(); one !== null; one = reader.next()) frames.push(one);
  }
  return frames;
}

describe("a frame", () => {
  test("may be empty", () => {
    expect(framesOf(frame(7, new Uint8Array(0)))).toEqual([{ callCode: 7, body: Buffer.alloc(0) }]);
  });

  test("of the greatest length is read; options count as body does; one byte more, and it is read over", () => {
    const options = Buffer.alloc(100);
    const [fits] = framesOf(frame(1, Buffer.alloc(MAX_FRAME_BYTES - 100, 9), options));
    expect(fits?.body?.length).toBe(MAX_FRAME_BYTES - 100);
    expect(framesOf(frame(1, Buffer.alloc(MAX_FRAME_BYTES - 99), options))).toEqual([{ callCode: 1, body: null }]);
  });

  test("that is too long comes only when its last byte has", () => {
    const tooLong = frame(3, Buffer.alloc(MAX_FRAME_BYTES + 1));
    expect(framesOf(tooLong.subarray(0, -1))).toEqual([]);
    expect(framesOf(tooLong.subarray(0, -1), tooLong.subarray(-1), frame(4, Buffer.of(5)))).toEqual([
      { callCode: 3, body: null },
      { callCode: 4, body: Buffer.of(5) },
    ]);
  });

  test("takes room only for what has arrived of it", () => {
    const start = frame(1, Buffer.alloc(MAX_FRAME_BYTES)).subarray(0, 100);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 64 }, () => {
      const reader = new FrameReader();
      reader.push(Buffer.from(start));
      expect(reader.next()).toBeNull();
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(readers.length << 19);
  });

  test("is wiped from what the socket gave: it may carry a PIN", () => {
    const bytes = Buffer.from(frame(1, Buffer.from("73910462"), Buffer.from("p11-kit")));
    const reader = new FrameReader();
    reader.push(bytes);
    expect(reader.next()?.body).toEqual(Buffer.from("73910462"));
    expect(bytes).toEqual(Buffer.alloc(bytes.length));
  });

  test("is wiped, too, where it arrived before its turn, in pieces", () => {
    const pieces = [frame(1, Buffer.from("73910462")), frame(2, Buffer.from("55882013"))];
    const reader = new FrameReader();
    for (const piece of pieces) reader.push(piece);
    expect(reader.waitingBytes).toBe(2 * 20);
    expect(reader.next()?.body).toEqual(Buffer.from("73910462"));
    expect(reader.next()?.body).toEqual(Buffer.from("55882013"));
    expect(pieces).toEqual(pieces.map(({ length }) => Buffer.alloc(length)));
  });
});
