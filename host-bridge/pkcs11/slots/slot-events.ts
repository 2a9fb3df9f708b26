// What an application has not yet been told of tokens that came and went (PKCS#11 2.40 §5.5 C_WaitForSlotEvent).

import { CKR_CRYPTOKI_NOT_INITIALIZED, CKR_HOST_MEMORY } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";

/** Each is a thread of the application. They must not use up the calls that a connection may have under way: C_Finalize would not get in. */
const MAX_WAITING = 64;

interface Waiter {
  readonly resolve: (slotId: number) => void;
  readonly reject: (error: CkError) => void;
}

export class SlotEvents {
  /** Slots with an event that was not told: one each, however often the token came and went. */
  private readonly untold = new Set<number>();
  private waiters: Waiter[] = [];

  add(slotId: number): void {
    const waiter = this.waiters.shift();
    if (waiter === undefined) this.untold.add(slotId);
    else waiter.resolve(slotId);
  }

  /** The slot of an event; null: there was none. */
  take(): number | null {
    const [slotId] = this.untold;
    if (slotId === undefined) return null;
    this.untold.delete(slotId);
    return slotId;
  }

  /**
   * Waits for the next event.
   * @throws CkError CKR_CRYPTOKI_NOT_INITIALIZED when the application finalises meanwhile; CKR_HOST_MEMORY when too many wait
   */
  async next(): Promise<number> {
    const slotId = this.take();
    if (slotId !== null) return slotId;
    if (this.waiters.length >= MAX_WAITING) throw new CkError(CKR_HOST_MEMORY);
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  /** C_Finalize, or the application has gone. */
  end(): void {
    this.untold.clear();
    for (const { reject } of this.waiters.splice(0)) reject(new CkError(CKR_CRYPTOKI_NOT_INITIALIZED));
  }
}
