// Pins, and who watches them, as Espruino has it (src/jsinteractive.c, jswrap_io.c): a change is told once a level has held for `debounce` ms.
// Clearing a watch does not stop a change that is waiting to be told; and the next watch may have the same number.

import type { BoardTimers } from "./board-timers.ts";

type Told = (change: { readonly state: boolean; readonly pin: string }) => void;

interface Watch {
  readonly id: number;
  readonly pin: string;
  readonly told: Told;
  readonly repeat: boolean;
  readonly edge: string;
  readonly debounceMs: number;
  /** The level that was told last. */
  state: boolean;
  /** A level that has not held long enough yet, and the timer for it. */
  waiting: { level: boolean; timer: number } | null;
}

interface WatchOptions {
  readonly repeat?: boolean;
  readonly edge?: string;
  readonly debounce?: number;
}

export class BoardPins {
  /** A light that is burnt, a button that is held by something else: such pins do not follow what is written. */
  readonly stuck = new Set<string>();
  private readonly timers: BoardTimers;
  private readonly levels = new Map<string, boolean>();
  private readonly modes = new Map<string, string>();
  private watches: Watch[] = [];

  constructor(timers: BoardTimers) {
    this.timers = timers;
  }

  readonly pinMode = (pin: string, mode: string): void => void this.modes.set(pin, mode);

  readonly digitalRead = (pin: string): number => (this.level(pin) ? 1 : 0);

  readonly digitalWrite = (pin: string, isOn: boolean | number): void => {
    if (!this.stuck.has(pin)) this.levels.set(pin, !!isOn);
  };

  readonly setWatch = (told: Told, pin: string, options: WatchOptions): number => {
    const { repeat = false, edge = "both", debounce = 0 } = options;
    const id = (this.watches.at(-1)?.id ?? 0) + 1;
    this.watches.push({ id, pin, told, repeat, edge, debounceMs: debounce, state: this.level(pin), waiting: null });
    return id;
  };

  readonly clearWatch = (id: number): void => {
    if (id === undefined) throw new Error("clearWatch(undefined) not allowed. Use clearWatch() instead");
    if (!this.watches.some((watch) => watch.id === id)) throw new Error(`Unknown Watch ${id}`);
    this.watches = this.watches.filter((watch) => watch.id !== id);
  };

  get watchCount(): number {
    return this.watches.length;
  }

  isLit(pin: string): boolean {
    return this.level(pin);
  }

  /** What is outside of the board draws the pin to a level. */
  drive(pin: string, level: boolean): void {
    this.levels.set(pin, level);
    for (const watch of [...this.watches]) if (watch.pin === pin) this.change(watch, level);
  }

  private level(pin: string): boolean {
    return this.levels.get(pin) ?? this.modes.get(pin) === "input_pullup";
  }

  private change(watch: Watch, level: boolean): void {
    if (watch.waiting !== null) this.timers.clear(watch.waiting.timer);
    else if (level === watch.state) return;
    const timer = this.timers.setTimeout(() => this.settle(watch), watch.debounceMs);
    watch.waiting = { level, timer };
  }

  private settle(watch: Watch): void {
    const { state } = watch;
    const level = watch.waiting?.level ?? state;
    watch.state = level;
    watch.waiting = null;
    if (level === state || (watch.edge !== "both" && watch.edge !== (level ? "rising" : "falling"))) return;
    watch.told({ state: level, pin: watch.pin });
    if (!watch.repeat) this.watches = this.watches.filter((other) => other !== watch);
  }
}
