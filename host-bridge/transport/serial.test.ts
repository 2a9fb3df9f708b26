// A token on a serial port, from the host's side: through a port in memory that harms what it carries, and through a pseudo terminal of the kernel's.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import type { SerialPort } from "serialport";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_INIT,
  MessageAssembler,
  PacketError,
  packetChannel,
  splitMessage,
} from "../../protocol/packet.ts";
import { FRAME_BYTES, FrameReader, FrameWriter, type TextCrc32 } from "../../protocol/serial-frame.ts";
import { ROOT } from "../../test/support/run.ts";
import { SerialCable } from "../../test/support/serial-cable.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openSerialTransport, serialTransport } from "./serial.ts";
import { closeSerialPort, openSerialPort } from "./serial-library.ts";
import { TransportError } from "./transport.ts";

const folder = temporaryFolder();
const crc: TextCrc32 = (text) => crc32(typeof text === "string" ? Buffer.from(text, "latin1") : text);

afterEach(() => void vi.useRealTimers());

describe("bytes that are lost, doubled or turned", () => {
  /** Of a command, and of no other: two packets long. */
  const answerTo = (apdu: Uint8Array): Uint8Array => new Uint8Array(createHash("sha512").update(apdu).digest());

  type Harm = { readonly kind: number; readonly at: number; readonly length: number };

  /** A port whose far end answers each command with its hash; `harms` are done to the writes, one after the other, whichever way they go. */
  class HarmedPort extends EventEmitter {
    isOpen = true;
    closing = false;
    private readonly harms: Harm[];
    private readonly reader = new FrameReader(crc);
    private readonly writer = new FrameWriter(crc);
    private readonly assemblers = new Map<number, MessageAssembler>();
    private nextChannel = 1;

    constructor(harms: readonly Harm[]) {
      super();
      this.harms = [...harms];
    }

    write(frame: Uint8Array): void {
      for (const packet of this.reader.take(this.harmed(frame))) this.receive(new Uint8Array(Buffer.from(packet, "latin1")));
    }

    private harmed(bytes: Uint8Array): string {
      const text = Buffer.from(bytes).toString("latin1");
      const harm = this.harms.shift();
      if (harm === undefined || harm.kind === 0) return text;
      const at = harm.at % text.length;
      const [before, piece, after] = [text.slice(0, at), text.slice(at, at + harm.length), text.slice(at + harm.length)];
      if (harm.kind === 1) return before + after;
      if (harm.kind === 2) return before + piece + piece + after;
      return before + String.fromCharCode(piece.charCodeAt(0) ^ 4) + piece.slice(1) + after;
    }

    private receive(packet: Uint8Array): void {
      const channel = new DataView(packet.buffer).getUint32(0);
      const assembler = this.assemblers.get(channel) ?? new MessageAssembler();
      this.assemblers.set(channel, assembler);
      try {
        const message = assembler.accept(packet, packetChannel(packet));
        if (message?.command === CMD_INIT) {
          const payload = new Uint8Array([...message.payload, 0, 0, 0, this.nextChannel++, 1]);
          this.answer(splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload }));
        }
        if (message?.command === CMD_APDU) this.answer(splitMessage({ channel, command: CMD_APDU, payload: answerTo(message.payload) }));
      } catch (error) {
        if (!(error instanceof PacketError)) throw error;
      }
    }

    private answer(packets: readonly Uint8Array[]): void {
      for (const packet of packets) this.emit("data", Buffer.from(this.harmed(this.writer.frame(packet)), "latin1"));
    }
  }

  const harm = fc.record({ kind: fc.integer({ min: 0, max: 3 }), at: fc.nat(), length: fc.constantFrom(1, 2, 5, 40, FRAME_BYTES) });
  const quiet: Harm = { kind: 0, at: 0, length: 1 };

  test("never end in a wrong answer: it is the command's own, or there is none", async () => {
    vi.useFakeTimers();
    const ends = { answered: 0, failed: 0 };
    const exchange = async (harms: readonly Harm[], apdus: readonly Uint8Array[]): Promise<void> => {
      const port = new HarmedPort([quiet, quiet, ...harms]);
      const transport = serialTransport(port as unknown as SerialPort, "harmed");
      let channel = await transport.openChannel();
      for (const apdu of apdus) {
        const end = channel.transmit(apdu).catch((error: unknown) => error);
        await vi.advanceTimersByTimeAsync(6000);
        const result = await end;
        if (result instanceof TransportError) {
          ends.failed++;
          const opened = transport.openChannel().catch((error: unknown) => error);
          await vi.advanceTimersByTimeAsync(6000);
          const next = await opened;
          if (next instanceof TransportError) return;
          channel = next as typeof channel;
        } else {
          ends.answered++;
          expect(result).toEqual(answerTo(apdu));
        }
      }
    };
    const apdus = fc.array(fc.uint8Array({ minLength: 4, maxLength: 200 }), { minLength: 1, maxLength: 5 });
    await fc.assert(fc.asyncProperty(fc.array(harm, { maxLength: 20 }), apdus, exchange), { numRuns: 150 });
    expect(ends.answered).toBeGreaterThan(50);
    expect(ends.failed).toBeGreaterThan(50);
  });
});

