// Lets a page wait until something that it shows has changed.

export class ChangeSignal {
  #version = 0;
  readonly #waiting = new Set<() => void>();

  /** Another after every change. */
  get version(): number {
    return this.#version;
  }

  changed(): void {
    this.#version += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when the version is another than the one that was seen, after `limitMs`, or when `signal` aborts. */
  async wait(seen: number, limitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== seen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      signal.addEventListener("abort", done);
      this.#waiting.add(done);
    });
  }
}
