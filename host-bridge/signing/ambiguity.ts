// Whether a file can be read in more than one way. Viewers disagree about files that are not quite well-formed: some follow the
// cross-references, some search for objects from front to end, some prefer one of two tables. What was appended behind a signature must
// read the same for all of them, or the signature says nothing about what is shown.

import { createHash } from "node:crypto";
import {
  PDFDict as LinearDict,
  PDFName as LinearName,
  PDFNumber as LinearNumber,
  PDFRef as LinearRef,
  PDFArray,
  PDFBool,
  PDFDocument,
  PDFHexString,
  type PDFObject,
  PDFRawStream,
  PDFStream,
  PDFString,
} from "@cantoo/pdf-lib";
import { type PDF, PdfArray, PdfBool, PdfDict, PdfName, PdfNumber, type PdfObject, PdfRef, PdfStream, PdfString } from "@libpdf/core";
import { resolverOf } from "./pdf-reading.ts";

/** `two-tables`: a hybrid file; `defined-twice`: one update has two objects of one number; `two-readings`: searching finds another object than following. */
export type Ambiguity = "two-tables" | "defined-twice" | "two-readings";

const OBJECT_HEADER = /(?<![\d.])(\d{1,10})\s+(\d{1,5})\s+obj\b/g;
const STREAM_BODY = /(?<!end)stream\r?\n[\s\S]*?endstream/g;

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sorted = (entries: readonly string[]): string => [...entries].sort().join(" ");

/** An object as text, as @libpdf/core read it (by the cross-references). */
function followed(object: PdfObject | null | undefined): string {
  if (object instanceof PdfRef) return `${object.objectNumber} ${object.generation} R`;
  if (object instanceof PdfNumber || object instanceof PdfBool) return String(object.value);
  if (object instanceof PdfName) return `/${object.value}`;
  if (object instanceof PdfString) return `<${hex(object.bytes)}>`;
  if (object instanceof PdfArray) return `[${object.toArray().map(followed).join(" ")}]`;
  if (!(object instanceof PdfDict)) return "null";
  const entries = [...object].filter(([key]) => key.value !== "Length").map(([key, value]) => `/${key.value} ${followed(value)}`);
  return `<<${sorted(entries)}>>${object instanceof PdfStream ? digest(object.data) : ""}`;
}

/** The same of an object that @cantoo/pdf-lib read (from front to end, the last one counts). */
function searched(object: PDFObject | undefined): string {
  if (object instanceof LinearRef) return `${object.objectNumber} ${object.generationNumber} R`;
  if (object instanceof LinearNumber) return String(object.asNumber());
  if (object instanceof PDFBool) return String(object.asBoolean());
  if (object instanceof LinearName) return `/${object.decodeText()}`;
  if (object instanceof PDFString || object instanceof PDFHexString) return `<${hex(object.asBytes())}>`;
  if (object instanceof PDFArray) return `[${object.asArray().map(searched).join(" ")}]`;
  const dictionary = object instanceof PDFStream ? object.dict : object;
  if (!(dictionary instanceof LinearDict)) return "null";
  const entries = dictionary
    .entries()
    .filter(([key]) => key.decodeText() !== "Length")
    .map(([key, value]) => `/${key.decodeText()} ${searched(value)}`);
  return `<<${sorted(entries)}>>${object instanceof PDFRawStream ? digest(object.contents) : ""}`;
}

/** Object numbers that stand more than once between two ends of file. */
function isDefinedTwice(text: string): boolean {
  return text.split("%%EOF").some((update) => {
    const numbers = [...update.matchAll(OBJECT_HEADER)].map(([, number]) => number);
    return new Set(numbers).size < numbers.length;
  });
}

/** Every object that the document's root leads to. */
function reachable(pdf: PDF): PdfRef[] {
  const resolve = resolverOf(pdf);
  const found = new Map<string, PdfRef>();
  const open: PdfObject[] = [pdf.context.info.trailer];
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    if (object instanceof PdfRef) {
      if (found.has(object.toString())) continue;
      found.set(object.toString(), object);
      const target = resolve(object);
      if (target !== null) open.push(target);
    } else if (object instanceof PdfDict) for (const [, value] of object) open.push(value);
    else if (object instanceof PdfArray) open.push(...object.toArray());
  }
  return [...found.values()];
}

/** @param signedEnd where the signed revision ends: what is behind it is looked at most strictly. null: all read it alike */
export async function findAmbiguity(bytes: Uint8Array, signedEnd: number, pdf: PDF): Promise<Ambiguity | null> {
  const text = (part: Uint8Array): string =>
    Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("latin1").replace(STREAM_BODY, "stream endstream");
  if (/\/XRefStm\b/.test(text(bytes.subarray(signedEnd)))) return "two-tables";
  if (isDefinedTwice(text(bytes))) return "defined-twice";
  const linear = await PDFDocument.load(bytes, { updateMetadata: false });
  const resolve = resolverOf(pdf);
  const differs = (ref: PdfRef): boolean =>
    followed(resolve(ref)) !== searched(linear.context.lookup(LinearRef.of(ref.objectNumber, ref.generation)));
  return reachable(pdf).some(differs) ? "two-readings" : null;
}
