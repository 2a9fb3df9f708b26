// A PNG as evidence (PNG, third edition): every chunk with its checksum, one picture, as many pixels as it says, nothing behind it. Of the chunks that are
// no picture those stay that say how it looks; texts, times, EXIF and what nobody knows are left out. The picture's own bytes stay as they came.

import { crc32 } from "node:zlib";
import { ContentError } from "./content-error.ts";
import { checkDimensions } from "./dimensions.ts";
import { inflatedLength } from "./inflated.ts";
import { orientationAlone, orientationOf, UPRIGHT } from "./orientation.ts";

const SIGNATURE_BYTES = 8;
/** Length, type, checksum. */
const CHUNK_OVERHEAD_BYTES = 12;
const IHDR_BYTES = 13;
/** Colour profiles and texts; what a viewer may unpack. */
const MAX_ANCILLARY_BYTES = 4 * 1024 * 1024;
const MAX_IMAGE_BYTES = 256 * 1024 * 1024;
/** §11.2.1: colour type → samples a pixel, and the depths that it may have. */
const COLOURS: ReadonlyMap<number, { readonly samples: number; readonly depths: readonly number[] }> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);
/** §8.1, Adam7: where each pass begins, and its steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const ANIMATION = ["acTL", "fcTL", "fdAT"];
const COMPRESSED = ["iCCP", "zTXt"];
const CRITICAL = ["IHDR", "PLTE", "IDAT", "IEND"];
/** §11.3: transparency, colours, background, the shape of a pixel. */
const KEPT = [...CRITICAL, "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "pHYs"];
const EXIF = "eXIf";

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; at < bytes.length; ) {
    if (bytes.length - at < CHUNK_OVERHEAD_BYTES) throw new ContentError("damaged");
    const length = view.getUint32(at);
    const end = at + CHUNK_OVERHEAD_BYTES + length;
    if (end > bytes.length) throw new ContentError("damaged");
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) throw new ContentError("damaged");
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    if (type === "IEND") {
      if (end !== bytes.length) throw new ContentError("trailing");
      return chunks;
    }
    at = end;
  }
  throw new ContentError("damaged");
}

/** What IHDR says the unpacked image has: a filter byte before each line. */
function imageBytes(header: Uint8Array): number {
  if (header.length !== IHDR_BYTES) throw new ContentError("damaged");
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, colour = 0, compression, filter, interlace = 0] = header.subarray(8);
  const about = COLOURS.get(colour);
  if (about === undefined || !about.depths.includes(depth)) throw new ContentError("damaged");
  if (compression !== 0 || filter !== 0 || interlace > 1) throw new ContentError("damaged");
  checkDimensions({ width, height });
  const lines = (across: number, down: number): number => (across === 0 ? 0 : down * (1 + Math.ceil((across * about.samples * depth) / 8)));
  if (interlace === 0) return lines(width, height);
  return PASSES.reduce((sum, [x, y, dx, dy]) => sum + lines(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)), 0);
}

/** §5.6: the order of chunks, as far as a picture depends on it. */
function checkOrder(chunks: readonly Chunk[]): void {
  const types = chunks.map(({ type }) => type);
  const isCritical = (type: string): boolean => /^[A-Z]/.test(type);
  if (types[0] !== "IHDR" || types.lastIndexOf("IHDR") !== 0) throw new ContentError("damaged");
  if (types.some((type) => !/^[A-Za-z]{4}$/.test(type))) throw new ContentError("damaged");
  if (types.some((type) => ANIMATION.includes(type))) throw new ContentError("active");
  if (types.some((type) => isCritical(type) && !CRITICAL.includes(type))) throw new ContentError("damaged");
  const [first, last] = [types.indexOf("IDAT"), types.lastIndexOf("IDAT")];
  if (first === -1 || types.slice(first, last).some((type) => type !== "IDAT")) throw new ContentError("damaged");
}

/** The text or profile after a keyword and the method of compression. */
async function checkAncillary({ type, data }: Chunk): Promise<void> {
  if (!COMPRESSED.includes(type)) return;
  await inflatedLength(data.subarray(data.indexOf(0) + 2), MAX_ANCILLARY_BYTES);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const whole = Buffer.alloc(CHUNK_OVERHEAD_BYTES + data.length);
  whole.writeUInt32BE(data.length);
  whole.write(type, 4, "latin1");
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, -4)), 8 + data.length);
  return whole;
}

/** The picture alone, upright as it was. */
function kept(bytes: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  const exif = chunks.find(({ type }) => type === EXIF);
  const orientation = exif === undefined ? UPRIGHT : orientationOf(exif.data);
  const [header, ...rest] = chunks.filter(({ type }) => KEPT.includes(type)).map(({ whole }) => whole);
  const turned = orientation === UPRIGHT ? [] : [chunk(EXIF, orientationAlone(orientation))];
  return new Uint8Array(Buffer.concat([bytes.subarray(0, SIGNATURE_BYTES), header ?? new Uint8Array(0), ...turned, ...rest]));
}

/** @param bytes begin with the signature of PNG @returns the picture without what is said beside it @throws ContentError */
export async function checkPng(bytes: Uint8Array): Promise<Uint8Array> {
  const chunks = chunksOf(bytes);
  checkOrder(chunks);
  const expected = imageBytes(chunks[0]?.data ?? new Uint8Array(0));
  if (expected > MAX_IMAGE_BYTES) throw new ContentError("dimensions");
  for (const chunk of chunks) await checkAncillary(chunk);
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  if ((await inflatedLength(packed, expected)) !== expected) throw new ContentError("damaged");
  return kept(bytes, chunks);
}
