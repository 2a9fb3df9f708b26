// Several clients on a board's one serial line: each hears what is for its own channels, as if the token had a line for each (simulator/packet-socket.ts).

import { bytesToHex, readUint32 } from "../../protocol/bytes.ts";
import {
  BROADCAST_CHANNEL,
  CMD_ERROR,
  CMD_INIT,
  ERROR_INVALID_CHANNEL,
  isInitialPacket,
  NONCE_BYTES,
  packetChannel,
  splitMessage,
} from "../../protocol/packet.ts";

type Send = (packet: Uint8Array) => void;

/** Bytes before an initial packet's payload. */
const PAYLOAD_OFFSET = 7;
const COMMAND_OFFSET = 4;
const INITIAL_BIT = 0x80;

/** Who waits for an answer on the broadcast channel, and by which nonce it is known; the token gives each packet there one answer, in order. */
interface Asking {
  readonly nonce: string;
  readonly send: Send;
}

const nonceIn = (packet: Uint8Array): string => bytesToHex(packet.subarray(PAYLOAD_OFFSET, PAYLOAD_OFFSET + NONCE_BYTES));

export class SharedLine {
  private readonly toToken: Send;
  private readonly owners = new Map<number, Send>();
  private asking: Asking[] = [];
  private readonly left = new Set<Send>();

  constructor(toToken: Send) {
    this.toToken = toToken;
  }

  /** A packet of a client; what is for it goes to `send`. */
  receive(packet: Uint8Array, send: Send): void {
    const channel = packetChannel(packet);
    if (channel === BROADCAST_CHANNEL) this.asking.push({ nonce: nonceIn(packet), send });
    else if (this.owners.get(channel) !== send) {
      if (isInitialPacket(packet)) refuse(channel, send);
      return;
    }
    this.toToken(packet);
  }

  /** A client has gone: its channels are closed. */
  disconnect(send: Send): void {
    for (const [channel, owner] of this.owners) if (owner === send) this.close(channel);
    if (this.asking.some((asking) => asking.send === send)) this.left.add(send);
  }

  /** A packet of the token. */
  deliver(packet: Uint8Array): void {
    const channel = packetChannel(packet);
    if (channel === BROADCAST_CHANNEL) this.answer(packet);
    else this.owners.get(channel)?.(packet);
  }

  private answer(packet: Uint8Array): void {
    const isGiven = packet[COMMAND_OFFSET] === (CMD_INIT | INITIAL_BIT);
    const asking = this.asking.find(({ nonce }) => !isGiven || nonce === nonceIn(packet));
    if (asking === undefined) return;
    this.asking = this.asking.filter((other) => other !== asking);
    const channel = readUint32(packet, PAYLOAD_OFFSET + NONCE_BYTES);
    const hasLeft = this.left.has(asking.send);
    if (hasLeft && !this.asking.some(({ send }) => send === asking.send)) this.left.delete(asking.send);
    if (hasLeft && isGiven) this.close(channel);
    if (hasLeft) return;
    if (isGiven) this.owners.set(channel, asking.send);
    asking.send(packet);
  }

  private close(channel: number): void {
    this.owners.delete(channel);
    for (const packet of splitMessage({ channel, command: CMD_INIT, payload: new Uint8Array(0) })) this.toToken(packet);
  }
}

function refuse(channel: number, send: Send): void {
  for (const packet of splitMessage({ channel, command: CMD_ERROR, payload: Uint8Array.of(ERROR_INVALID_CHANNEL) })) send(packet);
}
