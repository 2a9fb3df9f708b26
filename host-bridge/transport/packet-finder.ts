// Finds a token's packets in what a serial port gives. Packets run back to back without marks between them, so one byte too many (a boot
// message, an echo, what another program wrote) would shift all that follow: the place is found again by what a packet must begin with.

import { equalBytes, readUint32 } from "../../protocol/bytes.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_ERROR,
  CMD_INIT,
  CMD_KEEPALIVE,
  CMD_PING,
  isInitialPacket,
  MAX_MESSAGE_BYTES,
  NONCE_BYTES,
  PACKET_BYTES,
} from "../../protocol/packet.ts";

const CHANNEL_BYTES = 4;
const HEADER_BYTES = 7;
const INITIAL_BIT = 0x80;
/** The answer to INIT on the broadcast channel (86, 13 bytes), or an error there (BF, 1 byte). An echo of our own INIT has 8. */
const BROADCAST_HEADS: readonly Uint8Array[] = [
  Uint8Array.of(CMD_INIT | INITIAL_BIT, 0, NONCE_BYTES + CHANNEL_BYTES + 1),
  Uint8Array.of(CMD_ERROR | INITIAL_BIT, 0, 1),
];
const ANSWERS: readonly number[] = [CMD_APDU, CMD_PING, CMD_KEEPALIVE, CMD_ERROR].map((command) => command | INITIAL_BIT);

export class PacketFinder {
  private received = new Uint8Array(0);
  /** Channels that this token has given. */
  private readonly channels = new Set<number>();
  /** False between a byte that belongs to no packet and the next packet's beginning: then only an initial packet is believed. */
  private isInStep = true;

  /** Takes bytes as they come; gives the packets that they complete. */
  accept(bytes: Uint8Array): Uint8Array[] {
    const joined = new Uint8Array(this.received.length + bytes.length);
    joined.set(this.received);
    joined.set(bytes, this.received.length);
    const packets: Uint8Array[] = [];
    let at = 0;
    while (joined.length - at >= HEADER_BYTES) {
      if (!this.isBeginning(joined.subarray(at, at + HEADER_BYTES))) {
        this.isInStep = false;
        at++;
      } else if (joined.length - at < PACKET_BYTES) break;
      else {
        const packet = joined.slice(at, at + PACKET_BYTES);
        this.isInStep = true;
        this.learn(packet);
        packets.push(packet);
        at += PACKET_BYTES;
      }
    }
    this.received = joined.slice(at);
    return packets;
  }

  private isBeginning(head: Uint8Array): boolean {
    const channel = readUint32(head, 0);
    const rest = head.subarray(CHANNEL_BYTES);
    if (channel === BROADCAST_CHANNEL) return BROADCAST_HEADS.some((known) => equalBytes(known, rest));
    if (!this.channels.has(channel)) return false;
    if (!isInitialPacket(head)) return this.isInStep;
    const [command = 0, high = 0, low = 0] = rest;
    return ANSWERS.includes(command) && ((high << 8) | low) <= MAX_MESSAGE_BYTES;
  }

  /** The channel that an answer to INIT gives. */
  private learn(packet: Uint8Array): void {
    if (readUint32(packet, 0) !== BROADCAST_CHANNEL || packet[CHANNEL_BYTES] !== (CMD_INIT | INITIAL_BIT)) return;
    this.channels.add(readUint32(packet, HEADER_BYTES + NONCE_BYTES));
  }
}
