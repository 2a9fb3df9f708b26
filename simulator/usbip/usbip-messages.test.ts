// The stream of a USB/IP connection, cut anywhere.

import fc from "fast-check";
import { expect, test } from "vitest";
import { opRequest, submitCommand } from "../../test/support/usbip-client.ts";
import { UsbipProtocolError, UsbipReader } from "./usbip-messages.ts";

const command = fc
  .record({
    seqnum: fc.nat(),
    endpoint: fc.nat(15),
    isIn: fc.boolean(),
    body: fc.uint8Array({ maxLength: 300 }),
    setup: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  })
  .map(({ body, ...fields }) => ({ ...fields, lengthBytes: body.length, data: fields.isIn ? new Uint8Array(0) : body }));

/** The pieces that these places cut the bytes into. */
function piecesOf(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

test("commands are read the same wherever the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (commands, places) => {
      const reader = new UsbipReader();
      const read: unknown[] = [];
      for (const piece of piecesOf(Buffer.concat(commands.map(submitCommand)), places)) {
        reader.take(piece);
        for (let next = reader.nextCommand(); next !== null; next = reader.nextCommand()) read.push(next);
      }
      expect(read).toEqual(
        commands.map(({ isIn, endpoint, ...fields }) => ({ command: "submit", ...fields, endpoint: isIn ? endpoint | 0x80 : endpoint })),
      );
    }),
    { numRuns: 300 },
  );
});

test("requests are read the same wherever the stream is cut; a bus id without an end is one all the same", () => {
  const bytes = Buffer.concat([
    opRequest(0x8005),
    opRequest(0x8003, Buffer.from("1-1".padEnd(32, "\0"))),
    opRequest(0x8003, Buffer.alloc(32, 0x41)),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
      const reader = new UsbipReader();
      const read: unknown[] = [];
      for (const piece of piecesOf(bytes, places)) {
        reader.take(piece);
        for (let next = reader.nextRequest(); next !== null; next = reader.nextRequest()) read.push(next);
      }
      expect(read).toEqual([{ op: "list" }, { op: "import", busId: "1-1" }, { op: "import", busId: "A".repeat(32) }]);
    }),
  );
});

test("any bytes are messages, or the beginning of one, or no USB/IP", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isImported) => {
      const reader = new UsbipReader();
      reader.take(Buffer.from(bytes));
      try {
        while ((isImported ? reader.nextCommand() : reader.nextRequest()) !== null);
      } catch (error) {
        expect(error).toBeInstanceOf(UsbipProtocolError);
      }
    }),
    { numRuns: 300 },
  );
});
