// Watches the sources of tokens: plugs in what comes, lets go what leaves, tells each trouble once.

import { Slot } from "./pkcs11/slots/slot.ts";
import { SlotTable } from "./pkcs11/slots/slot-table.ts";
import type { SourceKind, TokenPort, TokenSource } from "./sources/token-source.ts";
import { type DeviceKind, LibraryMissingError, PortBusyError, PortForbiddenError } from "./transport/port-error.ts";
import type { Transport } from "./transport/transport.ts";

const BUSY_RETRY_MS = 2000;

export type TokenEvent =
  | { readonly event: "token-in"; readonly name: string; readonly serial: string; readonly slot: number }
  | { readonly event: "token-out"; readonly name: string; readonly slot: number }
  | { readonly event: "token-refused"; readonly name: string; readonly reason: string }
  /** A device that this user may not open; tried again when that changes. */
  | { readonly event: "token-forbidden"; readonly name: string; readonly kind: DeviceKind; readonly path: string; readonly group: string }
  /** A source cannot be looked at. Told once; the tokens that are there stay. */
  | { readonly event: "trouble"; readonly about: SourceKind | "hid-library" | "serial-library" | "pcsc-library"; readonly reason: string };

/** A token that has just come in. */
export interface TokenIn {
  readonly name: string;
  readonly kind: SourceKind;
  readonly transport: Transport;
}

/** A port that is open, or being opened. */
interface Held {
  readonly source: TokenSource;
  transport: Transport | null;
  /** Serial number of the token, once it has told it. */
  serial: string | null;
  /** Its token has come in on a cable of its own. */
  isSuperseded: boolean;
}

/** A card in a reader that is a token which is there on a cable of its own: nothing to tell. */
class SameTokenError extends Error {
  override readonly name = "SameTokenError";
}

/** A port that was refused. */
interface Refusal {
  readonly source: TokenSource;
  readonly told: string;
  /** Of a port that was forbidden: with another mark it may not be any more. */
  readonly mark: string | null;
  /** When it is tried again in any case. */
  readonly notBeforeMs: number;
}

