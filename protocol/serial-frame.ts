// Packets on a serial port (USB CDC), where bytes may be lost, doubled, or preceded by a console's text: each in a frame.
//
//   sync C5 EA 75 | number (1) | packet (64) | CRC-32 of number and packet, least significant byte first (4)
//
// The number begins at 0 and goes up by one with each frame of a direction: 255, then 1 again. A number that was passed already is a frame that came
// twice, and dropped; 0 says that the writer is a new one, unless the frame is the very one that said so before.
// Works on strings of characters 0 to 255: an interpreter searches and cuts them without a loop of its own.

import { PACKET_BYTES } from "./packet.ts";

export const FRAME_SYNC = "\u00c5\u00ea\u0075";
export const SYNC_BYTES: readonly number[] = [0xc5, 0xea, 0x75];
export const NUMBER_OFFSET = 3;
export const PACKET_OFFSET = 4;
export const CRC_OFFSET = PACKET_OFFSET + PACKET_BYTES;
export const FRAME_BYTES = CRC_OFFSET + 4;
/** How far back a number is taken for one that came twice; so the others of the 255 may be lost in a row. */
const REMEMBERED_FRAMES = 64;
/** 1 to 255, around and around; 0 comes before the first. */
const NUMBERS = 255;
/** What CRC-32 gives over anything with its own CRC-32 behind it. */
const CRC_RESIDUE = 0x2144df1c;

/** CRC-32 of IEEE 802.3 over the characters of a string or over bytes; unsigned. */
export type TextCrc32 = (text: string | Uint8Array) => number;

/** Cuts a stream of characters into packets. */
export class FrameReader {
  /** Called when a new writer begins, before its first packet is given; null: nobody wants to know. */
  onBeginning: (() => void) | null;
  private readonly crc32: TextCrc32;
  private rest: string;
  private beginning: string;
  /** Of the newest frame; below 0: none has come. */
  private number: number;

  constructor(crc32: TextCrc32) {
    this.onBeginning = null;
    this.crc32 = crc32;
    this.rest = "";
    this.beginning = "";
    this.number = -1;
  }

  /** Takes what has come; the packets that are complete now, 64 characters each. Whatever is no frame is passed over. */
  take(text: string): string[] {
    let rest = this.rest + text;
    const packets: string[] = [];
    for (;;) {
      const start = rest.indexOf(FRAME_SYNC);
      if (start < 0) {
        // Two characters of a sync may be there.
        this.rest = rest.substring(rest.length - 2);
        return packets;
      }
      if (start > 0) rest = rest.substring(start);
      if (rest.length < FRAME_BYTES) {
        this.rest = rest;
        return packets;
      }
      const body = rest.substring(NUMBER_OFFSET, FRAME_BYTES);
      if (this.crc32(body) !== CRC_RESIDUE) {
        // A frame may begin inside of what looked like one.
        rest = rest.substring(1);
      } else {
        if (this.isNew(body)) packets.push(rest.substring(PACKET_OFFSET, CRC_OFFSET));
        rest = rest.substring(FRAME_BYTES);
      }
    }
  }

  private isNew(body: string): boolean {
    const number = body.charCodeAt(0);
    if (number === 0) {
      if (body === this.beginning) return false;
      this.beginning = body;
      if (this.onBeginning !== null) this.onBeginning();
    } else if (this.number >= 0) {
      const back = (this.number - number + NUMBERS) % NUMBERS;
      if (back < REMEMBERED_FRAMES) return false;
    }
    this.number = number;
    return true;
  }
}

export function nextFrameNumber(number: number): number {
  return (number % NUMBERS) + 1;
}

/** Makes the frames of one direction. */
export class FrameWriter {
  private readonly crc32: TextCrc32;
  private number: number;

  constructor(crc32: TextCrc32) {
    this.crc32 = crc32;
    this.number = 0;
  }

  /** The frame of a packet of 64 bytes. */
  frame(packet: Uint8Array): Uint8Array {
    const frame = new Uint8Array(FRAME_BYTES);
    frame.set(SYNC_BYTES as number[], 0);
    frame[NUMBER_OFFSET] = this.number;
    this.number = nextFrameNumber(this.number);
    frame.set(packet, PACKET_OFFSET);
    const crc = this.crc32(frame.subarray(NUMBER_OFFSET, CRC_OFFSET));
    frame.set([crc, crc >>> 8, crc >>> 16, crc >>> 24], CRC_OFFSET);
    return frame;
  }
}
