// Whoever drops documents waits until those that came before have been read: one upload's bytes in memory at a time, beside what is kept.

import { DocumentError } from "./document-error.ts";

/** So many wait; the sender of another is told so. */
export const MAX_WAITING = 4;

export class UploadTurns {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** @throws DocumentError busy; what `work` throws */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#count > MAX_WAITING) throw new DocumentError("busy");
    this.#count += 1;
    const before = this.#last;
    const turn = before.then(work).finally(() => {
      this.#count -= 1;
    });
    this.#last = turn.catch(() => {}); // told to whoever waits for it
    return turn;
  }
}