/** What an error tells. Something thrown that is no Error tells nothing of use. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}

export class TokenWatch {
  readonly slots = new SlotTable();
  private readonly sources: readonly TokenSource[];
  private readonly log: (event: TokenEvent) => void;
  private readonly onTokenIn: (token: TokenIn) => void;
  private readonly held = new Map<string, Held>();
  private readonly refusals = new Map<string, Refusal>();
  private readonly troubles = new Map<string, string>();
  private readonly opening = new Set<Promise<void>>();
  private isClosed = false;

  constructor(sources: readonly TokenSource[], log: (event: TokenEvent) => void, onTokenIn: (token: TokenIn) => void = () => {}) {
    this.sources = sources;
    this.log = log;
    this.onTokenIn = onTokenIn;
  }

  /** Begins to plug in what is new, and unplugs what has gone. */
  async look(): Promise<void> {
    await Promise.all(this.sources.map((source) => this.lookAt(source)));
  }

  /** Resolves when every token that was found is in, or refused. */
  async settled(): Promise<void> {
    while (this.opening.size > 0) await Promise.all(this.opening);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const { transport } of this.held.values()) transport?.close();
    for (const source of this.sources) source.close?.();
    await this.settled();
  }

  private async lookAt(source: TokenSource): Promise<void> {
    let ports: readonly TokenPort[];
    try {
      ports = await source.look();
    } catch (error) {
      this.tellTrouble(source.kind, error);
      return;
    }
    this.troubles.delete(source.kind);
    const ids = new Set(ports.map(({ id }) => id));
    for (const [id, held] of this.held) if (held.source === source && !ids.has(id)) held.transport?.close();
    for (const [id, refusal] of this.refusals) if (refusal.source === source && !ids.has(id)) this.refusals.delete(id);
    for (const port of ports) if (this.isWanted(port)) this.begin(source, port);
  }

  private isWanted(port: TokenPort): boolean {
    if (this.isClosed || this.held.has(port.id)) return false;
    const refusal = this.refusals.get(port.id);
    if (refusal === undefined || Date.now() >= refusal.notBeforeMs) return true;
    return refusal.mark !== null && refusal.mark !== port.mark;
  }

  private begin(source: TokenSource, port: TokenPort): void {
    const opened = this.plugIn(source, port).finally(() => this.opening.delete(opened));
    this.opening.add(opened);
  }

  private async plugIn(source: TokenSource, port: TokenPort): Promise<void> {
    const held: Held = { source, transport: null, serial: null, isSuperseded: false };
    this.held.set(port.id, held);
    try {
      const transport = await port.open();
      held.transport = transport;
      if (this.isClosed) transport.close();
      const slot = await this.openSlot(transport, held);
      this.refusals.delete(port.id);
      this.log({ event: "token-in", name: port.name, serial: slot.info.serial, slot: slot.id });
      this.onTokenIn({ name: port.name, kind: source.kind, transport });
      void transport.gone.then(() => {
        this.held.delete(port.id);
        this.log({ event: "token-out", name: port.name, slot: slot.id });
      });
    } catch (error) {
      held.transport?.close();
      this.held.delete(port.id);
      // One that was closed for its cable's sake while it came in fails with whatever it was at.
      if (!this.isClosed) this.refuse(source, port, held.isSuperseded ? new SameTokenError("on a cable of its own") : error);
    }
  }

  /**
   * The same token may be there as a card in a reader, too: the bridge's own virtual one, or because it is both on USB. The cable of its own is
   * the better one: its channels have each a security status, and the wait for its button is told.
   * @throws SameTokenError
   */
  private checkIsNew(held: Held, serial: string): void {
    const others = [...this.held.values()].filter((other) => other !== held && other.serial === serial);
    if (held.source.kind === "pcsc" && others.length > 0) throw new SameTokenError(`token ${serial} is there already`);
    held.serial = serial;
    for (const other of others) {
      if (other.source.kind !== "pcsc") continue;
      other.isSuperseded = true;
      other.transport?.close();
    }
  }

  private async openSlot(transport: Transport, held: Held): Promise<Slot> {
    let id: number | null = null;
    const idOf = (serial: string): number => {
      this.checkIsNew(held, serial);
      id = this.slots.reserve(serial);
      return id;
    };
    try {
      const slot = await Slot.open(idOf, transport);
      this.slots.plugIn(slot);
      return slot;
    } catch (error) {
      if (id !== null) this.slots.release(id);
      throw error;
    }
  }

  private refuse(source: TokenSource, port: TokenPort, error: unknown): void {
    const isForbidden = error instanceof PortForbiddenError;
    const isSame = error instanceof SameTokenError;
    const retryMs = isForbidden || isSame ? null : error instanceof PortBusyError ? BUSY_RETRY_MS : port.retryMs;
    const told = reasonOf(error);
    const isNew = this.refusals.get(port.id)?.told !== told;
    const notBeforeMs = retryMs === null ? Number.POSITIVE_INFINITY : Date.now() + retryMs;
    this.refusals.set(port.id, { source, told, mark: isForbidden ? port.mark : null, notBeforeMs });
    if (error instanceof LibraryMissingError) this.tellTrouble(source.kind, error);
    else if (!isNew || isSame) return;
    else if (isForbidden) {
      this.log({ event: "token-forbidden", name: port.name, kind: error.kind, path: error.path, group: error.group });
    } else this.log({ event: "token-refused", name: port.name, reason: told });
  }

  private tellTrouble(kind: SourceKind, error: unknown): void {
    const about = error instanceof LibraryMissingError ? (`${error.kind}-library` as const) : kind;
    const reason = reasonOf(error);
    if (this.troubles.get(about) === reason) return;
    this.troubles.set(about, reason);
    this.log({ event: "trouble", about, reason });
  }
}
