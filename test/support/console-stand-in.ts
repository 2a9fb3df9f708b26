// A stand-in for an Espruino board on a serial port: its console runs lines in a context of Node's, over a Storage that erases and writes as the
// interpreter's does; after `load()` it is a token. Faults on demand. The real interpreter judges the same code where ESPRUINO names one.

import { EventEmitter } from "node:events";
import { createContext, runInContext } from "node:vm";
import type { HardwareTest } from "../../firmware/hal.ts";
import { PacketPort } from "../../firmware/packet-port.ts";
import { createToken } from "../../firmware/token.ts";
import type { ConsolePort } from "../../host-bridge/flashing/board-console.ts";
import type { BoardPort } from "../../host-bridge/flashing/board-session.ts";
import { PacketLink } from "../../host-bridge/transport/packet-link.ts";
import { type Transport, TransportError } from "../../host-bridge/transport/transport.ts";
import { blankImage, ModelledFlash, NRF52_GEOMETRY } from "../../simulator/modelled-flash.ts";
import { createNodeHal } from "../../simulator/node-hal.ts";
import { PRESSED_AT_ONCE, ScriptedButton } from "../../simulator/scripted-button.ts";

export interface StandInFaults {
  board?: string;
  version?: string;
  /** The same number each time. */
  hasDeafNoise?: boolean;
  free?: readonly { addr: number; length: number }[];
  /** A token has the port: no console answers, and INIT does. */
  isToken?: boolean;
  /** Nothing answers at all. */
  isSilent?: boolean;
  /** The script does not start a token; this is printed. */
  bootError?: string;
  /** Unplugged before this line, counted from 1. */
  unplugAtLine?: number;
  /** A bit turns in this file once all of it is written. */
  turnsBitIn?: string;
  /** This file has a byte more than it was given. */
  growsFile?: string;
  /** Bytes that the whole storage has. */
  roomBytes?: number;
  selfTest?: HardwareTest;
}

const INTERRUPT = "\u0003";

export class ConsoleStandIn implements BoardPort {
  /** Its Storage: name to content. */
  readonly files = new Map<string, Buffer>();
  faults: StandInFaults;
  lines = 0;
  /** `load()` was called. */
  isStarted = false;
  private current: FakePort | null = null;

  constructor(faults: StandInFaults = {}) {
    this.faults = faults;
  }

  async openConsole(): Promise<ConsolePort> {
    const port = new FakePort((text) => this.type(text));
    this.current = port;
    return port;
  }

  async closeConsole(): Promise<void> {
    this.current = null;
  }

  async openToken(): Promise<Transport> {
    if (!(this.faults.isToken || (this.isStarted && this.faults.bootError === undefined))) {
      throw new TransportError("silent", "the token does not answer");
    }
    let hasGone = (): void => {};
    const gone = new Promise<void>((resolve) => {
      hasGone = resolve;
    });
    return { name: "stand-in", gone, close: hasGone, openChannel: () => this.tokenLink(gone).openChannel() };
  }

  /** Packets to a simulated token of this board's serial number. */
  private tokenLink(gone: Promise<void>): PacketLink {
    const device = { model: "Stand-in", serial: Number(this.files.get("sceau.serial")?.toString() ?? 1), simulated: true };
    const flash = new ModelledFlash(NRF52_GEOMETRY, blankImage(NRF52_GEOMETRY), () => {});
    const hal = createNodeHal({ device, flash, button: new ScriptedButton(PRESSED_AT_ONCE) });
    const { selfTest } = this.faults;
    const token = new PacketPort(createToken(selfTest === undefined ? hal : { ...hal, selfTest: () => selfTest }));
    let take = (_packet: Uint8Array): void => {};
    const answer = (packet: Uint8Array): void => take(new Uint8Array(packet));
    return new PacketLink({
      send: (packet) => token.receive(packet, answer),
      onPacket: (taking) => {
        take = taking;
      },
      gone,
    });
  }

  private type(text: string): void {
    if (this.faults.isToken || this.faults.isSilent) return;
    for (const line of text.replaceAll(INTERRUPT, "").split("\n")) if (line !== "") this.run(line.replace("\u0010", ""));
  }

  private run(line: string): void {
    this.lines++;
    if (this.lines === this.faults.unplugAtLine) {
      this.current?.leave();
      return;
    }
    let printed = "";
    const context = createContext({
      print: (value: unknown) => {
        printed += `${String(value)}\r\n`;
      },
      process: { env: { BOARD: this.faults.board ?? "STANDIN", VERSION: this.faults.version ?? "2v29" } },
      E: { hwRand: () => (this.faults.hasDeafNoise ? 4 : Math.floor(Math.random() * 2 ** 32)) },
      require: (name: string) =>
        name === "Storage" ? this.storage() : { getFree: () => this.faults.free ?? [{ addr: 0x1000, length: 0x20000 }] },
      atob: (text: string) => Buffer.from(text, "base64").toString("latin1"),
      btoa: (text: string) => Buffer.from(text, "latin1").toString("base64"),
      load: () => {
        this.isStarted = true;
        printed += `${this.faults.bootError ?? ""}\r\n`;
      },
    });
    runInContext(line, context);
    this.current?.emit("data", Buffer.from(`\r\n>${printed}>`, "latin1"));
  }

  private storage() {
    const room = (): number => (this.faults.roomBytes ?? 400_000) - [...this.files.values()].reduce((sum, { length }) => sum + length, 0);
    return {
      list: () => [...this.files.keys()],
      erase: (name: string) => void this.files.delete(name),
      read: (name: string, offset = 0, length?: number) => this.files.get(name)?.toString("latin1", offset, length && offset + length),
      write: (name: string, text: string, offset: number, size: number) => {
        if (offset === 0) {
          this.files.delete(name);
          if (size > room()) throw new Error("Unable to find or create file");
          this.files.set(name, Buffer.alloc(size + (name === this.faults.growsFile ? 1 : 0), 0xff));
        }
        const file = this.files.get(name);
        if (file === undefined || offset + text.length > file.length) throw new Error("Too much data for file size");
        file.write(text, offset, "latin1");
        if (name === this.faults.turnsBitIn && offset + text.length === file.length) file[offset >> 1] = (file[offset >> 1] ?? 0) ^ 8;
        return true;
      },
    };
  }
}

class FakePort extends EventEmitter implements ConsolePort {
  isOpen = true;
  private readonly type: (text: string) => void;

  constructor(type: (text: string) => void) {
    super();
    this.type = type;
  }

  write(text: string): boolean {
    setImmediate(() => this.type(text));
    return true;
  }

  leave(): void {
    this.isOpen = false;
    this.emit("close");
  }
}
