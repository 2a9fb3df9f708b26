// Evidence for a demonstration, made by code: a JPEG that looks like a card, and a PDF of one page. Real files, read by the same checks as anybody's.

const BLOCK = 8;
const [WIDTH_BLOCKS, HEIGHT_BLOCKS] = [80, 50];

type Colour = readonly [red: number, green: number, blue: number];

/** A card with a photograph and lines of writing, in blocks of 8 by 8 pixels. */
function cardColour(x: number, y: number): Colour {
  const [dx, dy] = [x / WIDTH_BLOCKS, y / HEIGHT_BLOCKS];
  const isFace = ((dx - 0.2) / 0.09) ** 2 + ((dy - 0.45) / 0.2) ** 2 < 1;
  if (isFace) return [214, 176, 148];
  if (dx > 0.06 && dx < 0.34 && dy > 0.18 && dy < 0.86) return dy > 0.66 ? [60, 74, 110] : [226, 228, 232];
  if (dx > 0.42 && dx < 0.9 && dy > 0.2 && dy < 0.84 && y % 5 < 2) return [54, 60, 78];
  return [200 + 40 * dx, 222, 246 - 40 * dy];
}

/** ITU-T T.871 §7. */
const toComponents = ([r, g, b]: Colour): readonly number[] => [
  0.299 * r + 0.587 * g + 0.114 * b,
  128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
  128 + 0.5 * r - 0.418688 * g - 0.081312 * b,
];

/** Bits into bytes, an FF followed by 00 (ITU-T T.81 §F.1.2.3). */
class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;
  #count = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#bits = (this.#bits << 1) | ((value >> bit) & 1);
      if (++this.#count < 8) continue;
      this.bytes.push(this.#bits, ...(this.#bits === 0xff ? [0] : []));
      [this.#bits, this.#count] = [0, 0];
    }
  }

  finish(): void {
    while (this.#count > 0) this.put(1, 1);
  }
}

/** Huffman tables: 12 categories of differences in four bits each, and for what is within a block «nothing more» alone. */
const CATEGORY_BITS = 4;
const CATEGORIES = 12;

/** ITU-T T.81 §F.1.2.1. */
function putDifference(bits: BitWriter, difference: number): void {
  const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  bits.put(size, CATEGORY_BITS);
  bits.put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
  bits.put(0, 1);
}

const segment = (marker: number, data: readonly number[]): number[] => [
  0xff,
  marker,
  (data.length + 2) >> 8,
  (data.length + 2) & 0xff,
  ...data,
];

const word = (value: number): number[] => [value >> 8, value & 0xff];

/** A colour JPEG (ITU-T T.81, baseline), 640 by 400 pixels. */
export function cardPicture(): Uint8Array {
  const bits = new BitWriter();
  const before = [0, 0, 0];
  for (let y = 0; y < HEIGHT_BLOCKS; y++) {
    for (let x = 0; x < WIDTH_BLOCKS; x++) {
      for (const [index, value] of toComponents(cardColour(x, y)).entries()) {
        const level = Math.round(value) - 128; // of a block: 8 times its mean, quantised by 8
        putDifference(bits, level - (before[index] ?? 0));
        before[index] = level;
      }
    }
  }
  bits.finish();
  const lengths = (bitsOfAll: number, count: number) => Array.from({ length: 16 }, (_, index) => (index + 1 === bitsOfAll ? count : 0));
  const components = [1, 2, 3];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xe0, [...Buffer.from("JFIF\0"), 1, 1, 0, ...word(1), ...word(1), 0, 0]),
    ...segment(0xdb, [0, ...new Array<number>(64).fill(8)]),
    ...segment(0xc0, [8, ...word(HEIGHT_BLOCKS * BLOCK), ...word(WIDTH_BLOCKS * BLOCK), 3, ...components.flatMap((id) => [id, 0x11, 0])]),
    ...segment(0xc4, [0x00, ...lengths(CATEGORY_BITS, CATEGORIES), ...Array.from({ length: CATEGORIES }, (_, index) => index)]),
    ...segment(0xc4, [0x10, ...lengths(1, 1), 0]),
    ...segment(0xda, [3, ...components.flatMap((id) => [id, 0]), 0, 63, 0]),
    ...bits.bytes,
    ...[0xff, 0xd9],
  ]);
}

/** A PDF of one page (ISO 32000-2 §7.5) with a line of text. @param text in ASCII */
export function statementPdf(text: string): Uint8Array {
  const line = text.replace(/[()\\]/g, "\\$&");
  const content = `BT /F1 18 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ];
  let file = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const xref = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const count = objects.length + 1;
  const trailer = `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(`${file}xref\n0 ${count}\n0000000000 65535 f \n${xref}${trailer}`, "latin1"));
}
