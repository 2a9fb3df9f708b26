import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BROADCAST_CHANNEL,
  ERROR_INVALID_LENGTH,
  ERROR_INVALID_SEQUENCE,
  isContinuation,
  isInitialPacket,
  MAX_MESSAGE_BYTES,
  type Message,
  MessageAssembler,
  PACKET_BYTES,
  PacketError,
  packetChannel,
  splitMessage,
} from "./packet.ts";
import vectors from "./vectors/packet.json" with { type: "json" };

/** The notation of the vectors: hexadecimal, spaces part the fields, "ab*57" is the byte ab, 57 times. */
function vectorHex(text: string): string {
  return text.replace(/(\w\w)\*(\d+)/g, (_, byte: string, count: string) => byte.repeat(Number(count))).replaceAll(" ", "");
}

function vectorBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(vectorHex(text), "hex"));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** With the payload in hexadecimal, which compares fast and prints well. */
function readable(message: Message | null): object | null {
  return message === null ? null : { ...message, payload: hex(message.payload) };
}

function acceptAll(assembler: MessageAssembler, packets: readonly Uint8Array[]): (object | null)[] {
  return packets.map((packet) => readable(assembler.accept(packet, packetChannel(packet))));
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The message that the packets make, null when they make none, or the PacketError; any other error goes through. */
function outcome(packets: readonly Uint8Array[]): object | null {
  const assembler = new MessageAssembler();
  let message: Message | null = null;
  try {
    for (const packet of packets) message = assembler.accept(packet, packetChannel(packet));
  } catch (error) {
    if (error instanceof PacketError) return error;
    throw error;
  }
  return readable(message);
}

function message(channel: number, lengthBytes: number, command = 0x03): Message {
  return { channel, command, payload: new Uint8Array(lengthBytes).map((_, index) => (index * 7) % 251) };
}

const anyChannel = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(1, 0x7fffffff, 0x80000000, BROADCAST_CHANNEL));
const anyLength = fc.oneof(
  fc.nat(300),
  fc.nat(MAX_MESSAGE_BYTES),
  fc.constantFrom(0, 1, 56, 57, 58, 115, 116, 117, MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES),
);
const anyMessage = fc.tuple(anyChannel, anyLength, fc.nat(0x7f)).map((args) => message(...args));
/** Of three packets at least. */
const longMessage = fc.tuple(anyChannel, fc.integer({ min: 117, max: 700 }), fc.nat(0x7f)).map((args) => message(...args));

describe("a message of the vectors", () => {
  it.each(vectors.messages)("is split: $name ($source)", (vector) => {
    const channel = parseInt(vector.channel, 16);
    const packets = splitMessage({ channel, command: parseInt(vector.command, 16), payload: vectorBytes(vector.payload) });
    expect(packets.length).toBe(vector.packetCount);
    for (const shown of vector.packets) expect(hex(packets[shown.index] ?? new Uint8Array())).toBe(vectorHex(shown.hex));
  });

  it.each(vectors.messages.filter((vector) => vector.packets.length === vector.packetCount))("is joined: $name ($source)", (vector) => {
    const expected = { channel: parseInt(vector.channel, 16), command: parseInt(vector.command, 16), payload: vectorHex(vector.payload) };
    expect(outcome(vector.packets.map((packet) => vectorBytes(packet.hex)))).toEqual(expected);
  });
});

