import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CLA_CHAINING,
  type CommandApdu,
  chainCommandApdu,
  encodeCommandApdu,
  encodeResponseApdu,
  parseCommandApdu,
  parseResponseApdu,
} from "./apdu.ts";
import { MalformedError } from "./malformed.ts";
import vectors from "./vectors/apdu.json" with { type: "json" };

/** The notation of the vectors: hexadecimal, spaces part the fields, "ab*256" is the byte ab, 256 times. */
function vectorHex(text: string): string {
  return text.replace(/(\w\w)\*(\d+)/g, (_, byte: string, count: string) => byte.repeat(Number(count))).replaceAll(" ", "");
}

function vectorBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(vectorHex(text), "hex"));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** With the data in hexadecimal, which compares fast and prints well. */
function readable(command: CommandApdu): object {
  return { ...command, data: hex(command.data) };
}

/** What `parse` gives, or null when it refuses with a MalformedError; any other error goes through. */
function unlessMalformed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

const anyByte = fc.nat(0xff);
const anyData = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.constantFrom(0, 1, 254, 255, 256, 257, 65534, 65535), anyByte).map(([length, byte]) => new Uint8Array(length).fill(byte)),
);
const anyLe = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 65536 }),
  fc.constantFrom(0, 255, 256, 257, 65535, 65536),
);
const anyCommand = fc.record({ cla: anyByte, ins: anyByte, p1: anyByte, p2: anyByte, data: anyData, le: anyLe });

describe("command APDU", () => {
  it.each(vectors.commands)("is parsed: $source, $name", ({ hex: text, command }) => {
    expect(readable(parseCommandApdu(vectorBytes(text)))).toEqual({ ...command, data: vectorHex(command.data) });
  });

  it.each(vectors.commands.filter((vector) => vector.shortest))("is encoded: $source, $name", ({ hex: text, command }) => {
    expect(hex(encodeCommandApdu({ ...command, data: vectorBytes(command.data) }))).toBe(vectorHex(text));
  });

  it.each(vectors.malformedCommands)("is refused: $source, $name", ({ hex: text }) => {
    expect(() => parseCommandApdu(vectorBytes(text))).toThrow(MalformedError);
  });

  it("parses to what was encoded", () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(readable(parseCommandApdu(encodeCommandApdu(command)))).toEqual(readable(command));
      }),
    );
  });

  it("is extended only when the data or Le do not fit the short form", () => {
    const shortData = fc.uint8Array({ maxLength: 255 });
    const anyShort = fc.record({ cla: anyByte, ins: anyByte, p1: anyByte, p2: anyByte, data: shortData, le: fc.nat(256) });
    fc.assert(
      fc.property(anyShort, (command) => {
        const lcAndData = command.data.length === 0 ? 0 : 1 + command.data.length;
        expect(encodeCommandApdu(command).length).toBe(4 + lcAndData + (command.le === 0 ? 0 : 1));
      }),
    );
  });

  it("cut short is refused or has lost its Le or its whole body, never a part of its data", () => {
    fc.assert(
      fc.property(anyCommand, fc.nat(), (command, where) => {
        const whole = encodeCommandApdu(command);
        const cut = unlessMalformed(() => parseCommandApdu(whole.subarray(0, where % whole.length)));
        if (cut !== null) expect(["", hex(command.data)]).toContain(hex(cut.data));
      }),
    );
  });

  it("with bytes behind it is refused or has gained an Le, never more data", () => {
    const withData = anyCommand.filter((command) => command.data.length > 0);
    fc.assert(
      fc.property(withData, fc.uint8Array({ minLength: 1, maxLength: 4 }), (command, more) => {
        const longer = unlessMalformed(() => parseCommandApdu(Buffer.concat([encodeCommandApdu(command), more])));
        if (longer !== null) expect([hex(longer.data), command.le]).toEqual([hex(command.data), 0]);
      }),
    );
  });

  it("with one bit flipped is refused or is another command, and nothing else is thrown", () => {
    fc.assert(
      fc.property(anyCommand, fc.nat(), (command, bit) => {
        const whole = encodeCommandApdu(command);
        const flipped = unlessMalformed(() => parseCommandApdu(flipBit(whole, bit % (8 * whole.length))));
        if (flipped !== null) expect(readable(flipped)).not.toEqual(readable(command));
      }),
    );
  });

  it("of any bytes is refused or encodes to an APDU that is no longer and means the same", () => {
    const lengthFields = fc.constantFrom("", "00", "05", "000005", "000000", "000100").map(vectorBytes);
    const anyBytes = fc
      .tuple(fc.uint8Array({ maxLength: 4 }), lengthFields, fc.uint8Array({ maxLength: 9 }))
      .map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const command = unlessMalformed(() => parseCommandApdu(bytes));
        if (command === null) return;
        const again = encodeCommandApdu(command);
        expect(again.length).toBeLessThanOrEqual(bytes.length);
        expect(readable(parseCommandApdu(again))).toEqual(readable(command));
      }),
    );
  });

  it("has its data as a view of the bytes that it was parsed from: a copy would cost a board as much as the parsing", () => {
    const bytes = vectorBytes("00200080 02 3132");
    const { data } = parseCommandApdu(bytes);
    bytes[6] = 0x33;
    expect(hex(data)).toBe("3133");
  });
});

