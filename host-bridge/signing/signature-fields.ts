// The signatures that a PDF's form names, and what of the file each covers.

import { type PDF, type PdfArray, PdfDict, PdfNumber, type PdfObject, PdfRef, PdfString } from "@libpdf/core";
import { equalBytes } from "../../protocol/bytes.ts";
import { catalogOf, type Resolve, resolved, resolverOf } from "./pdf-reading.ts";

export interface SignatureField {
  readonly name: string;
  /** «12 0 R», or empty for one without a reference of its own. */
  readonly reference: string;
  readonly dictionary: PdfDict;
}

export const textOf = (object: PdfObject | null | undefined): string | null => (object instanceof PdfString ? object.asString() : null);

/** Signed signature fields, those under /Kids too. */
export function signatureFields(pdf: PDF): SignatureField[] {
  const resolve = resolverOf(pdf);
  const found: SignatureField[] = [];
  const seen = new Set<PdfDict>();
  const visit = (list: PdfArray | undefined, prefix: string, inheritedType: string | undefined): void => {
    for (const item of list?.toArray() ?? []) {
      const field = resolved(item, resolve);
      if (!(field instanceof PdfDict) || seen.has(field)) continue;
      seen.add(field);
      const own = textOf(field.get("T", resolve));
      const name = [prefix, own].filter((each) => each !== null && each !== "").join(".");
      const type = field.getName("FT", resolve)?.value ?? inheritedType;
      const value = field.getDict("V", resolve);
      const reference = item instanceof PdfRef ? item.toString() : "";
      if (type === "Sig" && value !== undefined) found.push({ name, reference, dictionary: value });
      else visit(field.getArray("Kids", resolve), name, type);
    }
  };
  visit(catalogOf(pdf).getDict("AcroForm", resolve)?.getArray("Fields", resolve), "", undefined);
  return found;
}

export interface Coverage {
  readonly parts: readonly [Uint8Array, Uint8Array];
  /** Where /Contents begins: no two signatures share it. */
  readonly gapStart: number;
  readonly endBytes: number;
}

export const contentsOf = (dictionary: PdfDict, resolve: Resolve): Uint8Array =>
  dictionary.getString("Contents", resolve)?.bytes ?? new Uint8Array(0);

/**
 * The two parts that /ByteRange names, when it leaves out exactly the hexadecimal string of /Contents and begins with the file; else null.
 */
export function coverage(bytes: Uint8Array, dictionary: PdfDict, resolve: Resolve): Coverage | null {
  const range = dictionary.getArray("ByteRange", resolve)?.toArray() ?? [];
  const numbers = range.map((each) => (each instanceof PdfNumber ? each.value : Number.NaN));
  const [start, length, rest = Number.NaN, restLength] = numbers;
  if (numbers.length !== 4 || !numbers.every((each) => Number.isSafeInteger(each) && each >= 0)) return null;
  if (start !== 0 || length === undefined || restLength === undefined || rest <= length || rest + restLength > bytes.length) return null;
  const gap = Buffer.from(bytes.subarray(length, rest)).toString("latin1");
  if (!/^<[0-9A-Fa-f\s]*>$/.test(gap)) return null;
  const hidden = Buffer.from(gap.slice(1, -1).replace(/\s/g, ""), "hex");
  if (!equalBytes(new Uint8Array(hidden), contentsOf(dictionary, resolve))) return null;
  return { parts: [bytes.subarray(0, length), bytes.subarray(rest, rest + restLength)], gapStart: length, endBytes: rest + restLength };
}

/** The field of this signature as it was signed: what stands in it later may be another reason, date or name. */
export function asSigned(revision: PDF, bytes: Uint8Array, covered: Coverage): SignatureField | undefined {
  const resolve = resolverOf(revision);
  return signatureFields(revision).find((field) => coverage(bytes, field.dictionary, resolve)?.gapStart === covered.gapStart);
}
