// The lights of a board: nothing while it waits for commands, one steady while it works, one that blinks while it waits for the button, another one for errors.

import type { Led, LedState } from "../hal.ts";
import type { Board } from "./board.ts";

const WAITING_BLINK_MS = 125;
const ERROR_BLINK_MS = 500;

export class StatusLed implements Led {
  private readonly leds: Board["leds"];
  private shown: LedState;
  private blinking: number | null;
  private hasFailed: boolean;

  constructor(board: Board) {
    this.leds = board.leds;
    this.shown = "idle";
    this.blinking = null;
    this.hasFailed = false;
  }

  show(state: LedState): void {
    // Twice in each command: as few steps as can be.
    if (this.blinking === null && (state === "busy" || state === "idle")) {
      this.shown = state;
      digitalWrite(this.leds.busy, state === "busy");
      return;
    }
    // Signing goes on after a failure of the noise, and nobody is to press without having been asked.
    const next = this.hasFailed && state !== "waiting" ? "error" : state;
    if (next === this.shown) return;
    this.shown = next;
    this.endBlinking();
    digitalWrite(this.leds.busy, next === "busy");
    if (next === "waiting") this.blink(this.leds.waiting, WAITING_BLINK_MS);
    if (next === "error") this.blink(this.leds.error, ERROR_BLINK_MS);
  }

  /** An error that lasts until the power is cut; only «waiting» is shown over it. */
  fail(): void {
    this.show("error");
    this.hasFailed = true;
  }

  private blink(pin: Pin, periodMs: number): void {
    let isOn = true;
    digitalWrite(pin, true);
    this.blinking = setInterval(() => {
      isOn = !isOn;
      digitalWrite(pin, isOn);
    }, periodMs);
  }

  private endBlinking(): void {
    if (this.blinking !== null) clearInterval(this.blinking);
    this.blinking = null;
    digitalWrite(this.leds.waiting, false);
    digitalWrite(this.leds.error, false);
  }
}
