// What a test file has to end when it is over, as it began it: whatever fails meanwhile, what was begun is ended, in the opposite order, and nothing that
// was not.

type End = () => unknown;

export class Endings {
  readonly #ends: End[] = [];

  add(end: End): void {
    this.#ends.unshift(end);
  }

  /** Each though another fails; @throws the first failure */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0)) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Begins several at once, and waits for all though one fails: those that began are `begun`, to be ended. @throws the first failure */
export async function beginAll<T>(begin: readonly (() => Promise<T>)[], begun: (thing: T) => void): Promise<void> {
  const outcomes = await Promise.allSettled(begin.map((each) => each()));
  for (const outcome of outcomes) if (outcome.status === "fulfilled") begun(outcome.value);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
