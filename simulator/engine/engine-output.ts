// What comes out of an interpreter that plays a board: frames of packets, lines of the prelude («#…»), and whatever else it prints.

import { crc32 } from "node:zlib";
import { FRAME_BYTES, FRAME_SYNC, FrameReader, type TextCrc32 } from "../../protocol/serial-frame.ts";

/** Text that is neither is kept for whoever asks why the interpreter ended. */
const KEPT_CHARACTERS = 2000;

/** Of characters 0 to 255, or bytes. */
export const textCrc32: TextCrc32 = (text) => crc32(typeof text === "string" ? Buffer.from(text, "latin1") : text);

export interface EngineListener {
  onPacket(packet: Uint8Array): void;
  /** A line of the prelude without its «#». */
  onTold(line: string): void;
}

export class EngineOutput {
  private readonly listener: EngineListener;
  private readonly frames = new FrameReader(textCrc32);
  private rest = "";
  private line = "";
  private kept = "";

  constructor(listener: EngineListener) {
    this.listener = listener;
  }

  /** What was printed last, without frames and without the prelude's lines. */
  get printed(): string {
    return this.kept.trim();
  }

  /** @param text characters 0 to 255 */
  take(text: string): void {
    this.rest += text;
    for (;;) {
      const start = this.rest.indexOf(FRAME_SYNC);
      if (start < 0) {
        // Two characters of a sync may be there.
        const whole = Math.max(0, this.rest.length - 2);
        const end = this.rest.lastIndexOf("\n") + 1;
        this.cut(Math.max(whole, end), (piece) => this.takeText(piece));
        return;
      }
      this.cut(start, (piece) => this.takeText(piece));
      if (this.rest.length < FRAME_BYTES) return;
      this.cut(FRAME_BYTES, (frame) => {
        for (const packet of this.frames.take(frame)) this.listener.onPacket(new Uint8Array(Buffer.from(packet, "latin1")));
      });
    }
  }

  private cut(length: number, work: (piece: string) => void): void {
    const piece = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    if (piece !== "") work(piece);
  }

  private takeText(piece: string): void {
    const lines = (this.line + piece).split("\n");
    this.line = lines.pop() ?? "";
    for (const line of lines) {
      const clean = line.replace(/\r$/, "");
      if (clean.startsWith("#")) this.listener.onTold(clean.slice(1));
      else if (clean !== "") this.kept = `${this.kept}${clean}\n`.slice(-KEPT_CHARACTERS);
    }
  }
}
