// One command, one answer, over a channel: extended APDUs out, answers in several parts joined, and what was sent wiped.

import { encodeCommandApdu, INS_GET_RESPONSE, parseResponseApdu, type ResponseApdu } from "../../protocol/apdu.ts";
import { concatBytes } from "../../protocol/bytes.ts";
import { SW_MORE_DATA, SW_OK } from "../../protocol/status-words.ts";
import type { TokenChannel, TransmitOptions } from "../transport/transport.ts";
import { fromToken, MalformedAnswerError } from "./malformed-answer.ts";
import { TokenError } from "./token-error.ts";

const MAX_LE = 65536;
/** Of an answer in pieces: longer than any object, certificate or journal that there is. Each piece counts as 64 bytes at least, also an empty one. */
const MAX_ANSWER_BYTES = 0x4_0000;
const LEAST_PIECE_BYTES = 64;

export interface Command {
  /** For messages. */
  readonly name: string;
  readonly cla?: number;
  readonly ins: number;
  readonly p1?: number;
  readonly p2?: number;
  readonly data?: Uint8Array;
  /** As many bytes as that at most; absent: as many as there are. */
  readonly le?: number;
}

export class CommandChannel {
  private readonly channel: TokenChannel;

  constructor(channel: TokenChannel) {
    this.channel = channel;
  }

  close(): void {
    this.channel.close();
  }

  /** Gives up the wait for the button. */
  cancel(): void {
    this.channel.cancel();
  }

  /** The data of a command that must end in 9000. @throws TokenError, TransportError, MalformedAnswerError */
  async run(command: Command, options?: TransmitOptions): Promise<Uint8Array> {
    const { sw, data } = await this.transmit(command, options);
    if (sw !== SW_OK) throw new TokenError(sw, command.name);
    return data;
  }

  /** The answer, whatever its status word. @throws TransportError, MalformedAnswerError */
  async transmit(command: Command, options?: TransmitOptions): Promise<ResponseApdu> {
    const { cla = 0, ins, p1 = 0, p2 = 0, data = new Uint8Array(0), le = MAX_LE } = command;
    const apdu = encodeCommandApdu({ cla, ins, p1, p2, data, le });
    let response = await this.exchange(apdu, options);
    if ((response.sw & 0xff00) !== SW_MORE_DATA) return response;
    const parts = [response.data];
    let bytes = 0;
    while ((response.sw & 0xff00) === SW_MORE_DATA) {
      bytes += Math.max(response.data.length, LEAST_PIECE_BYTES);
      if (bytes > MAX_ANSWER_BYTES) throw new MalformedAnswerError(`an answer to ${command.name} that never ends`);
      const more = encodeCommandApdu({ cla: 0, ins: INS_GET_RESPONSE, p1: 0, p2: 0, data: new Uint8Array(0), le: MAX_LE });
      response = await this.exchange(more, options);
      parts.push(response.data);
    }
    return { data: concatBytes(parts), sw: response.sw };
  }

  private async exchange(apdu: Uint8Array, options?: TransmitOptions): Promise<ResponseApdu> {
    try {
      const answer = await this.channel.transmit(apdu, options);
      return fromToken(() => parseResponseApdu(answer));
    } finally {
      apdu.fill(0); // it may have carried a PIN, answered or not
    }
  }
}
