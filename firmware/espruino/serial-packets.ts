// Packets over the board's USB serial port, in frames (protocol/serial-frame.ts). What goes out is written in place, into one frame that is used
// again and again: each copy of a packet would cost the interpreter more than all its bytes on the wire.

import { type Message, PACKET_BYTES } from "../../protocol/packet.ts";
import {
  CRC_OFFSET,
  FRAME_BYTES,
  FrameReader,
  NUMBER_OFFSET,
  nextFrameNumber,
  PACKET_OFFSET,
  SYNC_BYTES,
} from "../../protocol/serial-frame.ts";
import { PacketPort } from "../packet-port.ts";
import type { Token } from "../token.ts";

const INITIAL_BIT = 0x80;
const KIND_OFFSET = PACKET_OFFSET + 4;
const INIT_PAYLOAD_OFFSET = PACKET_OFFSET + 7;
const CONTINUATION_PAYLOAD_OFFSET = PACKET_OFFSET + 5;
const WORD_BYTES = 4;

export class SerialPacketPort extends PacketPort {
  private readonly frame: Uint8Array;
  /** Number and packet. */
  private readonly checked: Uint8Array;
  private readonly words: Uint32Array;
  private readonly zeros: Uint8Array;
  private number: number;

  constructor(token: Token) {
    super(token);
    this.frame = new Uint8Array(FRAME_BYTES);
    this.frame.set(SYNC_BYTES as number[], 0);
    this.checked = this.frame.subarray(NUMBER_OFFSET, CRC_OFFSET);
    this.words = new Uint32Array(this.frame.buffer);
    this.zeros = new Uint8Array(PACKET_BYTES);
    this.number = 0;
  }

  protected override sendMessage(_send: unknown, message: Message): void {
    const payload = message.payload;
    const id = message.channel;
    const length = payload.length;
    const head = [id >>> 24, id >>> 16, id >>> 8, id, message.command | INITIAL_BIT, length >> 8, length];
    this.frame.set(head, PACKET_OFFSET);
    let sent = this.write(payload, 0, INIT_PAYLOAD_OFFSET);
    for (let sequence = 0; sent < length; sequence++) {
      this.frame[KIND_OFFSET] = sequence;
      sent = this.write(payload, sent, CONTINUATION_PAYLOAD_OFFSET);
    }
  }

  /** Fills the frame from `offset` on with what comes at `from`, and lets it go. The answer is where the next one begins. */
  private write(payload: Uint8Array, from: number, offset: number): number {
    const frame = this.frame;
    const end = from + CRC_OFFSET - offset;
    if (end > payload.length) {
      frame.set(this.zeros.subarray(0, CRC_OFFSET - offset), offset);
      frame.set(from === 0 ? payload : payload.subarray(from, payload.length), offset);
    } else {
      frame.set(payload.subarray(from, end), offset);
    }
    frame[NUMBER_OFFSET] = this.number;
    this.number = nextFrameNumber(this.number);
    // The machine's order of bytes is the frame's.
    this.words[CRC_OFFSET / WORD_BYTES] = E.CRC32(this.checked);
    USB.write(frame);
    return end;
  }
}

/** From now on the serial port is the token's. A program that opens it anew ends what another one had under way, its proved PIN above all. */
export function servePackets(token: Token): void {
  const port = new SerialPacketPort(token);
  const reader = new FrameReader((text) => E.CRC32(text));
  const send = (): void => {};
  reader.onBeginning = () => port.disconnect(send);
  USB.on("data", (data) => {
    for (const packet of reader.take(data)) port.receive(new Uint8Array(E.toArrayBuffer(packet)), send);
  });
}
