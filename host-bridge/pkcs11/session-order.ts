// Calls of one session run one after the other, in the order in which they came; those of different sessions don't wait for each other.

/** A call, from its arguments to its written answer. It never fails: a failure is an answer, too. */
export type Work = () => Promise<void> | undefined;

export class SessionOrder {
  private readonly last = new Map<number, Promise<void>>();

  /**
   * Runs `work` at once when no call of the session is under way.
   * @param inTurn runs it behind those that are
   */
  run(session: number, work: Work, inTurn: (work: Work) => Promise<void>): void {
    const before = this.last.get(session);
    const running = before === undefined ? work() : before.then(() => inTurn(work));
    if (running === undefined) return;
    this.last.set(session, running);
    void running.then(() => {
      if (this.last.get(session) === running) this.last.delete(session);
    });
  }
}
