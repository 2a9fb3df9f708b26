// What a board does when the power comes, by the script that it gets: the way in is shut before anything can fail, and stays shut whatever fails.

import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { JOLT_JS } from "../../hardware/boards/jolt-js/board.ts";
import { FrameWriter } from "../../protocol/serial-frame.ts";
import { ModelledFlash } from "../../simulator/modelled-flash.ts";
import {
  BOARD_GEOMETRY,
  type BoardFiles,
  type BoardOptions,
  BoardRealm,
  blankFlash,
  joltJsFiles,
  latin1,
  textCrc32,
  withScript,
} from "./board-realm.ts";

const { address, pageBytes, pages } = JOLT_JS.flash;
const END = address + pages * pageBytes;
const BROADCAST_INIT = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x86, 0, 8, ...new Uint8Array(57)]);
const DARK = { busy: false, waiting: false, error: false };

let files: BoardFiles;
const boot = (options: BoardOptions = {}): BoardRealm => new BoardRealm(files, options);
const lights = (board: BoardRealm): typeof DARK => ({
  busy: board.isLit("busy"),
  waiting: board.isLit("waiting"),
  error: board.isLit("error"),
});

/** Frames of a client that wants a channel; how many come back. */
function answersTo(board: BoardRealm): number {
  const before = board.written.length;
  board.receive(latin1(new FrameWriter(textCrc32).frame(BROADCAST_INIT)));
  return board.written.length - before;
}

beforeAll(async () => {
  files = await joltJsFiles();
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the power comes", () => {
  test("the console leaves USB and the radio is off before anything but the button is touched; then the token answers", () => {
    const board = boot();
    expect(board.calls.slice(0, 5)).toEqual(["Storage.read", "pinMode", "digitalRead", "E.setConsole", "NRF.sleep"]);
    expect(board).toMatchObject({ crash: null, console: "nowhere", isRadioOn: false, watchdog: { timeoutS: 30, isAutomatic: true } });
    expect(board.calls.at(-1)).toBe("USB.on");
    expect(answersTo(board)).toBe(1);
  });

  test("the error light is lit from then on until all is well, then none is, and no timer runs", () => {
    let litMeanwhile = 0;
    const board: { now?: BoardRealm } = {};
    const noise = (): number => {
      litMeanwhile++;
      return Math.floor(Math.random() * 2 ** 32);
    };
    board.now = boot({ noise });
    expect(litMeanwhile).toBeGreaterThan(1000);
    const { calls } = board.now;
    expect(calls.indexOf("setInterval")).toBeLessThan(calls.indexOf("Storage.read", 1));
    expect(calls.lastIndexOf("clearInterval")).toBeGreaterThan(calls.lastIndexOf("E.hwRand"));
    expect([lights(board.now), board.now.timers.count, vi.getTimerCount()]).toEqual([DARK, 0, 0]);
  });

  test("that is the script's first line, before the interpreter has read the rest; a script cut short leaves the console where it is", () => {
    const [line = "", rest = ""] = files.text.split("\n");
    expect(rest.startsWith("(()=>{")).toBe(true);
    const first = new BoardRealm(withScript(`${line}\n//sceau`, files.kernel));
    expect([first.console, first.isRadioOn]).toEqual(["nowhere", false]);
    const half = new BoardRealm(withScript(`${line}\n`, files.kernel));
    expect([half.console, half.isRadioOn, half.isServing]).toEqual(["USB", true, false]);
  });

  test("a board without a radio has none to switch off", () => {
    expect(boot({ hasRadio: false })).toMatchObject({ crash: null, console: "nowhere", isServing: true });
  });

  test("with the button held down nothing at all is touched, and the console stays: the way back", () => {
    const flash = blankFlash();
    const board = boot({ isButtonHeld: true, flash });
    expect(board.calls).toEqual(["Storage.read", "pinMode", "digitalRead"]);
    expect(board).toMatchObject({ crash: null, console: "USB", isRadioOn: true, watchdog: null, isServing: false });
    expect([lights(board), board.timers.count, flash.image.bytes.every((byte) => byte === 0xff)]).toEqual([DARK, 0, true]);
    expect(answersTo(board)).toBe(0);
    board.press(false);
    vi.advanceTimersByTime(60_000);
    expect(board).toMatchObject({ console: "USB", isServing: false });
  });
});

