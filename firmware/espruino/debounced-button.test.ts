// The button of a board, over pins that behave as Espruino's.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BoardPins } from "../../test/board/board-pins.ts";
import { BoardTimers } from "../../test/board/board-timers.ts";
import type { Board } from "./board.ts";
import { boardButton, isButtonDown } from "./debounced-button.ts";

const PIN = "D0";
const TIMEOUT_MS = 15_000;

const withButton = (pressed: boolean): Board => ({
  model: "a board",
  interpreter: "NONE",
  noise: "chip",
  button: { pin: PIN, mode: pressed ? "input_pulldown" : "input_pullup", pressed },
  leds: { busy: "L1", waiting: "L2", error: "L3" },
  flash: { address: 0, pageBytes: 4096, pages: 16 },
});

let pins: BoardPins;
let timers: BoardTimers;

beforeEach(() => {
  vi.useFakeTimers();
  timers = new BoardTimers();
  pins = new BoardPins(timers);
  const { pinMode, digitalRead, setWatch, clearWatch } = pins;
  const globals = { pinMode, digitalRead, setWatch, clearWatch, setTimeout: timers.setTimeout, clearTimeout: timers.clear };
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe.each([
  ["high while pressed", true],
  ["low while pressed", false],
])("a button that is %s", (_how, pressed) => {
  const board = withButton(pressed);
  const hold = (isDown: boolean, ms: number): void => {
    pins.drive(PIN, isDown === pressed);
    vi.advanceTimersByTime(ms);
  };
  /** What a wait was answered so far. */
  function ask(timeoutMs = TIMEOUT_MS): { readonly answers: boolean[]; readonly giveUp: () => void } {
    const answers: boolean[] = [];
    return { answers, giveUp: boardButton(board).wait(timeoutMs, (isPressed) => answers.push(isPressed)) };
  }
  const inUse = (): readonly number[] => [pins.watchCount, timers.count];

  test("rests when nobody touches it, and is told to be down when somebody does", () => {
    expect(isButtonDown(board)).toBe(false);
    hold(true, 0);
    expect(isButtonDown(board)).toBe(true);
  });

  test("one press is one answer, once it has held for 25 ms, and nothing is left of the wait", () => {
    isButtonDown(board);
    const { answers } = ask();
    hold(true, 24);
    expect(answers).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(answers).toEqual([true]);
    expect(inUse()).toEqual([0, 0]);
    hold(false, 100);
    hold(true, TIMEOUT_MS);
    expect(answers).toEqual([true]);
  });

  test("held down since before the question it does not count, however long; let go and pressed, it does", () => {
    isButtonDown(board);
    hold(true, 100);
    const { answers } = ask();
    vi.advanceTimersByTime(TIMEOUT_MS - 500);
    hold(false, 100);
    expect(answers).toEqual([]);
    hold(true, 100);
    expect(answers).toEqual([true]);
  });

  test("a contact that bounces for less than 25 ms at a time is no press; when it holds at last it is", () => {
    isButtonDown(board);
    const { answers } = ask();
    for (let bounce = 0; bounce < 40; bounce++) {
      hold(true, 24);
      hold(false, 1);
    }
    vi.advanceTimersByTime(100);
    expect(answers).toEqual([]);
    for (let bounce = 0; bounce < 5; bounce++) {
      hold(false, 3);
      hold(true, 3);
    }
    vi.advanceTimersByTime(25);
    expect(answers).toEqual([true]);
  });

  test("nobody presses: false at the time, not before, and nothing is left of the wait", () => {
    isButtonDown(board);
    const { answers } = ask(500);
    vi.advanceTimersByTime(499);
    expect([answers, inUse()]).toEqual([[], [1, 1]]);
    vi.advanceTimersByTime(1);
    expect([answers, inUse()]).toEqual([[false], [0, 0]]);
  });

  test("given up it never answers, and nothing is left of the wait", () => {
    isButtonDown(board);
    const { answers, giveUp } = ask();
    giveUp();
    expect(inUse()).toEqual([0, 0]);
    hold(true, 2 * TIMEOUT_MS);
    expect(answers).toEqual([]);
  });

  test.each(["given up", "run out of time"])("a press that is to be told when the wait has %s already is nobody's", (how) => {
    isButtonDown(board);
    const { answers, giveUp } = ask(500);
    vi.advanceTimersByTime(490);
    hold(true, 5);
    if (how === "given up") giveUp();
    else vi.advanceTimersByTime(10);
    const before = [...answers];
    const next = ask(); // has the numbers of the one before
    vi.advanceTimersByTime(100);
    expect([answers, next.answers, inUse()]).toEqual([before, [], [1, 1]]);
    hold(false, 100);
    hold(true, 100);
    expect([answers, next.answers]).toEqual([before, [true]]);
  });
});