describe("command chaining", () => {
  const unchained = anyCommand.map((command) => ({ ...command, cla: command.cla & ~CLA_CHAINING }));
  const anyPiece = fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constant(255));

  it("gives short APDUs that joined again are the command", () => {
    fc.assert(
      fc.property(unchained, anyPiece, (command, pieceBytes) => {
        const chain = chainCommandApdu(command, pieceBytes).map(parseCommandApdu);
        expect(hex(Buffer.concat(chain.map((piece) => piece.data)))).toBe(hex(command.data));
        expect(chain.length).toBe(Math.max(1, Math.ceil(command.data.length / pieceBytes)));
        for (const [index, piece] of chain.entries()) {
          const last = index === chain.length - 1;
          const cla = last ? command.cla : command.cla | CLA_CHAINING;
          const le = last ? Math.min(command.le, 256) : 0;
          expect({ ...piece, data: null }).toEqual({ ...command, cla, le, data: null });
          expect(piece.data.length).toBeLessThanOrEqual(pieceBytes);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("never uses extended length", () => {
    fc.assert(
      fc.property(unchained, anyPiece, (command, pieceBytes) => {
        const extended = chainCommandApdu(command, pieceBytes).filter((piece) => piece.length > 5 && piece[4] === 0);
        expect(extended.map(hex)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("leaves a command that fits one piece as it is", () => {
    const command = { cla: 0, ins: 0xdb, p1: 0x3f, p2: 0xff, data: new Uint8Array(255), le: 256 };
    expect(chainCommandApdu(command, 255).map(hex)).toEqual([hex(encodeCommandApdu(command))]);
  });

  it("sends a command without data once", () => {
    expect(chainCommandApdu({ cla: 0, ins: 0xc0, p1: 0, p2: 0, data: new Uint8Array(0), le: 256 }, 255).map(hex)).toEqual(["00c0000000"]);
  });
});

describe("response APDU", () => {
  it.each(vectors.responses)("is parsed and encoded: $name", ({ hex: text, data, sw }) => {
    const response = parseResponseApdu(vectorBytes(text));
    expect([hex(response.data), response.sw]).toEqual([vectorHex(data), parseInt(sw, 16)]);
    expect(hex(encodeResponseApdu(response.data, response.sw))).toBe(vectorHex(text));
  });

  it.each(vectors.malformedResponses)("is refused: $name", ({ hex: text }) => {
    expect(() => parseResponseApdu(vectorBytes(text))).toThrow(MalformedError);
  });

  it("parses to what was encoded", () => {
    fc.assert(
      fc.property(anyData, fc.nat(0xffff), (data, sw) => {
        const response = parseResponseApdu(encodeResponseApdu(data, sw));
        expect([hex(response.data), response.sw]).toEqual([hex(data), sw]);
      }),
    );
  });

  it("of any two bytes or more encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2 }), (bytes) => {
        const response = parseResponseApdu(bytes);
        expect(hex(encodeResponseApdu(response.data, response.sw))).toBe(hex(bytes));
      }),
    );
  });
});
