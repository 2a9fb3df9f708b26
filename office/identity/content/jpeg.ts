// A JPEG as evidence (ITU-T T.81): every marker from SOI to EOI, one picture, not more than a viewer can take. What cameras put behind the
// picture (a second one, a film) is cut off: nobody sees it, and it may be anything.

import { ContentError } from "./content-error.ts";
import { checkDimensions, type Dimensions } from "./dimensions.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const RST0 = 0xd0;
const RST7 = 0xd7;
const TEM = 0x01;
/** Table B.1: baseline, extended, progressive, all of them Huffman coded. No viewer shows the others. */
const FRAMES = [0xc0, 0xc1, 0xc2];
const OTHER_FRAMES = [0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
/** DNL and the hierarchical ones: they change the dimensions that the frame has told. */
const CHANGING = [0xdc, 0xde, 0xdf];
/** A progressive picture of very many scans keeps a viewer busy for minutes. */
const MAX_SCANS = 100;
const BLOCK_PX = 64;

interface Frame extends Dimensions {
  readonly precision: number;
  readonly components: number;
}

/** §B.2.2. */
function frameOf(data: Uint8Array): Frame {
  const [precision = 0, h1 = 0, h0 = 0, w1 = 0, w0 = 0, components = 0] = data;
  if (data.length !== 6 + 3 * components) throw new ContentError("damaged");
  return { precision, height: (h1 << 8) | h0, width: (w1 << 8) | w0, components };
}

/** Where the coded data of a scan ends: at a marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= RST0 && next <= RST7)) return at;
  }
  throw new ContentError("damaged");
}

/** What a JPEG is made of, marker by marker. */
class Walk {
  readonly #bytes: Uint8Array;
  #frame: Frame | null = null;
  #scans = 0;
  #codedBytes = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns where the picture ends */
  run(): number {
    let at = 2;
    for (;;) {
      if (this.#bytes[at] !== 0xff) throw new ContentError("damaged");
      while (this.#bytes[at + 1] === 0xff) at++; // fill bytes, §B.1.1.2
      const marker = this.#bytes[at + 1];
      if (marker === EOI) {
        this.#finish();
        return at + 2;
      }
      if (marker === undefined || marker === 0 || marker === SOI || marker === TEM || (marker >= RST0 && marker <= RST7))
        throw new ContentError("damaged");
      at = this.#segment(marker, at + 2);
    }
  }

  #segment(marker: number, at: number): number {
    const length = ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
    const end = at + length;
    if (length < 2 || end > this.#bytes.length) throw new ContentError("damaged");
    if (OTHER_FRAMES.includes(marker) || CHANGING.includes(marker)) throw new ContentError("damaged");
    if (FRAMES.includes(marker)) this.#begin(frameOf(this.#bytes.subarray(at + 2, end)));
    return marker === SOS ? this.#scan(end) : end;
  }

  #begin(frame: Frame): void {
    if (this.#frame !== null) throw new ContentError("damaged");
    if (frame.precision !== 8 || ![1, 3, 4].includes(frame.components)) throw new ContentError("damaged");
    checkDimensions(frame);
    this.#frame = frame;
  }

  #scan(from: number): number {
    if (this.#frame === null) throw new ContentError("damaged");
    if (++this.#scans > MAX_SCANS) throw new ContentError("too-large");
    const end = endOfScan(this.#bytes, from);
    this.#codedBytes += end - from;
    return end;
  }

  /** Each block of 8 × 8 pixels takes a bit at the very least: with less, most of the picture is missing. */
  #finish(): void {
    if (this.#frame === null || this.#scans === 0) throw new ContentError("damaged");
    const { width, height } = this.#frame;
    if (this.#codedBytes * 8 < (width * height) / BLOCK_PX) throw new ContentError("damaged");
  }
}

/** @param bytes begin with the signature of JPEG @returns the picture without what is behind it @throws ContentError */
export function checkJpeg(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw new ContentError("type");
  return bytes.subarray(0, new Walk(bytes).run());
}
