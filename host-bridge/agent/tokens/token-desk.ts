// The tokens that are plugged in: told to the pages, and lent to one piece of work at a time each.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../../protocol/piv.ts";
import type { Slot } from "../../pkcs11/slots/slot.ts";
import type { TokenSource } from "../../sources/token-source.ts";
import type { DeviceInfo } from "../../token/device-info.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { type TokenEvent, TokenWatch } from "../../token-watch.ts";
import { ChangeSignal } from "./change-signal.ts";
import { DeskError } from "./desk-error.ts";

const LOOK_MS = 250;
/** A token that has not answered by then comes in later. */
const FIRST_LOOK_LIMIT_MS = 1500;

/** A token, as it told of itself last. */
export interface PluggedToken {
  readonly info: DeviceInfo;
  /** Another page works with it. */
  readonly isBusy: boolean;
}

/** Why something that is plugged in can't be used. */
export type TokenTrouble = Exclude<TokenEvent, { event: "token-in" | "token-out" }>;

const sleep = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs).unref());

export class TokenDesk {
  /** Of what `tokens`, `troubles` tell. */
  readonly changes = new ChangeSignal();
  readonly #watch: TokenWatch;
  readonly #lent = new Set<Slot>();
  readonly #troubles = new Map<string, TokenTrouble>();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(sources: readonly TokenSource[], log: (event: TokenEvent) => void) {
    this.#watch = new TokenWatch(sources, (event) => {
      this.#note(event);
      log(event);
    });
    this.#watch.slots.onEvent(() => this.changes.changed());
  }

  /** Tokens that are plugged in already, and answer at once, are there when it resolves. */
  async start(): Promise<void> {
    await this.#watch.look();
    await Promise.race([this.#watch.settled(), sleep(FIRST_LOOK_LIMIT_MS)]);
    this.#timer = setInterval(() => {
      this.#looking ??= this.#watch.look().finally(() => {
        this.#looking = null;
      });
    }, LOOK_MS);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#looking;
    await this.#watch.close();
  }

  /** By their serial numbers. */
  tokens(): PluggedToken[] {
    return this.#present()
      .map((slot) => ({ info: slot.info, isBusy: this.#lent.has(slot) }))
      .sort((a, b) => Number(a.info.serial) - Number(b.info.serial));
  }

  troubles(): TokenTrouble[] {
    return [...this.#troubles.values()];
  }

  /** @throws DeskError not-plugged-in, twice */
  token(serial: string): PluggedToken {
    const slot = this.#slot(serial);
    return { info: slot.info, isBusy: this.#lent.has(slot) };
  }

  /** To be shown before a PIN is asked for. @throws DeskError not-plugged-in, twice, busy; TransportError, TokenError */
  async pinTriesLeft(serial: string): Promise<number> {
    return this.#free(serial).triesLeft(KEY_REF_PIV_PIN);
  }

  /** @throws as pinTriesLeft */
  async pukTriesLeft(serial: string): Promise<number> {
    return this.#free(serial).triesLeft(KEY_REF_PUK);
  }

  /**
   * Lends the token, on a channel of its own, which forgets the PIN when `work` is done. Nobody else gets it meanwhile.
   * @throws DeskError not-plugged-in, twice, busy; TransportError, TokenError; what `work` throws
   */
  async lend<T>(serial: string, work: (client: TokenClient, info: DeviceInfo) => Promise<T>): Promise<T> {
    const slot = this.#free(serial);
    this.#lent.add(slot);
    this.changes.changed();
    try {
      const client = await slot.openClient();
      try {
        return await work(client, slot.info);
      } finally {
        client.close();
      }
    } finally {
      // What it tells of itself may be something else now; when it has gone, that is told elsewhere.
      await slot.refreshForWrite().catch(() => undefined);
      this.#lent.delete(slot);
      this.changes.changed();
    }
  }

  #present(): Slot[] {
    return this.#watch.slots.all().filter(({ isPresent }) => isPresent);
  }

  #slot(serial: string): Slot {
    const [slot, ...more] = this.#present().filter(({ info }) => info.serial === serial);
    if (slot === undefined) throw new DeskError("not-plugged-in");
    if (more.length > 0) throw new DeskError("twice");
    return slot;
  }

  #free(serial: string): Slot {
    const slot = this.#slot(serial);
    if (this.#lent.has(slot)) throw new DeskError("busy");
    return slot;
  }

  #note(event: TokenEvent): void {
    if (event.event === "token-out") return;
    if (event.event === "token-in") this.#troubles.delete(event.name);
    else this.#troubles.set(event.event === "trouble" ? event.about : event.name, event);
    this.changes.changed();
  }
}
