// A PC/SC program of the test's own (npm's `smartcard`): waits for cards in readers, and sends them commands.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { ROOT } from "./run.ts";

export interface Card {
  transmit(command: Buffer, options: { readonly maxRecvLength: number }): Promise<Buffer>;
  reconnect(shareMode: number, protocol: number, initialization: number): Promise<number>;
  /** @throws when it has gone; nothing is left of it either way */
  disconnect(disposition: number): void;
}

/** What is used of the package, which is an optional one. */
interface Smartcard {
  readonly Context: new () => {
    listReaders(): readonly { readonly name: string; connect(shareMode: number, protocol: number): Promise<Card> }[];
    close(): void;
  };
  readonly ReaderMonitor: new () => {
    start(callback: (event: { readonly type: string; readonly reader: string }) => void): void;
    stop(): void;
  };
  readonly SCARD_SHARE_SHARED: number;
  readonly SCARD_PROTOCOL_T1: number;
  readonly SCARD_RESET_CARD: number;
  readonly SCARD_LEAVE_CARD: number;
}

const { Context: PcscContext, ReaderMonitor: Monitor, ...SCARD } = createRequire(import.meta.url)("smartcard") as Smartcard;
const CARD_LIMIT_MS = 10_000;
const POLL_MS = 20;
const SELECT_PIV = "00a4040005a00000030800";

export class PcscClient {
  private readonly context = new PcscContext();
  /**
   * The last one of each reader, until the next. One that is collected as garbage is disconnected by the package in Node's own thread, which then waits, and
   * all timers with it, until the command is answered that another thread has under way in this context (seen: 4 s, by the button).
   */
  private readonly cards = new Map<string, Card>();

  /** A connection to the PIV card in the reader of that name, as soon as one answers there: pcscd notices late that another one has gone. Ends the one before. */
  async connect(name: string): Promise<Card> {
    const attempt = async (): Promise<Card | null> => {
      const reader = this.context.listReaders().find((each) => each.name === name);
      const card = await reader?.connect(SCARD.SCARD_SHARE_SHARED, SCARD.SCARD_PROTOCOL_T1);
      if (card === undefined) return null;
      this.letGo(name);
      this.cards.set(name, card);
      return (await transmit(card, SELECT_PIV)).endsWith("9000") ? card : null;
    };
    const deadline = Date.now() + CARD_LIMIT_MS;
    for (;;) {
      const card = await attempt().catch((error: Error) => error);
      if (card !== null && !(card instanceof Error)) return card;
      if (Date.now() > deadline) throw new Error(`no card answers in ${name}`, { cause: card });
      await sleep(POLL_MS);
    }
  }

  private letGo(name: string): void {
    try {
      this.cards.get(name)?.disconnect(SCARD.SCARD_LEAVE_CARD);
    } catch {
      // it has gone by itself
    }
  }

  close(): void {
    this.context.close();
  }
}

/** The status word and what is before it, in hexadecimal. */
export async function transmit(card: Card, apdu: string): Promise<string> {
  return (await card.transmit(Buffer.from(apdu, "hex"), { maxRecvLength: 65_538 })).toString("hex");
}

/** Resets the card, as another program may. */
export const resetCard = (card: Card): Promise<number> =>
  card.reconnect(SCARD.SCARD_SHARE_SHARED, SCARD.SCARD_PROTOCOL_T1, SCARD.SCARD_RESET_CARD);

/** Another program's transaction on the card in the reader of that name, from now on. */
export async function holdCard(reader: string): Promise<{ end(): Promise<void> }> {
  const holder = spawn("python3", [join(ROOT, "test", "support", "pcsc-transaction.py"), reader], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(holder, "exit");
  const [told] = (await Promise.race([once(holder.stdout, "data"), exited])) as [unknown];
  if (!String(told).startsWith("held")) throw new Error(`no transaction at ${reader}: ${told}`); // else it has ended
  return {
    end: async () => {
      holder.stdin.end();
      expect(await exited).toEqual([0, null]);
    },
  };
}

/** What a program learns that waits in SCardGetStatusChange: «card-inserted READER», in the order in which it comes. */
export class CardEvents {
  private readonly seen: string[] = [];
  private readonly monitor = new Monitor();

  constructor() {
    this.monitor.start(({ type, reader }) => this.seen.push(`${type} ${reader}`));
  }

  async next(event: string): Promise<void> {
    const deadline = Date.now() + CARD_LIMIT_MS;
    while (!this.seen.includes(event)) {
      if (Date.now() > deadline) throw new Error(`no ${event}; there was: ${this.seen.join(", ")}`);
      await sleep(POLL_MS);
    }
    this.seen.splice(0, this.seen.indexOf(event) + 1);
  }

  stop(): void {
    this.monitor.stop();
  }
}
