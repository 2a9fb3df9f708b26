// The documents that the agent has, in memory alone: forgotten when nobody has asked for them for a while, on request, and at its end.

import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { DocumentError } from "./document-error.ts";
import { DocumentSet } from "./document-set.ts";
import { KEEP_MINUTES, MAX_KEPT_BYTES } from "./limits.ts";
import { isRefused, type ReceivedDocument, type RefusedFile } from "./received-document.ts";

const ID_BYTES = 32;
const KEEP_MS = KEEP_MINUTES * 60_000;
const LOOK_MS = 60_000;

export class DocumentStore {
  private readonly clock: Clock;
  private readonly sets = new Map<string, DocumentSet>();
  private readonly timer: NodeJS.Timeout;

  constructor(clock: Clock) {
    this.clock = clock;
    this.timer = setInterval(() => this.forgetOld(), LOOK_MS).unref();
  }

  /** So many bytes of documents may come: each is kept twice, as it came and signed. */
  get roomBytes(): number {
    this.forgetOld();
    return [...this.sets.values()].reduce((room, set) => room - 2 * set.receivedBytes, MAX_KEPT_BYTES) / 2;
  }

  /** @throws DocumentError too-much */
  add(files: readonly (ReceivedDocument | RefusedFile)[]): DocumentSet {
    const documents = files.filter((file): file is ReceivedDocument => !isRefused(file));
    if (documents.reduce((sum, { bytes }) => sum + bytes.length, 0) > this.roomBytes) throw new DocumentError("too-much");
    const set = new DocumentSet(randomBytes(ID_BYTES).toString("base64url"), documents, files.filter(isRefused), this.clock.now());
    this.sets.set(set.id, set);
    return set;
  }

  /** @throws DocumentError unknown */
  get(id: string): DocumentSet {
    this.forgetOld();
    const set = this.sets.get(id);
    if (set === undefined) throw new DocumentError("unknown");
    set.lastUsedAt = this.clock.now();
    return set;
  }

  /** @throws DocumentError being-signed */
  forget(id: string): void {
    if (this.sets.get(id)?.isBeingSigned === true) throw new DocumentError("being-signed");
    this.sets.delete(id);
  }

  /** Newest first. */
  all(): readonly DocumentSet[] {
    this.forgetOld();
    return [...this.sets.values()].reverse();
  }

  close(): void {
    clearInterval(this.timer);
    this.sets.clear();
  }

  private forgetOld(): void {
    const oldest = this.clock.now().getTime() - KEEP_MS;
    for (const [id, set] of this.sets) if (!set.isBeingSigned && set.lastUsedAt.getTime() < oldest) this.sets.delete(id);
  }
}
