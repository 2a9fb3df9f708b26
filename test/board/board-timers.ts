// Timers as Espruino has them: an id is one more than that of the last one that is left, so that one that was cleared long ago may be somebody else's now.

interface Timer {
  readonly id: number;
  readonly stop: () => void;
}

export class BoardTimers {
  private timers: Timer[] = [];
  // Those of Node, or a test's: taken before anybody puts these in their place.
  private readonly host = { setTimeout, setInterval, clearTimeout, clearInterval };

  readonly setTimeout = (then: () => void, afterMs: number): number =>
    this.add((timer) => {
      // It is among the others while it runs.
      const handle = this.host.setTimeout(() => {
        try {
          then();
        } finally {
          this.timers = this.timers.filter((other) => other !== timer());
        }
      }, afterMs);
      return () => this.host.clearTimeout(handle);
    });

  readonly setInterval = (tick: () => void, periodMs: number): number =>
    this.add(() => {
      const handle = this.host.setInterval(tick, periodMs);
      return () => this.host.clearInterval(handle);
    });

  /** Of either kind; one that is not there is passed over. */
  readonly clear = (id: number): void => {
    if (id === undefined) throw new Error("clearTimeout(undefined) not allowed. Use clearTimeout() instead");
    for (const timer of this.timers) if (timer.id === id) timer.stop();
    this.timers = this.timers.filter((timer) => timer.id !== id);
  };

  /** The power goes. */
  stopAll(): void {
    for (const timer of this.timers) timer.stop();
    this.timers = [];
  }

  get count(): number {
    return this.timers.length;
  }

  private add(start: (timer: () => Timer) => () => void): number {
    const id = (this.timers.at(-1)?.id ?? 0) + 1;
    const timer: Timer = { id, stop: start(() => timer) };
    this.timers.push(timer);
    return id;
  }
}
