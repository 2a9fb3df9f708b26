// An interpreter that plays a board: a process of its own in the token's folder, its flash a file there, packets to it through a FIFO and from
// it on its standard output. To end it is to pull the plug.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, openSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { FrameWriter } from "../../protocol/serial-frame.ts";
import { KERNEL_FILE, SERIAL_FILE } from "../../protocol/storage-names.ts";
import type { BoardFiles } from "./board-files.ts";
import { EngineError } from "./engine-error.ts";
import { EngineOutput, textCrc32 } from "./engine-output.ts";
import { ENGINE_FLASH_FILE, makeFlash, TOKEN_OFFSET_BYTES } from "./flash-as-file.ts";
import { type FreeFlash, type PowerCut, preludeFor } from "./prelude.ts";
import { killGroup } from "./probe.ts";

export const ENGINE_SCRIPT_FILE = "engine.js";
const FRAMES_FIFO = "engine-frames";
const ORDERS_FIFO = "engine-orders";

const NOISE_BYTES = 16_384;
/** What a command takes at the most, several times over; and near enough to the start for a test to see it filled up. */
const LOW_NOISE_WORDS = 3000;
/** Of an order: the interpreter takes 32 bytes at a time. */
const REFILL_BYTES = 768;
const REFILLS = 12;
const START_LIMIT_MS = 30_000;
const ORDER_LIMIT_MS = 20_000;
const KEPT_LINES = 1000;

export interface EngineOptions {
  /** A path, to a wrapper script maybe; it has passed `probeInterpreter`. */
  readonly interpreter: string;
  /** Where it runs and keeps its flash; the caller has made and locked it. */
  readonly folder: string;
  readonly files: BoardFiles;
  readonly serial: number;
  readonly flash: FreeFlash;
  /** The button is down when the power comes. */
  readonly isButtonHeld?: boolean;
  /** What noise it has at power-on; 16 KB when absent. */
  readonly noiseBytes?: number;
}

