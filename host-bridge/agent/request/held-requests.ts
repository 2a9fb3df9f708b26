// The requests that the agent has taken: each is here once, until it is done, declined or too old.

import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { DeskError } from "../tokens/desk-error.ts";
import { RequestError } from "./request-error.ts";
import { type TakenRequest, takeRequest } from "./taken-request.ts";

const HELD_MS = 15 * 60_000;
/** A page that was waited for longer than that finds it done, nevertheless. */
const DONE_MS = 5 * 60_000;
const HANDLE_BYTES = 16;
/** Requests that were taken are known as taken for as long as this many others are not. */
const MAX_KNOWN = 1000;

export class HeldRequest {
  /** In the addresses of its pages; known to nobody but them. */
  readonly handle = randomBytes(HANDLE_BYTES).toString("base64url");
  taken: TakenRequest;
  endsAt: Date;
  /** Where the browser goes when it is done; null: it is not. */
  doneTo: string | null = null;
  isUnderWay = false;

  constructor(taken: TakenRequest, now: Date) {
    this.taken = taken;
    this.endsAt = new Date(Math.min(taken.expiresAt.getTime(), now.getTime() + HELD_MS));
  }

  /** @param to where the browser goes; what the office had given for it is forgotten */
  finish(to: string, now: Date): void {
    this.doneTo = to;
    this.taken = this.taken.kind === "sign-in" ? { ...this.taken, challenge: null } : { ...this.taken, session: "" };
    this.endsAt = new Date(Math.max(this.endsAt.getTime(), now.getTime() + DONE_MS));
  }

  /** @throws DeskError busy: another page does it; RequestError over: it is done */
  requireOpen(): void {
    if (this.doneTo !== null) throw new RequestError("over", this.taken.office);
    if (this.isUnderWay) throw new DeskError("busy");
  }

  /** One page at a time does it. @throws as requireOpen */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.requireOpen();
    this.isUnderWay = true;
    try {
      return await work();
    } finally {
      this.isUnderWay = false;
    }
  }
}

export class HeldRequests {
  readonly #clock: Clock;
  readonly #held = new Map<string, HeldRequest>();
  /** Digests, in the order in which they were taken. */
  readonly #known = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a page of this agent's has, or had it. @param office of officeAddress */
  isTaken(office: string, id: string): boolean {
    return this.#known.has(this.#digest(office, id));
  }

  /**
   * Takes it from an office that the holder trusts.
   * @throws RequestError taken, …; what takeRequest throws
   */
  async take(office: string, id: string): Promise<HeldRequest> {
    const digest = this.#digest(office, id);
    if (this.#known.has(digest)) throw new RequestError("taken", office);
    this.#know(digest); // before it is asked for: two pages at once don't both get it
    let taken: TakenRequest;
    try {
      taken = await takeRequest(office, id);
    } catch (error) {
      if (!(error instanceof RequestError)) this.#known.delete(digest); // the office was not reached, or had trouble: it may be tried again
      throw error;
    }
    const held = new HeldRequest(taken, this.#clock.now());
    this.#held.set(held.handle, held);
    return held;
  }

  /** @throws RequestError over */
  find(handle: string): HeldRequest {
    const now = this.#clock.now();
    for (const [each, { endsAt, isUnderWay }] of this.#held) if (endsAt <= now && !isUnderWay) this.#held.delete(each);
    const held = this.#held.get(handle);
    if (held === undefined) throw new RequestError("over");
    return held;
  }

  /** The holder does not want it. */
  drop(held: HeldRequest): void {
    this.#held.delete(held.handle);
  }

  #know(digest: string): void {
    this.#known.add(digest);
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_KNOWN) return;
      this.#known.delete(oldest);
    }
  }

  #digest(office: string, id: string): string {
    return createHash("sha256").update(`${office}\n${id}`).digest("base64url");
  }
}