describe("splitMessage", () => {
  it("gives packets of 64 bytes, one initial, and zeros behind the payload", () => {
    fc.assert(
      fc.property(anyMessage, (sent) => {
        const packets = splitMessage(sent);
        const rest = Math.max(0, sent.payload.length - 57);
        expect(packets.length).toBe(1 + Math.ceil(rest / 59));
        expect(packets.every((packet) => packet.length === PACKET_BYTES && packetChannel(packet) === sent.channel)).toBe(true);
        expect(packets.map(isInitialPacket)).toEqual(packets.map((_, index) => index === 0));
        expect(packets.map(isContinuation)).toEqual(packets.map((_, index) => index !== 0));
        const body = Buffer.concat(packets.map((packet, index) => packet.subarray(index === 0 ? 7 : 5)));
        expect(hex(body)).toBe(hex(sent.payload) + "00".repeat(body.length - sent.payload.length));
      }),
    );
  });

  it("refuses a payload over MAX_MESSAGE_BYTES, which is 7609", () => {
    expect(MAX_MESSAGE_BYTES).toBe(7609);
    expect(thrownBy(() => splitMessage(message(5, MAX_MESSAGE_BYTES + 1)))).toEqual(new PacketError(5, ERROR_INVALID_LENGTH));
  });
});

