// Who presses the button of a token on an interpreter: as a simulated token's button does (simulator/scripted-button.ts), but by its pin.

import { setTimeout as sleep } from "node:timers/promises";
import type { ButtonScript } from "../scripted-button.ts";
import type { Engine } from "./engine.ts";
import { EngineError } from "./engine-error.ts";

/** How long it is down, and up before it may be pressed again: longer than any debouncing. */
const PRESS_MS = 60;

export class EngineButton {
  /** How often the token has asked. */
  waits = 0;
  script: ButtonScript;
  private readonly engine: Engine;
  private isAsked = false;
  private presses: Promise<void> = Promise.resolve();

  constructor(engine: Engine, script: ButtonScript) {
    this.engine = engine;
    this.script = script;
  }

  /** A line of the prelude. */
  hear(line: string): void {
    if (line.startsWith("unwatch ")) this.isAsked = false;
    if (!line.startsWith("watch ")) return;
    this.isAsked = true;
    this.waits += 1;
    const { script, waits } = this;
    if (script.kind === "never") return;
    setTimeout(() => {
      if (this.isAsked && this.waits === waits) void this.press();
    }, script.afterMs);
  }

  /** A press by hand. The answer says whether the token was waiting for it. */
  pressNow(): boolean {
    const { isAsked } = this;
    void this.press();
    return isAsked;
  }

  /** Down and up, one after the other. */
  press(): Promise<void> {
    this.presses = this.presses.then(async () => {
      try {
        await this.engine.holdButton(true);
        await sleep(PRESS_MS);
        await this.engine.holdButton(false);
        await sleep(PRESS_MS); // let go for so long, too: else the next press is a bounce of this one
      } catch (error) {
        if (!(error instanceof EngineError)) throw error; // else it has ended meanwhile, which is told elsewhere
      }
    });
    return this.presses;
  }
}
