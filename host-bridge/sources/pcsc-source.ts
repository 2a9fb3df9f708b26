// PIV cards in PC/SC readers, in those readers alone that the person named: selecting an application on every card in the house would disturb
// other software (a bank's, gpg's).

import { openPcscTransport } from "../transport/pcsc.ts";
import { type CardReader, hasCard, type PcscContext, PcscError, type PcscLibrary } from "../transport/pcsc-library.ts";
import { NoPivCardError } from "../transport/reader-card.ts";
import type { Transport } from "../transport/transport.ts";
import type { TokenPort, TokenSource } from "./token-source.ts";

/** For a card that another program had for itself, or that did not answer. */
const RETRY_MS = 2000;
/** How often a pcscd that is not there is asked for again, and the library is tried to load. */
const SLOW_LOOK_MS = 2000;
/** Where a reader's state counts the cards that came and went (pcsclite.h). */
const COUNTER_SHIFT = 16;
/** The word for every reader. */
export const ANY_READER = "any";

/** @param wanted part of the name of a reader, in any case; ANY_READER: all of them */
export function isWantedReader(name: string, wanted: string): boolean {
  return wanted === ANY_READER || name.toLowerCase().includes(wanted.toLowerCase());
}

export class PcscSource implements TokenSource {
  readonly kind = "pcsc";
  private readonly library: PcscLibrary;
  private readonly readers: readonly string[];
  private context: PcscContext | null = null;
  /** Which pcscd: each counts its cards from 0. */
  private generation = 0;
  private failure: unknown = null;
  private notBeforeMs = 0;
  private readonly opened = new Set<Transport>();
  /** Cards without PIV, by the ids of their ports: asked once, and then left to their own software until they are inserted again. */
  private readonly strangers = new Set<string>();

  /** @param readers parts of their names, or ANY_READER */
  constructor(library: PcscLibrary, readers: readonly string[]) {
    this.library = library;
    this.readers = readers;
  }

  async look(): Promise<readonly TokenPort[]> {
    if (this.failure !== null && Date.now() < this.notBeforeMs) throw this.failure;
    this.notBeforeMs = Date.now() + SLOW_LOOK_MS;
    try {
      this.context ??= this.library.openContext();
      const listed = this.context.listReaders();
      this.failure = null;
      const wanted = listed.filter((reader) => this.readers.some((name) => isWantedReader(reader.name, name)) && hasCard(reader));
      return wanted.map((reader) => this.port(reader)).filter(({ id }) => !this.strangers.has(id));
    } catch (error) {
      this.failure = error;
      this.lose(error);
      throw error;
    }
  }

  close(): void {
    this.context?.close();
    this.context = null;
  }

  private port({ name, state }: CardReader): TokenPort {
    const id = `pcsc:${this.generation}:${name}:${state >>> COUNTER_SHIFT}`;
    return { id, name, mark: "", retryMs: RETRY_MS, open: () => this.open(id, name) };
  }

  private async open(id: string, name: string): Promise<Transport> {
    try {
      const transport = await openPcscTransport(this.library, name);
      this.opened.add(transport);
      void transport.gone.then(() => this.opened.delete(transport));
      return transport;
    } catch (error) {
      if (error instanceof NoPivCardError) this.strangers.add(id);
      throw error;
    }
  }

  /** pcscd has ended, and with it every connection to a card. */
  private lose(error: unknown): void {
    this.close();
    this.generation += 1;
    if (error instanceof PcscError) for (const transport of this.opened) transport.close();
  }
}