test("the first frame has nothing that another board's console would obey", async () => {
  for (let turn = 0; turn < 50; turn++) {
    const port = new EventEmitter() as EventEmitter & { isOpen: boolean; write: (frame: Uint8Array) => void };
    const sent: Uint8Array[] = [];
    Object.assign(port, { isOpen: true, write: (frame: Uint8Array) => sent.push(frame) });
    const opening = serialTransport(port as unknown as SerialPort, "stranger").openChannel();
    await Promise.resolve();
    port.emit("close");
    await expect(opening).rejects.toMatchObject({ failure: "gone" });
    const obeyed = [0x01, 0x03, 0x04, 0x05, 0x0a, 0x0d, 0x10, 0x15, 0x17, 0x1b];
    expect(sent[0]).toHaveLength(FRAME_BYTES);
    expect([...(sent[0] ?? [])].filter((byte) => obeyed.includes(byte))).toEqual([]);
  }
});

describe("on a pseudo terminal", () => {
  const GET_VERSION = Uint8Array.of(0x00, 0xfd, 0, 0);
  const VERSION = Uint8Array.of(5, 4, 3, 0x90, 0x00);

  async function plugIn(name: string) {
    const socket = await new SimulatedToken().plugIn(join(folder, `${name}.sock`));
    const port = join(folder, name);
    return { socket, port, cable: await SerialCable.plugIn(join(folder, `${name}.sock`), port) };
  }

  test("a token answers; after harm of every kind it is understood again at once; when the cable is pulled it has gone", async () => {
    const { socket, port, cable } = await plugIn("harmed");
    const transport = await openSerialTransport(port);
    const channel = await transport.openChannel();
    expect(await channel.transmit(GET_VERSION)).toEqual(VERSION);
    cable.harm(7);
    for (let i = 0; i < 150; i++) {
      channel.cancel();
      if (i % 10 === 0) await sleep(2);
    }
    await sleep(50);
    cable.harm(null);
    cable.garbage(Buffer.from("Espruino 2v29 booted\r\n>\u00c5\u00ea\u0075", "latin1"));
    await sleep(20);
    const next = await transport.openChannel();
    expect(await next.transmit(GET_VERSION)).toEqual(VERSION);
    await cable.unplug();
    await transport.gone;
    await expect(next.transmit(GET_VERSION)).rejects.toMatchObject({ failure: "gone" });
    await socket.close();
  });

  test("is one process's alone: another is told that it is busy, and may have it afterwards", async () => {
    const { socket, port, cable } = await plugIn("locked");
    const held = await openSerialPort(port);
    const script = `const { SerialPort } = require("serialport");
      new SerialPort({ path: ${JSON.stringify(port)}, baudRate: 115200 }, (error) => { console.log(error ? error.message : "open"); process.exit(); });`;
    const other = () => spawnSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8" }).stdout;
    expect(other()).toMatch(/lock/i);
    await expect(openSerialTransport(port)).rejects.toMatchObject({ name: "PortBusyError" });
    await closeSerialPort(held);
    expect(other()).toBe("open\n");
    await cable.unplug();
    await socket.close();
  });
});
