// Opens a PDF by its cross-references, as a viewer does, and refuses what it cannot follow. (The library that writes, pdf-lib, reads a file
// from front to end instead: what it would show is not always what a viewer shows. So nothing is judged by it.)

import { PDF, PdfDict, PdfNumber, type PdfObject, PdfRef } from "@libpdf/core";
import { DocumentRefused } from "./document-refused.ts";

const HEADER_SEARCH_BYTES = 1024;
const END_SEARCH_BYTES = 2048;
/** DocMDP: no change at all (ISO 32000-2 table 257). */
export const NO_CHANGES = 1;

/** @throws DocumentRefused not-a-pdf, truncated, damaged, encrypted */
export async function readPdf(bytes: Uint8Array): Promise<PDF> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, HEADER_SEARCH_BYTES).includes("%PDF-")) throw new DocumentRefused("not-a-pdf");
  const end = file.subarray(-END_SEARCH_BYTES);
  if (!end.includes("startxref") || !end.includes("%%EOF")) throw new DocumentRefused("truncated");
  let pdf: PDF;
  try {
    pdf = await PDF.load(bytes, { lenient: false });
    if (pdf.isEncrypted) throw new DocumentRefused("encrypted");
    if (pdf.getPageCount() === 0) throw new DocumentRefused("damaged");
  } catch (cause) {
    if (cause instanceof DocumentRefused) throw cause;
    throw new DocumentRefused("damaged", { cause });
  }
  return pdf;
}

export type Resolve = (ref: PdfRef) => PdfObject | null;

/** It throws DocumentRefused damaged at an object that can't be read: the library reads each when it is asked for. */
export function resolverOf(pdf: PDF): Resolve {
  return (ref) => {
    try {
      return pdf.context.resolve(ref);
    } catch (cause) {
      throw new DocumentRefused("damaged", { cause });
    }
  };
}

export function catalogOf(pdf: PDF): PdfDict {
  return pdf.context.catalog.getDict();
}

/** The object itself, through a reference when it is one. */
export function resolved(object: PdfObject | undefined, resolve: Resolve): PdfObject | null {
  if (object === undefined) return null;
  return object instanceof PdfRef ? resolve(object) : object;
}

/** DocMDP's P of a certified document (1 nothing, 2 forms and signatures, 3 annotations too); null: not certified. */
export function certificationLevel(pdf: PDF): number | null {
  const resolve = resolverOf(pdf);
  const certification = catalogOf(pdf).getDict("Perms", resolve)?.getDict("DocMDP", resolve);
  const references = certification?.getArray("Reference", resolve);
  for (let index = 0; references !== undefined && index < references.length; index++) {
    const reference = references.at(index, resolve);
    if (!(reference instanceof PdfDict) || reference.getName("TransformMethod", resolve)?.value !== "DocMDP") continue;
    const level = reference.getDict("TransformParams", resolve)?.get("P", resolve);
    return level instanceof PdfNumber ? level.value : 2;
  }
  return certification === undefined ? null : 2;
}
