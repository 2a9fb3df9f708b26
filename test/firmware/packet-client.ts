// A client of a token's packets, for the unit tests of the firmware.

import type { PacketPort } from "../../firmware/packet-port.ts";
import { bytesToHex } from "../../protocol/bytes.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_ERROR,
  CMD_INIT,
  type Message,
  MessageAssembler,
  NONCE_BYTES,
  PACKET_BYTES,
  packetChannel,
  splitMessage,
} from "../../protocol/packet.ts";
import { apdu, type CommandParts } from "./card-commands.ts";

/** Channel, command, payload in hex. */
export type TakenMessage = [number, number, string];

/** The message by which the port refuses. */
export function errorOn(channel: number, code: number): TakenMessage {
  return [channel, CMD_ERROR, bytesToHex(new Uint8Array([code]))];
}

/** The other end of a token's cable: what a client sends in packets, and every message that it is sent. */
export class PacketClient {
  private readonly port: PacketPort;
  private readonly assembler = new MessageAssembler();
  private messages: Message[] = [];
  readonly take = (packet: Uint8Array): void => {
    if (packet.length !== PACKET_BYTES) throw new Error(`a packet of ${packet.length} bytes`);
    const message = this.assembler.accept(packet, packetChannel(packet));
    if (message !== null) this.messages.push(message);
  };

  constructor(port: PacketPort) {
    this.port = port;
  }

  send(channel: number, command: number, payload: Uint8Array): void {
    for (const packet of splitMessage({ channel, command, payload })) this.port.receive(packet, this.take);
  }

  /** All messages since the last call. */
  taken(): TakenMessage[] {
    const taken = this.messages;
    this.messages = [];
    return taken.map(({ channel, command, payload }) => [channel, command, bytesToHex(payload)]);
  }

  /** A new channel. */
  open(): number {
    this.send(BROADCAST_CHANNEL, CMD_INIT, new Uint8Array(NONCE_BYTES));
    return Number.parseInt(this.taken()[0]?.[2].slice(2 * NONCE_BYTES, -2) ?? "", 16);
  }

  /** The answer in hex to a command that is answered at once. */
  apdu(channel: number, parts: CommandParts): string {
    this.send(channel, CMD_APDU, apdu(parts));
    const [answer] = this.taken();
    if (answer?.[0] !== channel || answer[1] !== CMD_APDU) throw new Error(`the port answered ${answer}`);
    return answer[2];
  }
}
