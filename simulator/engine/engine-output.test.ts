// Frames, the prelude's lines and other text, however the stream is cut.

import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameWriter } from "../../protocol/serial-frame.ts";
import { EngineOutput, textCrc32 } from "./engine-output.ts";

const packets = [1, 2, 0xff].map((value) => new Uint8Array(64).fill(value));
const writer = new FrameWriter(textCrc32);
const [one = "", two = "", three = ""] = packets.map((packet) => Buffer.from(writer.frame(packet)).toString("latin1"));
const STREAM = `banner\r\n\n#up 1 2\n${one}${two}\n#light D8 1\nUncaught Error\r\n${three}\n#cut\n`;

function taken(pieces: readonly string[]): unknown {
  const seen: unknown[] = [];
  const output = new EngineOutput({ onPacket: (packet) => seen.push(packet[0]), onTold: (line) => seen.push(line) });
  for (const piece of pieces) output.take(piece);
  return { seen, printed: output.printed };
}

const WHOLE = { seen: ["up 1 2", 1, 2, "light D8 1", 255, "cut"], printed: "banner\nUncaught Error" };

test("each comes out in its order, at whatever places the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const places = [0, ...[...cuts].sort((a, b) => a - b), STREAM.length];
      const pieces = places.slice(1).map((end, index) => STREAM.slice(places[index], end));
      expect(taken(pieces)).toEqual(WHOLE);
    }),
  );
  expect(taken([...STREAM])).toEqual(WHOLE);
});

test("a frame with a flipped bit is dropped; what follows it is not", () => {
  const broken = `${one.slice(0, 30)}\u0000${one.slice(31)}`;
  expect(taken([broken, two, "\n#cut\n"])).toMatchObject({ seen: [2, "cut"] });
});
