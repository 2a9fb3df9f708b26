// The host's side of the packets, over anything that carries 64 bytes both ways: opens channels, joins answers, waits while the token
// tells that it is at work, tries again while another client has it.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { equalBytes, readUint32 } from "../../protocol/bytes.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_CANCEL,
  CMD_ERROR,
  CMD_INIT,
  CMD_KEEPALIVE,
  ERROR_CHANNEL_BUSY,
  MAX_MESSAGE_BYTES,
  type Message,
  MessageAssembler,
  NONCE_BYTES,
  PACKET_FORMAT_VERSION,
  PacketError,
  packetChannel,
  splitMessage,
  WAITING_FOR_BUTTON,
} from "../../protocol/packet.ts";
import { type TokenChannel, type TransmitOptions, TransportError } from "./transport.ts";

/** The longest that the token may be silent: it tells every 250 ms that it waits for the button. */
const SILENCE_MS = 5000;
const BUSY_RETRY_MS = 20;
/** Longer than a wait for the button. */
const BUSY_LIMIT_MS = 20_000;

/** A cable that carries packets. */
export interface PacketCarrier {
  send(packet: Uint8Array): void;
  onPacket(take: (packet: Uint8Array) => void): void;
  readonly gone: Promise<void>;
  /** NONCE_BYTES random bytes for an INIT, where the cable wants to choose them. */
  nonce?(): Uint8Array;
}

interface Pending {
  /** Of the answer: a channel that nobody waits on keeps nothing. On a HID device other programs' packets come by, too. */
  readonly assembler: MessageAssembler;
  take(message: Message): void;
  fail(error: TransportError): void;
}

export class PacketLink {
  private readonly carrier: PacketCarrier;
  private readonly pending = new Map<number, Pending>();
  private opening: Promise<unknown> = Promise.resolve();
  private isGone = false;

  constructor(carrier: PacketCarrier) {
    this.carrier = carrier;
    carrier.onPacket((packet) => this.receive(packet));
    void carrier.gone.then(() => {
      this.isGone = true;
      for (const waiting of this.pending.values()) waiting.fail(goneError());
    });
  }

  /** Asks the token for a channel of one's own. One at a time: all who ask share the broadcast channel. */
  openChannel(): Promise<TokenChannel> {
    const opened = this.opening.then(async () => {
      const nonce = this.carrier.nonce?.() ?? new Uint8Array(randomBytes(NONCE_BYTES));
      const isOwn = ({ command, payload }: Message): boolean =>
        command === CMD_ERROR || equalBytes(payload.subarray(0, NONCE_BYTES), nonce);
      const answer = await this.ask({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: nonce }, isOwn);
      if (answer.command === CMD_ERROR) throw packetError(answer.payload[0]);
      if (answer.command !== CMD_INIT || answer.payload[NONCE_BYTES + 4] !== PACKET_FORMAT_VERSION) {
        throw new TransportError("confused", "the token speaks another version of the packet format");
      }
      return new PacketChannel(this, readUint32(answer.payload, NONCE_BYTES));
    });
    this.opening = opened.catch(() => undefined); // the next in line does not care how this one ended
    return opened;
  }

  /**
   * Sends a message and waits for the one that `isAnswer` accepts on its channel.
   * @throws TransportError; PacketError before anything is sent, when the payload is longer than MAX_MESSAGE_BYTES
   */
  ask(message: Message, isAnswer: (answer: Message) => boolean, options: TransmitOptions = {}): Promise<Message> {
    if (this.isGone) return Promise.reject(goneError());
    const packets = splitMessage(message);
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        this.pending.delete(message.channel);
        act();
      };
      const fail = (error: TransportError): void => finish(() => reject(error));
      const timer = setTimeout(() => fail(new TransportError("silent", "the token does not answer")), SILENCE_MS);
      this.pending.set(message.channel, {
        assembler: new MessageAssembler(),
        fail,
        take: (answer) => {
          if (answer.command === CMD_KEEPALIVE) {
            timer.refresh();
            if (answer.payload[0] === WAITING_FOR_BUTTON) options.onButton?.();
          } else if (isAnswer(answer)) finish(() => resolve(answer));
        },
      });
      for (const packet of packets) this.carrier.send(packet);
    });
  }

  send(message: Message): void {
    for (const packet of splitMessage(message)) this.carrier.send(packet);
  }

  private receive(packet: Uint8Array): void {
    const channel = packetChannel(packet);
    const waiting = this.pending.get(channel);
    if (waiting === undefined) return;
    try {
      const message = waiting.assembler.accept(packet, channel);
      if (message !== null) waiting.take(message);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      waiting.fail(new TransportError("confused", "the token's packets are out of order"));
    }
  }
}

function packetError(code: number | undefined): TransportError {
  if (code === ERROR_CHANNEL_BUSY) return new TransportError("busy", "another program keeps the token busy");
  return new TransportError("confused", `the token answered with packet error ${code}`);
}

function goneError(): TransportError {
  return new TransportError("gone", "the token is not plugged in any more");
}

class PacketChannel implements TokenChannel {
  private readonly link: PacketLink;
  private readonly id: number;
  /** Ends with the command that came last; null: none is under way. */
  private last: Promise<void> | null = null;
  /**
   * Why nothing is sent on this channel any more: a command is out whose answer did not come, or came in pieces. It may still come, and
   * nothing in an answer tells which command it belongs to.
   */
  private death: TransportError | null = null;

  constructor(link: PacketLink, id: number) {
    this.link = link;
    this.id = id;
  }

  transmit(apdu: Uint8Array, options?: TransmitOptions): Promise<Uint8Array> {
    const answered = this.last === null ? this.exchange(apdu, options) : this.last.then(() => this.exchange(apdu, options));
    const end = (): void => {
      if (this.last === ended) this.last = null;
    };
    const ended = answered.then(end, end); // the next in line does not care how this one ended
    this.last = ended;
    return answered;
  }

  cancel(): void {
    this.link.send({ channel: this.id, command: CMD_CANCEL, payload: new Uint8Array(0) });
  }

  close(): void {
    this.link.send({ channel: this.id, command: CMD_INIT, payload: new Uint8Array(0) });
  }

  private async exchange(apdu: Uint8Array, options?: TransmitOptions): Promise<Uint8Array> {
    if (apdu.length > MAX_MESSAGE_BYTES) throw new TransportError("confused", `a command of ${apdu.length} bytes fits into no message`);
    const deadline = Date.now() + BUSY_LIMIT_MS;
    for (;;) {
      if (this.death !== null) throw new TransportError(this.death.failure, this.death.message, { cause: this.death });
      const answer = await this.askOnce(apdu, options);
      if (answer !== null) return answer;
      if (Date.now() > deadline) throw new TransportError("busy", "another program has kept the token busy for 20 s");
      await sleep(BUSY_RETRY_MS);
    }
  }

  /** The answer, or null when the token is busy. */
  private async askOnce(apdu: Uint8Array, options?: TransmitOptions): Promise<Uint8Array | null> {
    try {
      const answer = await this.link.ask({ channel: this.id, command: CMD_APDU, payload: apdu }, () => true, options);
      if (answer.command === CMD_APDU) return answer.payload;
      const code = answer.command === CMD_ERROR ? answer.payload[0] : undefined;
      if (code === ERROR_CHANNEL_BUSY) return null;
      throw packetError(code);
    } catch (error) {
      if (error instanceof TransportError && (error.failure === "silent" || error.failure === "confused")) this.death = error;
      throw error;
    }
  }
}
