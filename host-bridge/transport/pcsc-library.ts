// npm's `smartcard`, loaded when a reader is asked for: its native part is compiled at install and wants libpcsclite.so.1, which small machines lack.

import { createRequire } from "node:module";
import { LibraryMissingError } from "./port-error.ts";

// What is used of the package, in words of our own: it is an optional one, and without it all the rest must compile and run.

/** A connection to a card. `transmit` and `reconnect` wait in a thread of the pool, `disconnect` in the caller's. */
export interface ReaderCard {
  /** PROTOCOL_T0 or PROTOCOL_T1. */
  readonly protocol: number;
  transmit(apdu: Buffer, options: { readonly maxRecvLength: number }): Promise<Buffer>;
  reconnect(shareMode: number, protocols: number, initialisation: number): Promise<number>;
  disconnect(disposition: number): void;
}

/** A reader as it was when it was listed. */
export interface CardReader {
  readonly name: string;
  /** STATE_*; above them, from bit 16 on, how often a card came or went. */
  readonly state: number;
  /** null: no card. */
  readonly atr: Buffer | null;
  connect(shareMode: number, protocols: number): Promise<ReaderCard>;
}

/** A conversation with pcscd. The calls of one wait for each other inside libpcsclite: so each card has one of its own. */
export interface PcscContext {
  listReaders(): readonly CardReader[];
  close(): void;
}

interface Smartcard {
  readonly Context: new () => PcscContext;
}

export interface PcscLibrary {
  /** @throws LibraryMissingError; PcscError `no-service` when no pcscd is running */
  openContext(): PcscContext;
}

/** One that answers. */
export const hasCard = ({ state }: Pick<CardReader, "state">): boolean => (state & STATE_PRESENT) !== 0 && (state & STATE_MUTE) === 0;

// PC/SC Workgroup's numbers, part 5 §3; the same in pcsclite and in Windows
export const SHARE_SHARED = 2;
export const PROTOCOL_T0 = 1;
export const PROTOCOL_T1 = 2;
export const LEAVE_CARD = 0;
export const RESET_CARD = 1;
const STATE_PRESENT = 0x20;
const STATE_MUTE = 0x200;

export type PcscFailure = "no-service" | "removed" | "reset" | "in-use" | "other";

/** The library tells why in words alone, pcsc_errors.h; these are the ones that make a difference. */
const FAILURES: readonly (readonly [RegExp, PcscFailure])[] = [
  [/service not running|service stopped|invalid handle|context is not valid/i, "no-service"],
  [/removed|no smart card|reader unavailable|unknown reader|not connected|unpowered|no readers/i, "removed"],
  [/was reset/i, "reset"],
  [/sharing violation/i, "in-use"],
];

export class PcscError extends Error {
  override readonly name = "PcscError";
  readonly failure: PcscFailure;
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : "unknown";
    super(reason, { cause });
    this.failure = FAILURES.find(([words]) => words.test(reason))?.[1] ?? "other";
  }
}

function loadSmartcard(): Smartcard {
  try {
    // CommonJS: a failed load is not remembered there, so that it may go better when the packages are installed meanwhile.
    return createRequire(import.meta.url)("smartcard") as Smartcard;
  } catch (cause) {
    const [reason = ""] = (cause instanceof Error ? cause.message : "unknown").split("\n"); // the rest names every path that was tried
    throw new LibraryMissingError("pcsc", reason, { cause });
  }
}

/** @throws PcscError */
function asPcsc<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw new PcscError(cause);
  }
}

/**
 * Read by libpcsclite with its first context (pcsc-lite's winscard_clnt.c). Without it a call waits inside of the library, for ever and in a thread of the
 * pool, of which there are four, while another program has a transaction; with it the call is refused, and can be tried again for as long as we want.
 */
const NO_BLOCKING = "PCSCLITE_NO_BLOCKING";

export function loadPcsc(): PcscLibrary {
  return {
    openContext: () => {
      const { Context } = loadSmartcard();
      process.env[NO_BLOCKING] ??= "1";
      const context = asPcsc(() => new Context());
      return {
        listReaders: () => asPcsc(() => context.listReaders()),
        close: () => context.close(),
      };
    },
  };
}
