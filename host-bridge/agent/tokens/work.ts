// Work with a token that may take a while: begun by a form, shown by a page of its own (work-pages.ts) until it is done, given up by a button.

import { randomBytes } from "node:crypto";
import type { DeviceInfo } from "../../token/device-info.ts";
import type { TokenClient } from "../../token/token-client.ts";
import type { Clock } from "../clock.ts";
import type { Texts } from "../web/texts/french.ts";
import { ChangeSignal } from "./change-signal.ts";
import { DeskError } from "./desk-error.ts";
import type { TokenDesk } from "./token-desk.ts";

/** What is done by then needs no page of its own. */
const SOON_MS = 1200;
/** How long an outcome is kept for its page. */
const KEPT_MS = 15 * 60_000;
const ID_BYTES = 16;

/** By which work tells how far it is. */
export interface Progress {
  /** One of the order's `steps`. */
  step(name: string): void;
  /** To be given to the token's client as `onButton`. */
  readonly onButton: () => void;
  /** Aborts when the holder gives it up: what does not wait for the token looks at it. */
  readonly signal: AbortSignal;
}

export interface WorkOrder {
  readonly serial: string;
  /** Of the page, while it runs. */
  readonly title: (texts: Texts) => string;
  /** In their order, with the text of each; absent: there is only one. */
  readonly steps?: (texts: Texts) => Readonly<Record<string, string>>;
  /** A path of ours, for who gave up or failed and wants to begin again. */
  readonly again: string;
  /** Called once when it is over, however it ended, also when the token could not be lent: overwrites the PIN. */
  readonly end?: () => void;
  /** @returns the path of ours at which it goes on */
  run(client: TokenClient, progress: Progress, info: DeviceInfo): Promise<string>;
}

export type Outcome = { readonly to: string } | { readonly error: unknown };

export class Work {
  readonly id = randomBytes(ID_BYTES).toString("base64url");
  readonly order: WorkOrder;
  readonly changes = new ChangeSignal();
  /** null: it has not begun with one yet. */
  step: string | null = null;
  waitsForButton = false;
  outcome: Outcome | null = null;
  endedAt: Date | null = null;
  client: TokenClient | null = null;
  readonly #giveUp = new AbortController();

  constructor(order: WorkOrder) {
    this.order = order;
  }

  get signal(): AbortSignal {
    return this.#giveUp.signal;
  }

  /** The wait for the button ends at once; a command that is under way is done first. */
  cancel(): void {
    if (this.outcome !== null) return;
    this.#giveUp.abort(new DeskError("cancelled"));
    this.client?.cancel();
  }
}

export class WorkList {
  readonly #desk: TokenDesk;
  readonly #clock: Clock;
  readonly #works = new Map<string, Work>();

  constructor(desk: TokenDesk, clock: Clock) {
    this.#desk = desk;
    this.#clock = clock;
  }

  /**
   * Begins it, and waits a moment for its end.
   * @returns where the browser is to go: on, or to the work's own page
   * @throws what the work threw within that moment; DeskError not-plugged-in, twice, busy
   */
  async begin(order: WorkOrder): Promise<{ readonly to: string }> {
    this.#forget();
    const work = new Work(order);
    this.#works.set(work.id, work);
    void this.#run(work);
    for (const end = Date.now() + SOON_MS; work.outcome === null && !work.waitsForButton && Date.now() < end; ) {
      await work.changes.wait(work.changes.version, end - Date.now(), work.signal);
    }
    if (work.outcome === null) return { to: `/work/${work.id}` };
    this.#works.delete(work.id);
    if ("error" in work.outcome) throw work.outcome.error;
    return { to: work.outcome.to };
  }

  /** @throws DeskError unknown-work */
  find(id: string): Work {
    this.#forget();
    const work = this.#works.get(id);
    if (work === undefined) throw new DeskError("unknown-work");
    return work;
  }

  cancelAll(): void {
    for (const work of this.#works.values()) work.cancel();
  }

  async #run(work: Work): Promise<void> {
    const { order } = work;
    const progress: Progress = {
      signal: work.signal,
      step: (name) => {
        work.step = name;
        work.waitsForButton = false;
        work.changes.changed();
      },
      onButton: () => {
        if (work.waitsForButton) return; // told again and again
        work.waitsForButton = true;
        work.changes.changed();
      },
    };
    try {
      const to = await this.#desk.lend(order.serial, (client, info) => {
        work.client = client;
        return order.run(client, progress, info);
      });
      work.outcome = { to };
    } catch (error) {
      work.outcome = { error: work.signal.aborted ? new DeskError("cancelled", { cause: error }) : error };
    } finally {
      order.end?.();
      work.client = null;
      work.endedAt = this.#clock.now();
      work.changes.changed();
    }
  }

  #forget(): void {
    const before = this.#clock.now().getTime() - KEPT_MS;
    for (const { id, endedAt } of this.#works.values()) if (endedAt !== null && endedAt.getTime() < before) this.#works.delete(id);
  }
}
