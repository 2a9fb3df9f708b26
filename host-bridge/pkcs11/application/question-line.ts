// An application's questions to a person: one at a time, and whoever declines one has declined those that stand behind it. So no program keeps a
// person busy with one window after the other, neither by asking a thousand times at once nor by asking again and again.

import { CKR_FUNCTION_CANCELED } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";

/** So many refusals in a row, and nobody is asked for a while. Once may be a slip, and twice. */
const REFUSALS = 3;
const QUIET_MS = 60_000;
/** A refusal so long after the last one is the first of another row; longer than the quiet, after which one refusal is enough. */
const ROW_MS = 2 * QUIET_MS;

export class QuestionLine {
  private readonly nowMs: () => number;
  private last: Promise<unknown> = Promise.resolve();
  private refusals = 0;
  private inRow = 0;
  private lastRefusalMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs a clock that is never set back */
  constructor(nowMs = () => performance.now()) {
    this.nowMs = nowMs;
  }

  /**
   * Runs `work`, from the question to what the answer was for, after those before it.
   * @throws CkError CKR_FUNCTION_CANCELED when the person has declined meanwhile, or too often a moment ago, or `signal` has given it up
   */
  inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { refusals } = this;
    const turn = this.last.then(() => {
      if (signal.aborted || refusals !== this.refusals || this.isQuiet()) throw new CkError(CKR_FUNCTION_CANCELED);
      return work();
    });
    this.last = turn.catch(() => undefined); // the next in line does not care how this one ended
    return turn;
  }

  /** The person does not want to be asked: nobody in line is. */
  decline(): void {
    const now = this.nowMs();
    this.inRow = now - this.lastRefusalMs < ROW_MS ? this.inRow + 1 : 1;
    this.lastRefusalMs = now;
    this.refusals += 1;
  }

  /** The person has answered: they want what this application does. */
  answer(): void {
    this.inRow = 0;
  }

  private isQuiet(): boolean {
    return this.inRow >= REFUSALS && this.nowMs() - this.lastRefusalMs < QUIET_MS;
  }
}
