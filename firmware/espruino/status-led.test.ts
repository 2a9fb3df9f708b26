// The lights of a board: which one shines in which state, how it blinks, and that nothing of a state outlives it.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { JOLT_JS } from "../../hardware/boards/jolt-js/board.ts";
import { BoardPins } from "../../test/board/board-pins.ts";
import { BoardTimers } from "../../test/board/board-timers.ts";
import type { LedState } from "../hal.ts";
import { StatusLed } from "./status-led.ts";

const USES = ["busy", "waiting", "error"] as const;
const STATES: readonly LedState[] = ["idle", ...USES];

let pins: BoardPins;
let timers: BoardTimers;
let led: StatusLed;
const lit = (): string => USES.filter((use) => pins.isLit(JOLT_JS.leds[use])).join(" ");
/** What is lit, every so many milliseconds. */
const sampled = (everyMs: number, times: number): string[] =>
  Array.from({ length: times }, () => {
    const now = lit();
    vi.advanceTimersByTime(everyMs);
    return now;
  });

beforeEach(() => {
  vi.useFakeTimers();
  timers = new BoardTimers();
  pins = new BoardPins(timers);
  vi.stubGlobal("digitalWrite", pins.digitalWrite);
  vi.stubGlobal("setInterval", timers.setInterval);
  vi.stubGlobal("clearInterval", timers.clear);
  led = new StatusLed(JOLT_JS);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the lights", () => {
  test("idle: dark, and no timer runs", () => {
    led.show("idle");
    expect([sampled(100, 20).join(""), timers.count]).toEqual(["", 0]);
  });

  test("busy: one, steady, and no timer runs", () => {
    led.show("busy");
    expect(sampled(100, 20).every((now) => now === "busy")).toBe(true);
    expect(timers.count).toBe(0);
  });

  test("waiting for the button: another one, four times a second, lit at once", () => {
    led.show("waiting");
    expect(sampled(125, 6)).toEqual(["waiting", "", "waiting", "", "waiting", ""]);
  });

  test("an error: a third one, once a second, lit at once", () => {
    led.show("error");
    expect(sampled(500, 6)).toEqual(["error", "", "error", "", "error", ""]);
  });

  const TURNS = STATES.flatMap((from) => STATES.flatMap((to) => [0, 130, 510].map((afterMs) => ({ from, to, afterMs }))));
  test.each(TURNS)("$from, after $afterMs ms $to: nothing of the former is left", ({ from, to, afterMs }) => {
    led.show(from);
    vi.advanceTimersByTime(afterMs);
    led.show(to);
    const now = to === "idle" ? "" : to;
    const isBlinking = to === "waiting" || to === "error";
    expect(timers.count).toBe(isBlinking ? 1 : 0);
    if (from !== to) expect(lit()).toBe(now);
    expect(new Set(sampled(50, 30))).toEqual(new Set(isBlinking ? [now, ""] : [now]));
  });

  test("a failure lasts, whatever is shown later; only a question is shown over it", () => {
    for (const from of STATES) {
      const failed = new StatusLed(JOLT_JS);
      failed.show(from);
      failed.fail();
      for (const state of ["busy", "waiting", "error", "waiting", "idle"] as const) {
        failed.show(state);
        expect([sampled(500, 4), timers.count], `${from}, failed, ${state}`).toEqual([
          state === "waiting" ? ["waiting", "waiting", "waiting", "waiting"] : ["error", "", "error", ""],
          1,
        ]);
      }
      timers.stopAll();
    }
  });

  test("shown again, a state goes on as it was", () => {
    led.show("waiting");
    vi.advanceTimersByTime(100);
    led.show("waiting");
    expect([lit(), timers.count]).toEqual(["waiting", 1]);
    vi.advanceTimersByTime(25);
    expect(lit()).toBe("");
  });
});
