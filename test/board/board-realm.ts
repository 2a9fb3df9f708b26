// A board without a board and without an interpreter: the script that a board gets, in a realm of Node's that has what Espruino has and nothing else,
// over modelled flash, pins, timers and the kernel's arithmetic.

import { randomBytes } from "node:crypto";
import { type Context, runInContext, Script } from "node:vm";
import { crc32 } from "node:zlib";
import { JOLT_JS } from "../../hardware/boards/jolt-js/board.ts";
import { buildBoard, KERNEL_FILE, SCRIPT_FILE } from "../../hardware/build-board.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { PacketLink } from "../../host-bridge/transport/packet-link.ts";
import { FRAME_BYTES, FrameReader, FrameWriter, type TextCrc32 } from "../../protocol/serial-frame.ts";
import { blankImage, type FlashGeometry, ModelledFlash } from "../../simulator/modelled-flash.ts";
import { PowerCut } from "../power-cuts/cut-flash.ts";
import { BoardPins } from "./board-pins.ts";
import { BoardTimers } from "./board-timers.ts";
import { createEspruinoRealm } from "./espruino-language.ts";
import { KernelModel, type KernelModelOptions } from "./kernel-model.ts";

const { flash: AREA, button: BUTTON, leds: LEDS } = JOLT_JS;
export const BOARD_GEOMETRY: FlashGeometry = { pageCount: AREA.pages, pageBytes: AREA.pageBytes, wordBytes: 4, writesPerWord: 2 };
const AREA_BYTES = AREA.pages * AREA.pageBytes;
/** A USB packet. */
const USB_BYTES = 64;

export interface FreeArea {
  readonly addr: number;
  readonly length: number;
}

/** A Jolt.js that is as it should be, but for what is given. */
export interface BoardOptions {
  readonly flash?: ModelledFlash;
  /** process.env.BOARD */
  readonly interpreter?: string;
  readonly free?: readonly FreeArea[];
  readonly noise?: () => number;
  readonly kernel?: Partial<KernelModelOptions>;
  /** Files that are not there, or others; undefined: missing. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly hasRadio?: boolean;
  readonly isButtonHeld?: boolean;
}

export const SERIAL_DIGITS = "40718225";

export interface BoardFiles {
  readonly text: string;
  /** The text, compiled once. */
  readonly script: Script;
  /** Latin-1. */
  readonly kernel: string;
}

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
export const textCrc32: TextCrc32 = (text) => crc32(typeof text === "string" ? Buffer.from(text, "latin1") : text);
export const blankFlash = (): ModelledFlash => new ModelledFlash(BOARD_GEOMETRY, blankImage(BOARD_GEOMETRY), () => {});

export const withScript = (text: string, kernel: string): BoardFiles => ({
  text,
  script: new Script(text, { filename: "boot.js" }),
  kernel,
});

/** The very script and kernel of a Jolt.js. */
export async function joltJsFiles(): Promise<BoardFiles> {
  const { contents } = await buildBoard("jolt-js");
  return withScript(latin1(contents[SCRIPT_FILE] ?? new Uint8Array()), latin1(contents[KERNEL_FILE] ?? new Uint8Array()));
}

/** The interpreter's `Flash` over the token's pages, which begin at their address. */
function flashModule(flash: ModelledFlash, free: readonly FreeArea[], toBoard: (bytes: Uint8Array) => Uint8Array): object {
  return {
    getFree: () => free,
    read: (lengthBytes: number, address: number) =>
      lengthBytes > 0 ? toBoard(flash.read(address - AREA.address, lengthBytes)) : undefined,
    write: (data: Uint8Array, address: number) => flash.program(address - AREA.address, new Uint8Array(data)),
    erasePage: (address: number) => flash.erase(Math.floor((address - AREA.address) / AREA.pageBytes)),
  };
}

export class BoardRealm {
  readonly kernel: KernelModel;
  readonly flash: ModelledFlash;
  readonly timers = new BoardTimers();
  readonly pins = new BoardPins(this.timers);
  /** What the script called at power-on, in order. */
  readonly calls: string[] = [];
  /** Where the prompt is: whoever has it can read the flash. */
  console: "USB" | "nowhere" = "USB";
  isRadioOn: boolean;
  watchdog: { readonly timeoutS: number; readonly isAutomatic: boolean } | null = null;
  /** What the script ended with; null: it has run through. */
  readonly crash: unknown = null;
  /** Frames that the board has written. */
  readonly written: string[] = [];
  private isStarting = true;
  private isPowered = true;
  private take: ((data: string) => void) | null = null;
  private toHost: (frame: string) => void = () => {};
  private link: PacketLink | null = null;
  private pullPlug: () => void = () => {};

  /** Power-on. */
  constructor(files: BoardFiles, options: BoardOptions = {}) {
    const kernelFile = options.files !== undefined && "sceau.kernel" in options.files ? options.files["sceau.kernel"] : files.kernel;
    this.flash = options.flash ?? blankFlash();
    this.kernel = new KernelModel({ code: kernelFile ?? "", ...options.kernel });
    this.isRadioOn = options.hasRadio ?? true;
    if (options.isButtonHeld) this.pins.drive(BUTTON.pin, BUTTON.pressed);
    const realm = createEspruinoRealm();
    Object.assign(
      realm,
      this.globals(realm, { ".bootcde": files.text, "sceau.serial": SERIAL_DIGITS, "sceau.kernel": kernelFile, ...options.files }, options),
    );
    try {
      files.script.runInContext(realm);
    } catch (error) {
      this.crash = error;
    }
    this.isStarting = false;
  }

