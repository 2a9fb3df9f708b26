// The button of a simulated token: presses itself after a while, is never pressed, or is pressed by a test.

import type { Button } from "../firmware/hal.ts";

/** `automatic`: pressed after `afterMs`; `never`: the wait runs out. */
export type ButtonScript = { readonly kind: "automatic"; readonly afterMs: number } | { readonly kind: "never" };

export const PRESSED_AT_ONCE: ButtonScript = { kind: "automatic", afterMs: 0 };

export class ScriptedButton implements Button {
  /** How often the token has asked. */
  waits = 0;
  script: ButtonScript;
  private press: (() => void) | null = null;

  constructor(script: ButtonScript) {
    this.script = script;
  }

  wait(timeoutMs: number, done: (pressed: boolean) => void): () => void {
    this.waits += 1;
    const timers: NodeJS.Timeout[] = [];
    const stop = (): void => {
      for (const timer of timers) clearTimeout(timer);
      this.press = null;
    };
    const finish = (pressed: boolean): void => {
      stop();
      done(pressed);
    };
    timers.push(setTimeout(() => finish(false), timeoutMs));
    if (this.script.kind === "automatic") timers.push(setTimeout(() => finish(true), this.script.afterMs));
    this.press = () => finish(true);
    return stop;
  }

  /** A press by hand. The answer says whether the token was waiting for it. */
  pressNow(): boolean {
    const press = this.press;
    press?.();
    return press !== null;
  }
}