/** A FIFO in a folder; both ends stay open, so that neither side ever finds the other gone. */
function openFifo(folder: string, name: string): Socket {
  const path = join(folder, name);
  rmSync(path, { force: true });
  execFileSync("mkfifo", ["-m", "600", path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return new Socket({ fd, readable: false, writable: true });
}

export class Engine {
  /** The lines that the prelude has told, without those that come by the clock. */
  readonly told: string[] = [];
  /** Lit or not, by pin; those that were never switched are missing. */
  readonly lights = new Map<string, boolean>();
  /** Told when the process has ended, whoever ended it: what it printed last. */
  readonly gone: Promise<string>;
  onPacket: (packet: Uint8Array) => void = () => {};
  /** A line of the prelude, such as «light D8 1». */
  onTold: (line: string) => void = () => {};

  private readonly child: ChildProcess;
  private readonly frames: Socket;
  private readonly orders: Socket;
  private readonly output: EngineOutput;
  private readonly folder: string;
  private readonly writer = new FrameWriter(textCrc32);
  private readonly watchers = new Set<(line: string | null) => void>();
  private isGone = false;

  private constructor(options: EngineOptions) {
    const { folder, files } = options;
    this.folder = folder;
    makeFlash(join(folder, ENGINE_FLASH_FILE), options.flash.lengthBytes);
    this.frames = openFifo(folder, FRAMES_FIFO);
    this.orders = openFifo(folder, ORDERS_FIFO);
    const prelude = preludeFor({
      flash: { ...options.flash, offsetBytes: TOKEN_OFFSET_BYTES },
      files: {
        [KERNEL_FILE]: Buffer.from(files.kernel).toString("base64"),
        [SERIAL_FILE]: Buffer.from(String(options.serial)).toString("base64"),
      },
      noise: randomBytes(options.noiseBytes ?? NOISE_BYTES).toString("base64"),
      lowNoiseWords: LOW_NOISE_WORDS,
      frames: FRAMES_FIFO,
      orders: ORDERS_FIFO,
      isButtonHeld: options.isButtonHeld ?? false,
    });
    const script = join(folder, ENGINE_SCRIPT_FILE);
    rmSync(script, { force: true });
    writeFileSync(script, Buffer.from(prelude + files.boot, "latin1"), { mode: 0o600 });
    this.output = new EngineOutput({ onPacket: (packet) => this.onPacket(packet), onTold: (line) => this.hear(line) });
    // Standard input stays open: at its end Espruino reads «?» for ever. A group of its own: Ctrl-C is for this process, and a wrapper goes with what it started.
    this.child = spawn(options.interpreter, [ENGINE_SCRIPT_FILE], { cwd: folder, stdio: ["pipe", "pipe", "ignore"], detached: true });
    this.child.stdin?.on("error", () => {}); // it has gone; `close` follows
    this.child.stdout?.setEncoding("latin1").on("data", (text: string) => this.output.take(text));
    this.gone = new Promise((resolve) => {
      this.child.once("error", () => resolve(this.end()));
      this.child.once("close", () => resolve(this.end()));
    });
  }

  /** Power on. @throws EngineError `ended` when it does not get through its script */
  static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    try {
      await engine.whenTold((line) => line.startsWith("up "), START_LIMIT_MS);
      return engine;
    } catch (error) {
      await engine.kill();
      throw error;
    } finally {
      rmSync(join(options.folder, ENGINE_SCRIPT_FILE), { force: true }); // what the noise was is nobody's affair
    }
  }

  /** What was printed, frames and the prelude's lines aside: the interpreter's console. */
  get printed(): string {
    return this.output.printed;
  }

  send(packet: Uint8Array): void {
    if (!this.isGone) this.frames.write(this.writer.frame(packet));
  }

  /** Types at the console. */
  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** The button goes down, or up. */
  async holdButton(isDown: boolean): Promise<void> {
    await this.order(`b${isDown ? 1 : 0}`);
  }

  /** The button's contact closes and opens at once. */
  async bounce(): Promise<void> {
    const done = this.whenTold((told) => told === "did b");
    this.orders.write("b1\nb0\n");
    await done;
  }

  /** The power will go during a flash operation; the answer is when the prelude knows. */
  async armCut(cut: PowerCut): Promise<void> {
    await this.order(`c${JSON.stringify(cut)}`);
  }

  /** How many flash operations, of the kind of the last `armCut`, there were since it, or since power-on. */
  async flashOperations(): Promise<number> {
    const counted = this.whenTold((line) => line.startsWith("operations "), ORDER_LIMIT_MS);
    this.orders.write("?\n");
    return Number((await counted).split(" ")[1]);
  }

  /** The next line of which `isIt` holds. @throws EngineError `ended` when the process is gone, or the time is over */
  whenTold(isIt: (line: string) => boolean, limitMs = ORDER_LIMIT_MS): Promise<string> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(limit);
        this.watchers.delete(watcher);
      };
      const fail = (): void => {
        finish();
        reject(new EngineError("ended", this.printed));
      };
      const watcher = (line: string | null): void => {
        if (line === null) fail();
        else if (isIt(line)) {
          finish();
          resolve(line);
        }
      };
      const limit = setTimeout(fail, limitMs);
      if (this.isGone) fail();
      else this.watchers.add(watcher);
    });
  }

  /** Pulls the plug. */
  async kill(): Promise<void> {
    if (!this.isGone) killGroup(this.child.pid);
    await this.gone;
  }

  private async order(line: string): Promise<void> {
    const done = this.whenTold((told) => told === `did ${line[0]}`);
    this.orders.write(`${line}\n`);
    await done;
  }

  private hear(line: string): void {
    if (line === "alive") return;
    this.told.push(line);
    if (this.told.length > KEPT_LINES) this.told.shift();
    const light = /^light (\S+) ([01])$/.exec(line);
    if (light?.[1] !== undefined) this.lights.set(light[1], light[2] === "1");
    if (line === "noise low" || line === "noise out") this.refillNoise();
    this.onTold(line);
    for (const watcher of [...this.watchers]) watcher(line);
  }

  private refillNoise(): void {
    for (let i = 0; i < REFILLS; i++) this.orders.write(`n${randomBytes(REFILL_BYTES).toString("base64")}\n`);
  }

  private end(): string {
    this.isGone = true;
    this.frames.destroy();
    this.orders.destroy();
    for (const name of [FRAMES_FIFO, ORDERS_FIFO]) rmSync(join(this.folder, name), { force: true });
    for (const watcher of [...this.watchers]) watcher(null);
    return this.printed;
  }
}
