// Keeps a token in one of vpcd's readers, so that PC/SC software sees a smart card: dials again whenever pcscd goes and comes, and leaves when the
// token does.

import { connect, type Socket } from "node:net";
import type { Transport } from "../transport/transport.ts";
import { CardInReader } from "./card-in-reader.ts";
import { ownReaderAt, strangerAtReader } from "./reader-owner.ts";
import type { VpcdAddress } from "./vpcd-address.ts";

const REDIAL_MS = 200;
/**
 * A reader that is a stranger's is dialled after 1, 2, 4, … looks at the kernel's list, one every REDIAL_MS: at most so many, 5 s; at once when others
 * listen there.
 */
const STRANGER_LOOKS = 25;
/**
 * How long the reader stays empty before a card comes in. pcscd polls every 400 ms, and has to see that it is empty: else programs take another token
 * for the one that they had, and a reset that failed meanwhile leaves a reader that says «no card» for ever (pcscd 1.9.9: SCardReconnect sets
 * SCARD_ABSENT, and only a poll that sees a change mends it).
 */
export const EMPTY_MS = 1000;
/** A connection that is not made by then never will be: vpcd's queue holds one, and another program has its place. */
const DIAL_LIMIT_MS = 2000;
/** pcscd takes a while to start. */
const PATIENCE_MS = 5000;

const uid = (): number => process.getuid?.() ?? 0;

export interface PlugOptions {
  /** Shorter in a test against a vpcd that does not poll. */
  readonly emptyMs?: number;
  /** How long a card waits until `kept` is told; shorter in a test. */
  readonly patienceMs?: number;
  /** The card is in: pcscd has asked for it. */
  in?(): void;
  /** The card is out: pcscd or the token has gone. */
  out?(): void;
  /** Another user's program waits there for a card, and gets none. Told once until the card is in. */
  stranger?(uid: number): void;
  /** Nobody has asked for the card for 5 s: nobody listens, another card is in that reader, or pcscd does not poll. Told again and again until it is in. */
  kept?(reason: string): void;
}

export interface VpcdPlug {
  /** Answers a pending command with 6F00 and takes the card out; resolves when it is out. */
  close(): Promise<void>;
}

class Plug implements VpcdPlug {
  private readonly transport: Transport;
  private readonly address: VpcdAddress;
  private readonly options: PlugOptions;
  private readonly emptyMs: number;
  private socket: Socket | null = null;
  private card: CardInReader | null = null;
  private redial: NodeJS.Timeout | null = null;
  private patience: NodeJS.Timeout | null = null;
  private lastFailure = "";
  private toldStranger: number | null = null;
  /** Who listened when the last connection was a stranger's; null: it was not. */
  private shunned: string | null = null;
  private looks = 1;
  private isClosed = false;

  constructor(transport: Transport, address: VpcdAddress, options: PlugOptions) {
    this.transport = transport;
    this.address = address;
    this.options = options;
    this.emptyMs = options.emptyMs ?? EMPTY_MS;
    this.dialLater(this.emptyMs); // another process's card may have lain there a moment ago
    this.waitToBeIn();
    void transport.gone.then(() => this.close());
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.redial !== null) clearTimeout(this.redial);
    if (this.patience !== null) clearInterval(this.patience);
    if (this.card === null) this.socket?.destroy();
    else await this.card.takeOut();
  }

  private waitToBeIn(): void {
    this.patience = setInterval(() => this.options.kept?.(this.lastFailure), this.options.patienceMs ?? PATIENCE_MS);
  }

  private tellStranger(uid: number): void {
    if (this.toldStranger !== uid) this.options.stranger?.(uid);
    this.toldStranger = uid;
  }

  private dialLater(delayMs: number): void {
    this.redial = setTimeout(() => this.dial(), delayMs);
  }

  private dialWhenOther(seen: string): void {
    let left = this.looks;
    this.looks = Math.min(2 * left, STRANGER_LOOKS);
    const look = (): void => {
      left--;
      const listening = ownReaderAt(this.address.host, this.address.port, uid());
      const isOther = listening !== "" && listening !== seen;
      if (isOther || left === 0) this.dial();
      else this.redial = setTimeout(look, REDIAL_MS);
    };
    this.redial = setTimeout(look, REDIAL_MS);
  }

  private dial(): void {
    const socket = connect(this.address.port, this.address.host);
    this.socket = socket;
    socket.setNoDelay(true);
    const limit = setTimeout(() => socket.destroy(new Error("no answer")), DIAL_LIMIT_MS);
    let isIn = false;
    socket.once("connect", () => {
      clearTimeout(limit);
      this.lastFailure = "";
      const stranger = strangerAtReader(socket, uid());
      if (stranger !== null) {
        this.shunned = ownReaderAt(this.address.host, this.address.port, uid());
        socket.destroy(new Error("the reader is not the system's"));
        if (stranger !== "nobody") this.tellStranger(stranger);
        return;
      }
      this.card = new CardInReader(this.transport, socket, () => {
        isIn = true;
        if (this.patience !== null) clearInterval(this.patience);
        this.patience = null;
        this.toldStranger = null;
        this.options.in?.();
      });
    });
    socket.on("error", (error) => {
      this.lastFailure = error.message;
      socket.destroy(); // pcscd is not there (yet); `close` follows
    });
    socket.once("close", () => {
      clearTimeout(limit);
      const wasThere = this.card !== null;
      this.card = null;
      this.socket = null;
      if (isIn) this.options.out?.();
      if (this.isClosed) return;
      if (isIn) this.waitToBeIn();
      const { shunned } = this;
      this.shunned = null;
      if (shunned !== null) return this.dialWhenOther(shunned);
      this.looks = 1;
      this.dialLater(wasThere ? this.emptyMs : REDIAL_MS);
    });
  }
}

/** Puts the token into the reader at `address`, and keeps it there until `close`, or until it has gone. */
export function plugIntoVpcd(transport: Transport, address: VpcdAddress, options: PlugOptions = {}): VpcdPlug {
  return new Plug(transport, address, options);
}
