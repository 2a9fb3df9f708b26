// One connection to vpcd: a card that lies in a reader, from its insertion to its removal. The card is a channel of a token.

import type { Socket } from "node:net";
import { ANSWER_TO_RESET } from "../../protocol/answer-to-reset.ts";
import { encodeResponseApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { MAX_MESSAGE_BYTES } from "../../protocol/packet.ts";
import { SW_INTERNAL_ERROR, SW_WRONG_LENGTH } from "../../protocol/status-words.ts";
import { type TokenChannel, type Transport, TransportError } from "../transport/transport.ts";
import { CONTROL_GET_ATR, CONTROL_POWER_OFF, CONTROL_POWER_ON, CONTROL_RESET, VpcdMessageReader, vpcdMessage } from "./vpcd-messages.ts";

const WRONG_LENGTH = encodeResponseApdu(EMPTY_BYTES, SW_WRONG_LENGTH);
const NO_ANSWER = encodeResponseApdu(EMPTY_BYTES, SW_INTERNAL_ERROR);
/** How long what is written last may take to leave. */
const FLUSH_LIMIT_MS = 500;
/** vpcd waits for each answer before it sends more; all that it may send at once are a few control codes. Who sends more is no vpcd. */
const MAX_PENDING_MESSAGES = 8;
/** Of answers that nobody reads: two of the longest. */
const MAX_UNREAD_BYTES = 0x2_0000;
/**
 * After a control code pcscd polls again (every 400 ms). Who says nothing for so long waits for an answer: vpcd sends a command of one byte as it sends a
 * control code, and would keep the reader from everybody for ever (measured: pcscd 1.9.9 lets such a command through).
 */
export const SILENCE_LIMIT_MS = 2000;

export class CardInReader {
  private readonly transport: Transport;
  private readonly socket: Socket;
  private readonly messages = new VpcdMessageReader();
  /** Of the card since it was powered or reset: opened with its first command, so that polling costs the token nothing. */
  private channel: TokenChannel | null = null;
  private isAnswerDue = false;
  private isOver = false;
  private pendingMessages = 0;
  private silence: NodeJS.Timeout | null = null;
  private last: Promise<void> = Promise.resolve();

  /** @param onPolled called when pcscd asks for the first time: from then on it knows of the card */
  constructor(transport: Transport, socket: Socket, onPolled: () => void) {
    this.transport = transport;
    this.socket = socket;
    socket.once("data", onPolled);
    socket.on("data", (bytes: Buffer) => {
      for (const message of this.messages.take(bytes)) this.receive(message);
    });
    socket.on("close", () => this.end());
  }

  /**
   * Answers what is pending with 6F00, so that pcscd does not wait for ever, and takes the card out. Resolves when it is out; nothing is carried out
   * any more: neither what waits for the button nor what waits for the token.
   */
  async takeOut(): Promise<void> {
    if (this.isAnswerDue) this.send(NO_ANSWER);
    this.end();
    if (this.socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, FLUSH_LIMIT_MS); // a pcscd that has stopped reads nothing
      this.socket.end(() => {
        clearTimeout(limit);
        resolve();
      });
    });
    this.socket.destroy();
  }

  private end(): void {
    this.isOver = true;
    this.isAnswerDue = false;
    this.stopListeningForSilence();
    this.forgetChannel();
  }

  /** Also ends its wait for the button. */
  private forgetChannel(): void {
    this.channel?.cancel();
    this.channel?.close();
    this.channel = null;
  }

  private stopListeningForSilence(): void {
    if (this.silence !== null) clearTimeout(this.silence);
    this.silence = null;
  }

  /** Drops a connection that is not vpcd's, or whose vpcd waits for what will not come; the plug dials again. */
  private breakOff(): void {
    this.end();
    this.socket.destroy();
  }

  private receive(message: Uint8Array): void {
    const [code] = message;
    if (this.isOver || code === undefined) return;
    this.stopListeningForSilence();
    this.pendingMessages++;
    if (this.pendingMessages > MAX_PENDING_MESSAGES) {
      this.breakOff();
      return;
    }
    if (message.length > 1) this.isAnswerDue = true;
    this.last = this.last
      .then(() => (message.length === 1 ? this.control(code) : this.command(message)))
      .finally(() => {
        this.pendingMessages--;
      });
  }

  private control(code: number): void {
    if (this.isOver) return;
    if (code === CONTROL_GET_ATR) this.send(ANSWER_TO_RESET);
    else if (code === CONTROL_POWER_OFF || code === CONTROL_POWER_ON || code === CONTROL_RESET) {
      this.forgetChannel();
      if (this.pendingMessages > 1) return; // it has said more
      this.silence = setTimeout(() => this.breakOff(), SILENCE_LIMIT_MS);
    } else this.send(WRONG_LENGTH); // no control code of vpcd's: a command of one byte
  }

  private async command(apdu: Uint8Array): Promise<void> {
    if (this.isOver) return;
    try {
      const response = apdu.length > MAX_MESSAGE_BYTES ? WRONG_LENGTH : await this.exchange(apdu);
      if (!this.isAnswerDue) return;
      this.isAnswerDue = false;
      this.send(response);
    } catch (error) {
      if (error instanceof TransportError && error.failure === "busy" && this.isAnswerDue) {
        this.isAnswerDue = false;
        this.send(NO_ANSWER); // another program had the token all the time; this one's channel is as it was
      } else await this.takeOut(); // the channel's security status is lost, and clients are to know: the card comes back as another one
    }
  }

  private async exchange(apdu: Uint8Array): Promise<Uint8Array> {
    this.channel ??= await this.transport.openChannel();
    if (!this.isOver) return this.channel.transmit(apdu);
    this.forgetChannel(); // taken out while it was opened
    return NO_ANSWER;
  }

  private send(bytes: Uint8Array): void {
    if (this.socket.destroyed) return;
    this.socket.write(vpcdMessage(bytes));
    if (this.socket.writableLength > MAX_UNREAD_BYTES) this.breakOff();
  }
}
