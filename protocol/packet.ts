// 64-byte packets in the shape of CTAPHID (FIDO CTAP 2.1 §11.2.4): one carries a HID report, a serial port carries them back to
// back. A message is an initial packet (channel, command, length, 57 bytes) and continuations (channel, sequence, 59 bytes).

import { concatBytes, copyBytes, readUint32 } from "./bytes.ts";

export const PACKET_BYTES = 64;
const INIT_HEADER_BYTES = 7;
const CONTINUATION_HEADER_BYTES = 5;
const INIT_PAYLOAD_BYTES = PACKET_BYTES - INIT_HEADER_BYTES;
const CONTINUATION_PAYLOAD_BYTES = PACKET_BYTES - CONTINUATION_HEADER_BYTES;
const MAX_SEQUENCE = 0x7f;
/** 57 + 128 × 59. */
export const MAX_MESSAGE_BYTES = INIT_PAYLOAD_BYTES + (MAX_SEQUENCE + 1) * CONTINUATION_PAYLOAD_BYTES;
const INITIAL_BIT = 0x80;

/** Where INIT is sent by a client that has no channel yet. */
export const BROADCAST_CHANNEL = 0xffffffff;

/** Commands; the numbers are CTAPHID's where the meaning is. */
export const CMD_PING = 0x01;
/** A command APDU; the answer is its response APDU. */
export const CMD_APDU = 0x03;
/** Broadcast: 8 bytes of nonce → nonce, new channel (4), format version (1). On a channel: abandons what is under way there. */
export const CMD_INIT = 0x06;
/** Ends a wait for the button; has no answer of its own. */
export const CMD_CANCEL = 0x11;
/** Token → host, while a command is worked on: one byte of WAITING_*. */
export const CMD_KEEPALIVE = 0x3b;
/** Token → host: one byte of ERROR_*. */
export const CMD_ERROR = 0x3f;

export const WAITING_FOR_BUTTON = 0x02;

export const ERROR_INVALID_COMMAND = 0x01;
export const ERROR_INVALID_LENGTH = 0x03;
export const ERROR_INVALID_SEQUENCE = 0x04;
export const ERROR_CHANNEL_BUSY = 0x06;
export const ERROR_INVALID_CHANNEL = 0x0b;

export const NONCE_BYTES = 8;
/** Version of this packet format, told by INIT. */
export const PACKET_FORMAT_VERSION = 1;

export interface Message {
  readonly channel: number;
  readonly command: number;
  readonly payload: Uint8Array;
}

/** A packet that has no place in its message; `code` is one of ERROR_*. A plain class: Espruino cannot extend Error. */
export class PacketError {
  readonly channel: number;
  readonly code: number;
  constructor(channel: number, code: number) {
    this.channel = channel;
    this.code = code;
  }
}

export function packetChannel(packet: Uint8Array): number {
  return readUint32(packet, 0);
}

/** The packets of a message, each of 64 bytes, zero-filled. `payload` has at most MAX_MESSAGE_BYTES. */
export function splitMessage(message: Message): Uint8Array[] {
  const payload = message.payload;
  if (payload.length > MAX_MESSAGE_BYTES) throw new PacketError(message.channel, ERROR_INVALID_LENGTH);
  const length = payload.length;
  const initial = new Uint8Array(PACKET_BYTES);
  const id = message.channel;
  const channel = [id >>> 24, id >>> 16, id >>> 8, id];
  initial.set(channel, 0);
  initial.set([message.command | INITIAL_BIT, length >> 8, length & 0xff], 4);
  initial.set(length > INIT_PAYLOAD_BYTES ? payload.subarray(0, INIT_PAYLOAD_BYTES) : payload, INIT_HEADER_BYTES);
  const packets = [initial];
  let sent = INIT_PAYLOAD_BYTES;
  for (let sequence = 0; sent < length; sequence++) {
    const packet = new Uint8Array(PACKET_BYTES);
    packet.set(channel, 0);
    packet[4] = sequence;
    packet.set(payload.subarray(sent, Math.min(sent + CONTINUATION_PAYLOAD_BYTES, length)), CONTINUATION_HEADER_BYTES);
    packets.push(packet);
    sent += CONTINUATION_PAYLOAD_BYTES;
  }
  return packets;
}

export function isInitialPacket(packet: Uint8Array): boolean {
  return (packet[4] & INITIAL_BIT) !== 0;
}

export function isContinuation(packet: Uint8Array): boolean {
  return !isInitialPacket(packet);
}

/** Joins the packets of one channel to messages. One message at a time: a packet out of order ends it. */
export class MessageAssembler {
  private channel: number;
  private command: number;
  private expected: number;
  private received: number;
  private sequence: number;
  private parts: Uint8Array[];
  constructor() {
    this.channel = 0;
    this.command = 0;
    this.expected = -1;
    this.received = 0;
    this.sequence = 0;
    this.parts = [];
  }

  /** True between the initial packet of a message and its last. */
  isUnderWay(): boolean {
    return this.expected >= 0;
  }

  /** Length of the message that is under way; 0: none is. */
  pendingBytes(): number {
    return Math.max(0, this.expected);
  }

  reset(): void {
    this.expected = -1;
    this.parts = [];
  }

  /**
   * The message that this packet completes, or null while more are to come. The payload of one that fits a packet is a view of it.
   * @param channel the packet's: packetChannel
   * @throws PacketError on a packet that is not of 64 bytes, a length over MAX_MESSAGE_BYTES, a sequence out of order, or a continuation of nothing; what was begun is dropped
   */
  accept(packet: Uint8Array, channel: number): Message | null {
    if (packet.length !== PACKET_BYTES) throw new PacketError(BROADCAST_CHANNEL, ERROR_INVALID_LENGTH);
    const kind = packet[4];
    if (kind >= INITIAL_BIT) {
      const expected = (packet[5] << 8) | packet[6];
      const command = kind & ~INITIAL_BIT;
      if (this.expected >= 0) this.reset();
      if (expected <= INIT_PAYLOAD_BYTES) {
        return { channel, command, payload: packet.subarray(INIT_HEADER_BYTES, INIT_HEADER_BYTES + expected) };
      }
      if (expected > MAX_MESSAGE_BYTES) throw new PacketError(channel, ERROR_INVALID_LENGTH);
      this.channel = channel;
      this.command = command;
      this.expected = expected;
      this.sequence = 0;
      this.received = INIT_PAYLOAD_BYTES;
      this.parts.push(copyBytes(packet, INIT_HEADER_BYTES, PACKET_BYTES));
    } else {
      if (!this.isUnderWay() || channel !== this.channel || kind !== this.sequence) {
        this.reset();
        throw new PacketError(channel, ERROR_INVALID_SEQUENCE);
      }
      const length = Math.min(this.expected - this.received, CONTINUATION_PAYLOAD_BYTES);
      this.parts.push(copyBytes(packet, CONTINUATION_HEADER_BYTES, CONTINUATION_HEADER_BYTES + length));
      this.received += length;
      this.sequence++;
    }
    if (this.received < this.expected) return null;
    const message = { channel: this.channel, command: this.command, payload: concatBytes(this.parts) };
    this.reset();
    return message;
  }
}