  /** The light of a state shines, or is in the dark half of its blinking. */
  isLit(use: keyof typeof LEDS): boolean {
    return this.pins.isLit(LEDS[use]);
  }

  get isServing(): boolean {
    return this.take !== null;
  }

  press(isDown = true): void {
    this.pins.drive(BUTTON.pin, isDown === BUTTON.pressed);
  }

  /** What the host writes; the interpreter gets it as USB packets. */
  receive(text: string): void {
    for (let at = 0; at < text.length && this.isPowered; at += USB_BYTES) this.give(text.slice(at, at + USB_BYTES));
  }

  /** A client of the host's, over frames, with a channel of its own. */
  async client(): Promise<TokenClient> {
    this.link ??= this.plugIn();
    return new TokenClient(await this.link.openChannel());
  }

  /** The power goes. */
  unplug(): void {
    this.isPowered = false;
    this.timers.stopAll();
    this.pullPlug();
  }

  private plugIn(): PacketLink {
    const reader = new FrameReader(textCrc32);
    const writer = new FrameWriter(textCrc32);
    const gone = new Promise<void>((resolve) => {
      this.pullPlug = resolve;
    });
    return new PacketLink({
      gone,
      send: (packet) => this.receive(latin1(writer.frame(packet))),
      onPacket: (take) => {
        this.toHost = (frame) => {
          for (const packet of reader.take(frame)) take(new Uint8Array(Buffer.from(packet, "latin1")));
        };
      },
    });
  }

  private give(data: string): void {
    this.take?.(data);
  }

  private write(data: Uint8Array): void {
    if (!this.isPowered) return;
    if (data.length !== FRAME_BYTES) throw new Error(`${data.length} bytes are no frame`);
    const frame = latin1(new Uint8Array(data));
    this.written.push(frame);
    this.toHost(frame);
  }

  /** A cut of the power ends all that the board does, whatever its script would make of an exception. */
  private unlessCut<T extends object>(flash: T): T {
    const guarded = Object.entries(flash).map(([name, act]) => [
      name,
      (...args: unknown[]) => {
        if (!this.isPowered) throw new PowerCut();
        try {
          return act(...args);
        } catch (error) {
          if (error instanceof PowerCut) this.unplug();
          throw error;
        }
      },
    ]);
    return Object.fromEntries(guarded) as T;
  }

  private globals(realm: Context, files: Readonly<Record<string, string | undefined>>, options: BoardOptions): object {
    const Bytes = runInContext("Uint8Array", realm) as Uint8ArrayConstructor;
    const { pins, timers, kernel } = this;
    const { noise = () => randomBytes(4).readInt32LE(), free = [{ addr: AREA.address - 0x10000, length: AREA_BYTES + 0x10000 }] } = options;
    const modules: Record<string, object> = {
      Flash: this.unlessCut(flashModule(this.flash, free, (bytes) => new Bytes(bytes))),
      Storage: { read: (name: string) => files[name] },
    };
    const E = {
      hwRand: noise,
      CRC32: textCrc32,
      nativeCall: kernel.nativeCall,
      getAddressOf: kernel.getAddressOf,
      toString: (bytes: Uint8Array) => latin1(new Uint8Array(bytes)),
      toArrayBuffer: (text: string) => new Bytes(Buffer.from(text, "latin1")).buffer,
      setConsole: (device: unknown, { force }: { force: boolean }) => {
        if (device === null && force) this.console = "nowhere";
      },
      enableWatchdog: (timeoutS: number, isAutomatic: boolean) => {
        this.watchdog = { timeoutS, isAutomatic };
      },
      kickWatchdog: () => {},
    };
    const USB = {
      on: (event: string, take: (data: string) => void) => {
        if (event === "data") this.take = take;
      },
      write: (data: Uint8Array) => this.write(data),
    };
    const sleep = (): void => {
      this.isRadioOn = false;
    };
    const { pinMode, digitalRead, digitalWrite, setWatch, clearWatch } = pins;
    const { setTimeout, setInterval, clear } = timers;
    const functions = { pinMode, digitalRead, digitalWrite, setWatch, clearWatch, setTimeout, setInterval, clearTimeout: clear };
    return {
      ...this.noted("", { ...functions, clearInterval: clear, getTime: () => performance.now() / 1000 }),
      E: this.noted("E.", E),
      USB: this.noted("USB.", USB),
      ...(options.hasRadio === false ? {} : { NRF: this.noted("NRF.", { sleep }) }),
      global: { require: (name: string) => this.noted(`${name}.`, modules[name] ?? {}) },
      process: { env: { BOARD: options.interpreter ?? JOLT_JS.interpreter } },
    };
  }

  /** The same functions, told in `calls` as long as the script has not run through. */
  private noted(prefix: string, functions: object): object {
    const noting = ([name, act]: [string, (...args: unknown[]) => unknown]): [string, unknown] => [
      name,
      (...args: unknown[]) => {
        if (this.isStarting) this.calls.push(prefix + name);
        return act(...args);
      },
    ];
    return Object.fromEntries(Object.entries(functions).map(noting));
  }
}
