// One command APDU on its way through the token: waits until the token is free, and tells that it still goes on while the button is waited for.

import type { Channel } from "../../firmware/channel.ts";
import type { Token } from "../../firmware/token.ts";

/** What the reader needs of a token. */
export type CardToken = Pick<Token, "isBusy" | "transmit" | "cancel" | "powerOff">;

const BUSY_POLL_MS = 20;

export interface ExchangeListener {
  /** Nothing yet: the host is to wait longer. */
  goesOn(): void;
  answered(response: Uint8Array): void;
}

export class CardExchange {
  private readonly token: CardToken;
  private readonly channel: Channel;
  private readonly listener: ExchangeListener;
  private readonly reminder: NodeJS.Timeout;
  private poll: NodeJS.Timeout | null = null;
  private isOver = false;

  /** To be started by `run`. */
  constructor(token: CardToken, channel: Channel, extensionMs: number, listener: ExchangeListener) {
    this.token = token;
    this.channel = channel;
    this.listener = listener;
    this.reminder = setInterval(() => listener.goesOn(), extensionMs);
  }

  /** The answer may come before this returns. @param apdu its bytes are the token's from here on */
  run(apdu: Uint8Array): void {
    if (this.token.isBusy()) {
      this.poll = setTimeout(() => this.run(apdu), BUSY_POLL_MS);
      return;
    }
    this.poll = null;
    this.token.transmit(this.channel, apdu, (response) => {
      if (this.isOver) return;
      this.end();
      this.listener.answered(response);
    });
  }

  /** Gives up: nothing is answered any more, and a command that has not begun never does. */
  abandon(): void {
    this.end();
    this.token.cancel(this.channel);
  }

  private end(): void {
    this.isOver = true;
    clearInterval(this.reminder);
    if (this.poll !== null) clearTimeout(this.poll);
  }
}