describe("shut, with the error light on and no token, where", () => {
  const flipped = (): string => `${files.kernel.slice(0, 5000)}\u0001${files.kernel.slice(5001)}`;
  const garbage = (): ModelledFlash => {
    const flash = blankFlash();
    const one = new Uint8Array(BOARD_GEOMETRY.pageBytes).map((_, i) => (i * 167 + 3) & 0xff);
    for (let page = 0; page < BOARD_GEOMETRY.pageCount; page++) flash.program(page * BOARD_GEOMETRY.pageBytes, one);
    return flash;
  };
  /** A read that fails: an exception that no part of the firmware knows of. */
  class BrokenFlash extends ModelledFlash {
    override read(): never {
      throw new Error("flash gone");
    }
  }
  const FAILURES: readonly (readonly [what: string, options: () => BoardOptions])[] = [
    ["the kernel's file is missing", () => ({ files: { "sceau.kernel": undefined } })],
    ["it is a kernel of another version", () => ({ kernel: { version: 1 } })],
    ["one byte of the kernel is another", () => ({ files: { "sceau.kernel": flipped() } })],
    ["the memory is so scattered that the kernel has none", () => ({ kernel: { isScattered: () => true } })],
    ["there is no serial number", () => ({ files: { "sceau.serial": undefined } })],
    [
      "the interpreter reaches into the token's pages",
      () => ({ free: [{ addr: address + pageBytes, length: END - address - pageBytes }] }),
    ],
    ["the interpreter's files reach into them", () => ({ free: [{ addr: address - pageBytes, length: END - address }] })],
    ["no flash is free", () => ({ free: [] })],
    ["the noise is stuck", () => ({ noise: () => 0x5eed })],
    ["the noise says two things in turn", () => ({ noise: alternating() })],
    ["hwRand fails", () => ({ noise: throwing })],
    ["the flash cannot be read", () => ({ flash: new BrokenFlash(BOARD_GEOMETRY, blankFlash().image, () => {}) })],
    ["the flash holds what is no journal and cannot be erased", () => ({ flash: withoutErasing(garbage()) })],
  ];
  const alternating = (): (() => number) => {
    let turn = 0;
    return () => turn++ % 2;
  };
  const throwing = (): never => {
    throw new Error("no generator");
  };
  const withoutErasing = (flash: ModelledFlash): ModelledFlash =>
    Object.assign(flash, {
      erase: () => {
        throw new Error("worn out");
      },
    });

  test.each(FAILURES)("%s", (_what, options) => {
    const board = boot(options());
    for (const afterMs of [0, 600, 60_000]) {
      let isErrorSeen = false;
      for (let ms = 0; ms < 1000; ms += 100) {
        vi.advanceTimersByTime(100);
        isErrorSeen ||= board.isLit("error");
      }
      expect(isErrorSeen).toBe(true);
      expect(board).toMatchObject({ console: "nowhere", isRadioOn: false, isServing: false });
      expect([board.isLit("busy"), board.isLit("waiting"), answersTo(board)]).toEqual([false, false, 0]);
      vi.advanceTimersByTime(afterMs);
    }
    expect(board.crash).not.toBeNull();
    board.unplug();
  });

  test("after all these the board is well again at the next power-on, if its flash is", () => {
    const flash = blankFlash();
    for (const [, options] of FAILURES) boot({ flash, ...options() }).unplug();
    expect(boot({ flash })).toMatchObject({ crash: null, isServing: true });
  });
});

test("a realm that leaves its console open is seen to", () => {
  expect(new BoardRealm(withScript("throw new Error('at once')", files.kernel))).toMatchObject({ console: "USB", isRadioOn: true });
});
