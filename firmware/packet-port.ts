// The token's side of the packets: joins them to messages, gives each client a channel of its own, keeps it informed while the button
// is waited for.

import { concatBytes, readUint32, writeUint32 } from "../protocol/bytes.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_CANCEL,
  CMD_ERROR,
  CMD_INIT,
  CMD_KEEPALIVE,
  CMD_PING,
  ERROR_CHANNEL_BUSY,
  ERROR_INVALID_CHANNEL,
  ERROR_INVALID_COMMAND,
  ERROR_INVALID_LENGTH,
  isInitialPacket,
  type Message,
  MessageAssembler,
  NONCE_BYTES,
  PACKET_FORMAT_VERSION,
  PacketError,
  splitMessage,
  WAITING_FOR_BUTTON,
} from "../protocol/packet.ts";
import { Channel } from "./channel.ts";
import { randomBytes } from "./hal.ts";
import { MAX_CHANNELS, MAX_KEPT_BYTES } from "./limits.ts";
import type { Token } from "./token.ts";

const KEEPALIVE_MS = 250;
const FIRST_CHANNEL = 1;
const ID_BYTES = 4;
/** One in 2^30 does not do. */
const ID_TRIES = 3;

type Send = (packet: Uint8Array) => void;

interface Line {
  readonly id: number;
  readonly channel: Channel;
  readonly assembler: MessageAssembler;
  /** Where answers on this channel go. */
  readonly send: Send;
}

export class PacketPort {
  private readonly token: Token;
  /** The line used last is at the end. */
  private lines: Line[];
  private nextId: number;

  constructor(token: Token) {
    this.token = token;
    this.lines = [];
    this.nextId = FIRST_CHANNEL;
  }

  /**
   * Takes one packet of 64 bytes; answers go to `send`, now or later. A board has one `send`, the simulator one for each client. The packet is the
   * token's from here on: what waits for the button is a view of it, so nobody may write into it again.
   */
  receive(packet: Uint8Array, send: Send): void {
    const id = readUint32(packet, 0);
    if (id === BROADCAST_CHANNEL) {
      this.open(packet, send);
      return;
    }
    const line = this.lineOf(id, send);
    if (line === null) {
      if (isInitialPacket(packet)) this.sendError(send, id, ERROR_INVALID_CHANNEL);
      return;
    }
    try {
      const message = line.assembler.accept(packet, id);
      if (message !== null) this.handle(line, message);
      else if (isInitialPacket(packet)) this.limitKept();
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.sendError(send, id, error.code);
    }
  }

  /** The line, moved to the end. Most often it is there already. */
  private lineOf(id: number, send: Send): Line | null {
    let i = this.lines.length - 1;
    if (i >= 0 && this.lines[i].id === id && this.lines[i].send === send) return this.lines[i];
    while (i >= 0 && !(this.lines[i].id === id && this.lines[i].send === send)) i--;
    if (i < 0) return null;
    const line = this.lines.splice(i, 1)[0];
    this.lines.push(line);
    return line;
  }

  /** Forgets the channels of a client that has gone. */
  disconnect(send: Send): void {
    for (const line of this.lines) if (line.send === send) this.token.powerOff(line.channel);
    this.lines = this.lines.filter((line) => line.send !== send);
  }

  /** Drops the messages of the channels unused for longest when all that are under way are too long for a board's memory. */
  private limitKept(): void {
    let sum = 0;
    for (const line of this.lines) sum += line.assembler.pendingBytes();
    for (const line of this.lines) {
      if (sum <= MAX_KEPT_BYTES) return;
      sum -= line.assembler.pendingBytes();
      line.assembler.reset();
    }
  }

  private open(packet: Uint8Array, send: Send): void {
    const assembler = new MessageAssembler();
    let message: Message | null;
    try {
      message = assembler.accept(packet, BROADCAST_CHANNEL);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.sendError(send, BROADCAST_CHANNEL, error.code);
      return;
    }
    if (message === null || message.payload.length !== NONCE_BYTES) this.sendError(send, BROADCAST_CHANNEL, ERROR_INVALID_LENGTH);
    else if (message.command !== CMD_INIT) this.sendError(send, BROADCAST_CHANNEL, ERROR_INVALID_COMMAND);
    else this.giveChannel(message.payload, send);
  }

  private giveChannel(nonce: Uint8Array, send: Send): void {
    if (this.lines.length === MAX_CHANNELS) {
      this.token.powerOff(this.lines[0].channel);
      this.lines.splice(0, 1);
    }
    const id = this.newId();
    this.lines.push({ id, channel: new Channel(), assembler: new MessageAssembler(), send });
    const given = new Uint8Array(5);
    writeUint32(given, 0, id);
    given[4] = PACKET_FORMAT_VERSION;
    this.sendMessage(send, { channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: concatBytes([nonce, given]) });
  }

  /**
   * A number that nobody guesses: on a cable without an end of its own (a serial port) whoever knew a channel could go on where another program, ended
   * in the meantime, has proved the PIN. Without randomness (a board whose noise has failed still signs) the numbers are counted.
   */
  private newId(): number {
    for (let i = 0; i < ID_TRIES; i++) {
      const id = this.randomId();
      if (id !== BROADCAST_CHANNEL && id >= FIRST_CHANNEL && !this.isInUse(id)) return id;
    }
    while (this.isInUse(this.nextId)) this.nextId++;
    return this.nextId++;
  }

  /** 0: there is none. */
  private randomId(): number {
    try {
      return readUint32(randomBytes(this.token.card.hal.rng, ID_BYTES), 0);
    } catch (_) {
      return 0;
    }
  }

  private isInUse(id: number): boolean {
    for (const line of this.lines) if (line.id === id) return true;
    return false;
  }

  private handle(line: Line, message: Message): void {
    if (message.command === CMD_APDU) this.exchange(line, message.payload);
    else if (message.command === CMD_CANCEL) this.token.cancel(line.channel);
    else if (message.command === CMD_PING) this.sendMessage(line.send, message);
    else if (message.command === CMD_INIT) this.close(line);
    else this.sendError(line.send, line.id, ERROR_INVALID_COMMAND);
  }

  private close(line: Line): void {
    this.token.powerOff(line.channel);
    this.lines = this.lines.filter((other) => other !== line);
  }

  private exchange(line: Line, apdu: Uint8Array): void {
    if (this.token.isBusy()) {
      this.sendError(line.send, line.id, ERROR_CHANNEL_BUSY);
      return;
    }
    let stopKeepAlive: (() => void) | null = null;
    let answered = false;
    this.token.transmit(line.channel, apdu, (response) => {
      answered = true;
      if (stopKeepAlive !== null) stopKeepAlive();
      this.sendMessage(line.send, { channel: line.id, command: CMD_APDU, payload: response });
    });
    if (answered) return;
    const keepAlive = { channel: line.id, command: CMD_KEEPALIVE, payload: new Uint8Array([WAITING_FOR_BUTTON]) };
    this.sendMessage(line.send, keepAlive);
    stopKeepAlive = this.token.card.hal.clock.every(KEEPALIVE_MS, () => this.sendMessage(line.send, keepAlive));
  }

  /** A board writes the packets in a way of its own. */
  protected sendMessage(send: Send, message: Message): void {
    for (const packet of splitMessage(message)) send(packet);
  }

  private sendError(send: Send, channel: number, code: number): void {
    this.sendMessage(send, { channel, command: CMD_ERROR, payload: new Uint8Array([code]) });
  }
}
