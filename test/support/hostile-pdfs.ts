// PDFs that are made to stop whoever reads them: small files that ask for gigabytes, or for hours.

import { constants, deflateSync } from "node:zlib";
import { build, bytesOf, catalog, onePage } from "./forged-pdfs.ts";

const MEGABYTE = 2 ** 20;

/** Deflated zeros without an end: a block that ends on a byte, over and over. */
function endlessZeros(megabytes: number): Buffer {
  const block = deflateSync(new Uint8Array(MEGABYTE), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([block.subarray(0, 2), ...Array.from({ length: megabytes }, () => block.subarray(2))]);
}

/** A file whose cross-references are one stream (ISO 32000-2 §7.5.8). */
function withTableStream(data: Uint8Array, entries: string): Uint8Array {
  const head = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n";
  const table = `9 0 obj\n<< /Type /XRef /Root 1 0 R ${entries} /Length ${data.length} >>\nstream\n`;
  return new Uint8Array(
    Buffer.concat([
      Buffer.from(`${head}${table}`, "latin1"),
      data,
      Buffer.from(`\nendstream\nendobj\nstartxref\n${head.length}\n%%EOF\n`, "latin1"),
    ]),
  );
}

/** Name → the file. Each is smaller than a megabyte. */
export const HOSTILE_PDFS: Readonly<Record<string, () => Uint8Array>> = {
  "a stream that inflates to eight gigabytes": () =>
    withTableStream(deflateSync(endlessZeros(8192)), "/Size 10 /W [1 2 1] /Filter [/FlateDecode /FlateDecode]"),
  "ten million objects": () => {
    const entries = Buffer.alloc(10_000_000 * 4, Buffer.from([1, 0, 9, 0]));
    return withTableStream(deflateSync(entries), "/Size 10000000 /W [1 2 1] /Filter /FlateDecode");
  },
  "lists in lists, 400000 deep": () => build(onePage({ 1: catalog(`/Deep ${"[".repeat(400_000)}${"]".repeat(400_000)}`) })),
  "a page tree that is its own child": () => build(onePage({ 2: "<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 3 >>" })),
  "a page tree that doubles at each of forty levels": () => {
    const levels = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [100 + index, `<< /Type /Pages /Kids [${101 + index} 0 R ${101 + index} 0 R] /Count 2 >>`]),
    );
    return build(
      onePage({ 2: "<< /Type /Pages /Kids [100 0 R] /Count 2 >>", ...levels, 140: "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>" }),
    );
  },
  "cross-references that lead back to themselves": () => {
    const text = Buffer.from(build(onePage())).toString("latin1");
    const at = text.lastIndexOf("startxref\n") + "startxref\n".length;
    const table = Number.parseInt(text.slice(at), 10);
    return bytesOf(text.replace("/Root 1 0 R", `/Root 1 0 R /Prev ${table}`));
  },
};
