// Frames on a serial port: their bytes, and what is left of a stream that lost, doubled or gained some.

import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PACKET_BYTES } from "./packet.ts";
import { FRAME_BYTES, FRAME_SYNC, FrameReader, FrameWriter, type TextCrc32 } from "./serial-frame.ts";

const crc: TextCrc32 = (text) => crc32(typeof text === "string" ? Buffer.from(text, "latin1") : text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** 0, 1, 2, … 63 in frames 0 and 1: CRC-32 by Python's zlib. */
const COUNTING = Uint8Array.from({ length: PACKET_BYTES }, (_, index) => index);
const VECTORS = ["00", "01"];
const CRCS: Record<string, string> = { "00": "cd5a4e78", "01": "2b08a4f8" };

/** Packet i of a run: no two are alike. */
function packet(index: number): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES).fill(index % 7);
  new DataView(bytes.buffer).setUint32(4, index);
  return bytes;
}

const indexOf = (given: string): number => Buffer.from(given, "latin1").readUInt32BE(4);
const frames = (writer: FrameWriter, first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => textOf(writer.frame(packet(first + index))));

/** Feeds a stream in pieces of the lengths given, around and around; the indexes of the packets that came out. */
function read(reader: FrameReader, stream: string, lengths: readonly number[]): number[] {
  const given: string[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    given.push(...reader.take(stream.slice(at, at + length)));
    at += length;
  }
  for (const each of given) expect(each).toBe(textOf(packet(indexOf(each))));
  return given.map(indexOf);
}

const pieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
const character = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const garbage = fc
  .array(fc.oneof({ weight: 8, arbitrary: character }, fc.constant(FRAME_SYNC), fc.constant(FRAME_SYNC.slice(0, 2))), { maxLength: 60 })
  .map((parts) => parts.join(""));

interface Harm {
  readonly kind: "lose" | "double" | "insert" | "flip";
  readonly at: number;
  readonly length: number;
  readonly text: string;
}
const harm: fc.Arbitrary<Harm> = fc.record({
  kind: fc.constantFrom("lose", "double", "insert", "flip"),
  at: fc.nat(),
  length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 10 * FRAME_BYTES })),
  text: garbage,
});

function apply(stream: string, { kind, at, length, text }: Harm): string {
  const place = stream.length === 0 ? 0 : at % stream.length;
  const [before, middle, after] = [stream.slice(0, place), stream.slice(place, place + length), stream.slice(place + length)];
  if (kind === "lose") return before + after;
  if (kind === "double") return before + middle + middle + after;
  if (kind === "insert") return before + text + middle + after;
  return before + String.fromCharCode(middle.charCodeAt(0) ^ (1 << (length % 8))) + middle.slice(1) + after;
}

describe("a frame", () => {
  test.each(VECTORS)("number %s has the bytes that it has", (number) => {
    const writer = new FrameWriter(crc);
    const made = [writer.frame(COUNTING), writer.frame(COUNTING)].map((frame) => Buffer.from(frame).toString("hex"));
    expect(made[Number(number)]).toBe(`c5ea75${number}${Buffer.from(COUNTING).toString("hex")}${CRCS[number]}`);
  });

  test("has a number that goes 0, 1, … 255, 1", () => {
    const writer = new FrameWriter(crc);
    const numbers = Array.from({ length: 258 }, () => writer.frame(COUNTING)[3]);
    expect(numbers.slice(0, 2)).toEqual([0, 1]);
    expect(numbers.slice(254)).toEqual([254, 255, 1, 2]);
  });
});

describe("packets come out, each once and in order,", () => {
  test("however the stream is cut, and whatever lies between the frames", () => {
    fc.assert(
      fc.property(fc.array(garbage, { minLength: 1, maxLength: 12 }), pieces, (between, lengths) => {
        const made = frames(new FrameWriter(crc), 0, between.length);
        const stream = made.map((frame, index) => between[index] + frame).join("");
        expect(read(new FrameReader(crc), stream, lengths)).toEqual(made.map((_, index) => index));
      }),
    );
  });

  test("of a stream that lost bytes, had some twice, gained some, and had bits turned: none but what was written, and what is whole at the end", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 60, 230, 255),
        fc.array(harm, { minLength: 1, maxLength: 8 }),
        pieces,
        (earlier, harms, lengths) => {
          const [writer, reader] = [new FrameWriter(crc), new FrameReader(crc)];
          read(reader, frames(writer, 0, earlier).join(""), [4000]);
          const stream = harms.reduce(apply, frames(writer, earlier, 30).join(""));
          // The first frame behind it may fill up one that lost its end.
          const sound = frames(writer, earlier + 30, 3).join("");
          const given = read(reader, stream + sound, lengths);
          expect(given.every((index, place) => index >= earlier && (place === 0 || index > (given[place - 1] ?? 0)))).toBe(true);
          expect(given.slice(-2)).toEqual([earlier + 31, earlier + 32]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("when a piece of 60 frames comes twice, also where the numbers begin anew", () => {
    for (const earlier of [0, 1, 200, 250, 255]) {
      const [writer, reader] = [new FrameWriter(crc), new FrameReader(crc)];
      read(reader, frames(writer, 0, earlier).join(""), [4000]);
      const piece = frames(writer, earlier, 60).join("");
      expect(read(reader, piece + piece, [1000])).toHaveLength(60);
    }
  });

  test("and the next ones when 190 were lost in a row", () => {
    for (const earlier of [1, 100, 250]) {
      const [writer, reader] = [new FrameWriter(crc), new FrameReader(crc)];
      read(reader, frames(writer, 0, earlier).join(""), [4000]);
      frames(writer, earlier, 190);
      expect(read(reader, frames(writer, earlier + 190, 2).join(""), [72])).toEqual([earlier + 190, earlier + 191]);
    }
  });
});

describe("a new writer", () => {
  test("is understood at once, whatever the number of the one before", () => {
    for (const earlier of [1, 2, 100, 255, 256, 300]) {
      const reader = new FrameReader(crc);
      read(reader, frames(new FrameWriter(crc), 0, earlier).join(""), [4000]);
      expect(read(reader, frames(new FrameWriter(crc), 1000, 3).join(""), [50])).toEqual([1000, 1001, 1002]);
    }
  });

  test("whose first frames come twice begins only once", () => {
    const piece = frames(new FrameWriter(crc), 0, 3).join("");
    expect(read(new FrameReader(crc), piece + piece, [100])).toEqual([0, 1, 2]);
  });

  test("of a reader is understood in the midst of a writer's frames", () => {
    const writer = new FrameWriter(crc);
    frames(writer, 0, 199);
    expect(read(new FrameReader(crc), frames(writer, 199, 2).join(""), [33])).toEqual([199, 200]);
  });
});

test("a reader keeps less than a frame of what came, whatever comes", () => {
  fc.assert(
    fc.property(fc.array(garbage, { maxLength: 40 }), (texts) => {
      const reader = new FrameReader(crc);
      for (const text of texts) {
        reader.take(text);
        const kept = Object.values(reader).filter((value) => typeof value === "string");
        expect(kept.join("").length).toBeLessThan(FRAME_BYTES);
      }
    }),
  );
});
