// Puts the simulated token into the virtual reader of vsmartcard (vpcd), so that PC/SC software sees a smart card. Messages both ways:
// a length of two bytes, big-endian, then as many bytes; one byte is a control code, more are a command APDU.

import { connect, type Socket } from "node:net";
import { Channel } from "../firmware/channel.ts";
import type { Token } from "../firmware/token.ts";
import { ANSWER_TO_RESET } from "../protocol/answer-to-reset.ts";
import { encodeResponseApdu } from "../protocol/apdu.ts";
import { EMPTY_BYTES } from "../protocol/bytes.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";

const CONTROL_POWER_OFF = 0;
const CONTROL_POWER_ON = 1;
const CONTROL_RESET = 2;
const CONTROL_GET_ATR = 4;
const REDIAL_MS = 200;
const BUSY_POLL_MS = 20;

export interface VpcdPlug {
  /** Answers what is pending with 6F00, so that pcscd does not wait for ever, and takes the card out. */
  close(): void;
}

export interface VpcdAddress {
  readonly host: string;
  readonly port: number;
}

class Reader {
  private readonly token: Token;
  private readonly socket: Socket;
  private readonly channel = new Channel();
  private received = Buffer.alloc(0);
  private isAnswerDue = false;
  private isOver = false;

  constructor(token: Token, socket: Socket) {
    this.token = token;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("close", () => this.takeOut());
  }

  close(): void {
    if (this.isAnswerDue && !this.isOver) this.send(encodeResponseApdu(EMPTY_BYTES, SW_INTERNAL_ERROR));
    this.takeOut();
    this.socket.end();
  }

  /** From here on nothing is carried out: neither what waits for the button nor what waits for the token. */
  private takeOut(): void {
    this.isOver = true;
    this.isAnswerDue = false;
    this.token.powerOff(this.channel);
  }

  private take(bytes: Buffer): void {
    if (this.isOver) return;
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 2) {
      const end = 2 + this.received.readUInt16BE(0);
      if (this.received.length < end) return;
      const message = new Uint8Array(this.received.subarray(2, end));
      this.received = this.received.subarray(end);
      if (message.length === 1) this.control(message[0] ?? 0);
      else if (message.length > 1) this.command(message);
    }
  }

  private control(code: number): void {
    if (code === CONTROL_GET_ATR) this.send(ANSWER_TO_RESET);
    else if (code === CONTROL_POWER_OFF || code === CONTROL_POWER_ON || code === CONTROL_RESET) this.token.powerOff(this.channel);
  }

  private command(apdu: Uint8Array): void {
    if (this.isOver) return;
    this.isAnswerDue = true;
    if (this.token.isBusy()) {
      setTimeout(() => this.command(apdu), BUSY_POLL_MS);
      return;
    }
    this.token.transmit(this.channel, apdu, (response) => {
      if (!this.isAnswerDue) return;
      this.isAnswerDue = false;
      this.send(response);
    });
  }

  private send(bytes: Uint8Array): void {
    if (this.socket.destroyed) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    this.socket.write(Buffer.concat([length, bytes]));
  }
}

/** Keeps the token in the reader: dials again whenever pcscd goes and comes. */
export function plugIntoVpcd(token: Token, address: VpcdAddress): VpcdPlug {
  let reader: Reader | null = null;
  let redial: NodeJS.Timeout | null = null;
  let dialling: Socket | null = null;
  let isClosed = false;
  const dial = (): void => {
    const socket = connect(address.port, address.host);
    dialling = socket;
    socket.on("connect", () => {
      dialling = null;
      reader = new Reader(token, socket);
    });
    socket.on("error", () => socket.destroy()); // pcscd is not there (yet); `close` follows
    socket.on("close", () => {
      reader = null;
      if (!isClosed) redial = setTimeout(dial, REDIAL_MS);
    });
  };
  dial();
  return {
    close: () => {
      isClosed = true;
      if (redial !== null) clearTimeout(redial);
      dialling?.destroy();
      reader?.close();
    },
  };
}
