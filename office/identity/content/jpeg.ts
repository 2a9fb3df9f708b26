// A JPEG as evidence (ITU-T T.81): every marker from SOI to EOI, one picture, not more than a viewer can take. What cameras put behind the
// picture (a second one, a film) is cut off: nobody sees it, and it may be anything. So is what they say beside it: where and when it was taken, by which
// device, a small picture of it, comments. The picture's own bytes stay as they came.

import { ContentError } from "./content-error.ts";
import { checkDimensions, type Dimensions } from "./dimensions.ts";
import { orientationAlone, orientationOf, UPRIGHT } from "./orientation.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const RST0 = 0xd0;
const RST7 = 0xd7;
const TEM = 0x01;
/** Tables of a picture: DHT, DQT, DRI. What is no table, frame or scan is none of the picture. */
const TABLES = [0xc4, 0xdb, 0xdd];
/** Applications' own segments, §B.2.4.6. */
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
/** Those without which the picture looks otherwise: that it is a JFIF (ISO 10918-5), its colours (ICC.1 §B.4, Adobe's technical note 5116). */
const KEPT: readonly (readonly [number, string])[] = [
  [APP0, "JFIF\0"],
  [APP2, "ICC_PROFILE\0"],
  [APP14, "Adobe"],
];
const EXIF = "Exif\0\0";
/** JFIF 1.02 without the small picture that may follow. */
const JFIF_BYTES = 14;
const THUMBNAIL_AT = 12;
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

const begins = (data: Uint8Array, text: string): boolean =>
  data.length >= text.length && [...text].every((letter, index) => data[index] === letter.charCodeAt(0));

function segment(marker: number, data: Uint8Array): Uint8Array {
  const length = data.length + 2;
  return Buffer.concat([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), data]);
}

/** JFIF's segment: versions and densities, not the small picture. */
function withoutThumbnail(data: Uint8Array): Uint8Array {
  if (data.length < JFIF_BYTES) throw new ContentError("damaged");
  const kept = data.slice(0, JFIF_BYTES);
  kept.fill(0, THUMBNAIL_AT);
  return kept;
}

/** What a JPEG is made of, marker by marker. */
class Walk {
  readonly #bytes: Uint8Array;
  /** What is kept of it. */
  readonly #parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  #orientation = UPRIGHT;
  #frame: Frame | null = null;
  #scans = 0;
  #codedBytes = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns the picture alone */
  run(): Uint8Array {
    let at = 2;
    for (;;) {
      if (this.#bytes[at] !== 0xff) throw new ContentError("damaged");
      while (this.#bytes[at + 1] === 0xff) at++; // fill bytes, §B.1.1.2
      const marker = this.#bytes[at + 1];
      if (marker === EOI) {
        this.#finish();
        return this.#kept();
      }
      if (marker === undefined || marker === 0 || marker === SOI || marker === TEM || (marker >= RST0 && marker <= RST7))
        throw new ContentError("damaged");
      at = this.#segment(marker, at + 2);
    }
  }

  #kept(): Uint8Array {
    const [start = new Uint8Array(0), ...rest] = this.#parts;
    const exif = Buffer.concat([Buffer.from(EXIF, "latin1"), orientationAlone(this.#orientation)]);
    // A JFIF's own segment comes first, when there is one.
    const first = rest[0]?.[1] === APP0 ? rest.splice(0, 1) : [];
    const turned = this.#orientation === UPRIGHT ? [] : [segment(APP1, exif)];
    return new Uint8Array(Buffer.concat([start, ...first, ...turned, ...rest, Uint8Array.of(0xff, EOI)]));
  }

  /** What is said beside the picture. */
  #besides(marker: number, data: Uint8Array): void {
    if (marker === APP1 && begins(data, EXIF) && this.#orientation === UPRIGHT) {
      this.#orientation = orientationOf(data.subarray(EXIF.length));
    }
    const isKept = KEPT.some(([kept, name]) => kept === marker && begins(data, name));
    if (isKept) this.#parts.push(segment(marker, marker === APP0 ? withoutThumbnail(data) : data));
  }

  #segment(marker: number, at: number): number {
    const length = ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
    const end = at + length;
    if (length < 2 || end > this.#bytes.length) throw new ContentError("damaged");
    if (OTHER_FRAMES.includes(marker) || CHANGING.includes(marker)) throw new ContentError("damaged");
    const data = this.#bytes.subarray(at + 2, end);
    const isFrame = FRAMES.includes(marker);
    if (isFrame) this.#begin(frameOf(data));
    if (isFrame || marker === SOS || TABLES.includes(marker)) this.#parts.push(segment(marker, data));
    else this.#besides(marker, data);
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
    this.#parts.push(this.#bytes.subarray(from, end));
    return end;
  }

  /** Each block of 8 × 8 pixels takes a bit at the very least: with less, most of the picture is missing. */
  #finish(): void {
    if (this.#frame === null || this.#scans === 0) throw new ContentError("damaged");
    const { width, height } = this.#frame;
    if (this.#codedBytes * 8 < (width * height) / BLOCK_PX) throw new ContentError("damaged");
  }
}

/** @param bytes begin with the signature of JPEG @returns the picture without what is said beside or behind it @throws ContentError */
export function checkJpeg(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw new ContentError("type");
  return new Walk(bytes).run();
}