describe("MessageAssembler", () => {
  it.each(vectors.refused)("refuses $name", ({ packets, code }) => {
    const bytes = packets.map(vectorBytes);
    const last = bytes.at(-1) ?? new Uint8Array();
    const assembler = new MessageAssembler();
    for (const packet of bytes.slice(0, -1)) assembler.accept(packet, packetChannel(packet));
    const thrown = thrownBy(() => assembler.accept(last, packetChannel(last)));
    expect(thrown).toBeInstanceOf(PacketError);
    expect(thrown).toEqual(new PacketError(packetChannel(last), parseInt(code, 16)));
    expect(assembler.isUnderWay()).toBe(false);
  });

  it("joins what was split, with the last packet and not before", () => {
    const assembler = new MessageAssembler();
    fc.assert(
      fc.property(anyMessage, (sent) => {
        const packets = splitMessage(sent);
        const got = acceptAll(assembler, packets);
        expect(got).toEqual(packets.map((_, index) => (index === packets.length - 1 ? readable(sent) : null)));
        expect(assembler.isUnderWay()).toBe(false);
      }),
    );
  });

  it("keeps nothing of the packets' memory, so that a reader may use one buffer for all", () => {
    const sent = message(1, 200);
    const assembler = new MessageAssembler();
    const buffer = new Uint8Array(PACKET_BYTES);
    let got: Message | null = null;
    for (const packet of splitMessage(sent)) {
      buffer.set(packet);
      got = assembler.accept(buffer, packetChannel(buffer));
      buffer.fill(0xee);
    }
    expect(readable(got)).toEqual(readable(sent));
  });

  it("gives no message when a packet is missing, and is ready for the next message", () => {
    fc.assert(
      fc.property(longMessage, anyMessage, fc.nat(), (sent, next, where) => {
        const packets = splitMessage(sent);
        const missing = where % packets.length;
        const assembler = new MessageAssembler();
        const got = acceptAll(assembler, packets.slice(0, missing));
        const thrown = thrownBy(() => acceptAll(assembler, packets.slice(missing + 1)));
        expect(got.every((each) => each === null)).toBe(true);
        if (missing === packets.length - 1) expect([thrown, assembler.isUnderWay()]).toEqual([undefined, true]);
        else expect(thrown).toEqual(new PacketError(sent.channel, ERROR_INVALID_SEQUENCE));
        expect(acceptAll(assembler, splitMessage(next)).at(-1)).toEqual(readable(next));
      }),
    );
  });

  it("refuses two packets in the wrong order at the first of them", () => {
    fc.assert(
      fc.property(longMessage, fc.nat(), (sent, where) => {
        const packets = splitMessage(sent);
        const first = 1 + (where % (packets.length - 2));
        const assembler = new MessageAssembler();
        acceptAll(assembler, packets.slice(0, first));
        const swapped = packets[first + 1] ?? new Uint8Array();
        expect(thrownBy(() => assembler.accept(swapped, packetChannel(swapped)))).toEqual(
          new PacketError(sent.channel, ERROR_INVALID_SEQUENCE),
        );
        const late = packets[first] ?? new Uint8Array();
        expect(thrownBy(() => assembler.accept(late, packetChannel(late)))).toEqual(new PacketError(sent.channel, ERROR_INVALID_SEQUENCE));
      }),
    );
  });

  it("starts again at an initial packet in the middle of a message, on any channel", () => {
    fc.assert(
      fc.property(longMessage, anyMessage, fc.nat(), (sent, next, where) => {
        const packets = splitMessage(sent);
        const assembler = new MessageAssembler();
        acceptAll(assembler, packets.slice(0, 1 + (where % (packets.length - 1))));
        expect(assembler.isUnderWay()).toBe(true);
        expect(acceptAll(assembler, splitMessage(next)).at(-1)).toEqual(readable(next));
      }),
    );
  });

  it("drops what was begun when it is reset", () => {
    const [initial = new Uint8Array(), continuation = new Uint8Array()] = splitMessage(message(1, 100));
    const assembler = new MessageAssembler();
    assembler.accept(initial, packetChannel(initial));
    assembler.reset();
    expect(assembler.isUnderWay()).toBe(false);
    expect(thrownBy(() => assembler.accept(continuation, packetChannel(continuation)))).toEqual(new PacketError(1, ERROR_INVALID_SEQUENCE));
  });

  it("joins two channels whose packets alternate, with one assembler for each", () => {
    const sent = [message(1, 500, 0x01), message(2, 500, 0x03)];
    const [left = [], right = []] = sent.map(splitMessage);
    const assemblers = new Map([1, 2].map((channel) => [channel, new MessageAssembler()]));
    const alternating = left.flatMap((packet, index) => [packet, right[index] ?? new Uint8Array()]);
    const got = alternating.map((packet) => readable(assemblers.get(packetChannel(packet))?.accept(packet, packetChannel(packet)) ?? null));
    expect(got.filter((each) => each !== null)).toEqual(sent.map(readable));
  });

  it("never mixes two channels into one message", () => {
    const [initial = new Uint8Array()] = splitMessage(message(1, 100));
    const [, foreign = new Uint8Array()] = splitMessage(message(2, 100));
    const assembler = new MessageAssembler();
    assembler.accept(initial, packetChannel(initial));
    expect(thrownBy(() => assembler.accept(foreign, packetChannel(foreign)))).toEqual(new PacketError(2, ERROR_INVALID_SEQUENCE));
  });

  it("throws nothing but PacketError on a flipped bit, and gives no more than the length announces", () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), (sent, where) => {
        const packets = splitMessage(sent);
        const bit = where % (8 * PACKET_BYTES * packets.length);
        const hit = packets[Math.floor(bit / (8 * PACKET_BYTES))] ?? new Uint8Array();
        const at = Math.floor(bit / 8) % PACKET_BYTES;
        hit.set([(hit[at] ?? 0) ^ (1 << (bit & 7))], at);
        const got = outcome(packets);
        if (got === null || got instanceof PacketError || !("payload" in got)) return;
        const initial = packets.findLast(isInitialPacket); // the flip may have made one of a continuation
        expect(String(got.payload).length / 2).toBe(Buffer.from(initial ?? []).readUInt16BE(5));
      }),
      { numRuns: 300 },
    );
  });

  it("throws nothing but PacketError on any packets", () => {
    const anyPacket = fc
      .tuple(fc.constantFrom(1, 2), fc.constantFrom(0x83, 0, 1, 2), fc.nat(8000), fc.nat(0xff))
      .map(([channel, kind, length, byte]) => {
        const packet = Buffer.alloc(PACKET_BYTES, byte);
        packet.writeUInt32BE(channel, 0);
        packet.writeUInt8(kind, 4);
        if (kind === 0x83) packet.writeUInt16BE(length, 5);
        return new Uint8Array(packet);
      });
    fc.assert(fc.property(fc.array(anyPacket, { maxLength: 10 }), (packets) => void outcome(packets)));
  });
});
