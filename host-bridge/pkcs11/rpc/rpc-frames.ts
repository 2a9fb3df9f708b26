// Cuts a connection's bytes into frames, in whatever pieces they arrive. Whatever they are, the reader can go on behind them.
//
//   frame      call code (4) | length of options (4) | length of body (4) | options | body, all big-endian

export const HEADER_BYTES = 12;
/** A longer frame is read over; nothing that a signing token is sent comes near. */
export const MAX_FRAME_BYTES = 1 << 20;
/** What a body gets at first: room for more only as it arrives, so a header costs nothing, whatever it says. Not cleared: nobody sees it before it is full. */
const FIRST_ROOM_BYTES = 4096;

export interface Frame {
  readonly callCode: number;
  /** null: the frame was longer than MAX_FRAME_BYTES, and has been read over. */
  readonly body: Uint8Array | null;
}

export class FrameReader {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerFilled = 0;
  private toDropBytes = 0;
  private isTooLong = false;
  private bodyLength = 0;
  private body: Buffer = Buffer.alloc(0);
  private bodyFilled = 0;
  private rest: Buffer = Buffer.alloc(0);

  /** The bytes are the reader's from here on: it wipes them, since they may carry a PIN. */
  push(bytes: Buffer): void {
    if (this.rest.length === 0) {
      this.rest = bytes;
      return;
    }
    const joined = Buffer.concat([this.rest, bytes]);
    this.rest.fill(0);
    bytes.fill(0);
    this.rest = joined;
  }

  /** Arrived, and not looked at yet. */
  get waitingBytes(): number {
    return this.rest.length;
  }

  /** The next frame; null until more has arrived. */
  next(): Frame | null {
    if (this.headerFilled < HEADER_BYTES) {
      this.headerFilled += this.move(this.header, this.headerFilled, HEADER_BYTES);
      if (this.headerFilled < HEADER_BYTES) return null;
      this.begin();
    }
    this.drop();
    if (this.toDropBytes > 0) return null;
    while (this.bodyFilled < this.bodyLength) {
      if (this.rest.length === 0) return null;
      if (this.bodyFilled === this.body.length) this.grow();
      this.bodyFilled += this.move(this.body, this.bodyFilled, this.body.length);
    }
    this.headerFilled = 0;
    return { callCode: this.header.readUInt32BE(0), body: this.isTooLong ? null : this.body };
  }

  private begin(): void {
    const optionsLength = this.header.readUInt32BE(4);
    const bodyLength = this.header.readUInt32BE(8);
    this.isTooLong = optionsLength + bodyLength > MAX_FRAME_BYTES;
    this.toDropBytes = this.isTooLong ? optionsLength + bodyLength : optionsLength;
    this.bodyLength = this.isTooLong ? 0 : bodyLength;
    this.body = Buffer.allocUnsafe(Math.min(this.bodyLength, FIRST_ROOM_BYTES));
    this.bodyFilled = 0;
  }

  private grow(): void {
    const former = this.body;
    this.body = Buffer.allocUnsafe(Math.min(this.bodyLength, 2 * former.length));
    former.copy(this.body);
    former.fill(0);
  }

  private drop(): void {
    const length = Math.min(this.toDropBytes, this.rest.length);
    this.rest.fill(0, 0, length);
    this.rest = this.rest.subarray(length);
    this.toDropBytes -= length;
  }

  /** Moves what there is, and fits between `from` and `to`. */
  private move(target: Buffer, from: number, to: number): number {
    const length = Math.min(to - from, this.rest.length);
    this.rest.copy(target, from, 0, length);
    this.rest.fill(0, 0, length);
    this.rest = this.rest.subarray(length);
    return length;
  }
}
