// An application's questions to a person: one at a time, and whoever declines one has declined those that stand behind it. So no program keeps a
// person busy with one window after the other by asking a thousand times at once.

import { CKR_FUNCTION_CANCELED } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";

export class QuestionLine {
  private last: Promise<unknown> = Promise.resolve();
  private refusals = 0;

  /**
   * Runs `work`, from the question to what the answer was for, after those before it.
   * @throws CkError CKR_FUNCTION_CANCELED when the person has declined meanwhile, or `signal` has given it up
   */
  inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { refusals } = this;
    const turn = this.last.then(() => {
      if (signal.aborted || refusals !== this.refusals) throw new CkError(CKR_FUNCTION_CANCELED);
      return work();
    });
    this.last = turn.catch(() => undefined); // the next in line does not care how this one ended
    return turn;
  }

  /** The person does not want to be asked: nobody in line is. */
  decline(): void {
    this.refusals += 1;
  }
}
