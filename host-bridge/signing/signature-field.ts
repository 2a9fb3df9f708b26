// Adds a signature field with an empty signature to a PDF, as an incremental update: not a byte of the original changes, so that signatures
// that are there already stay valid. PAdES baseline, ETSI EN 319 142-1 §6.3.

import {
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFPage,
  PDFString,
} from "@cantoo/pdf-lib";
import { DocumentRefused } from "./document-refused.ts";
import { appearanceStream, type Rectangle, type Turn } from "./signature-appearance.ts";

/** Where a visible signature stands. */
export interface VisiblePlace {
  /** From 1; negative counts from the end (−1: the last page). */
  readonly page: number;
  readonly rectangle: Rectangle;
  readonly lines: readonly string[];
  /** The page's /Rotate, so that the lines stand upright; absent: 0. */
  readonly turn?: Turn;
}

export interface FieldOptions {
  readonly signerName: string;
  readonly date: Date;
  readonly reason?: string;
  readonly location?: string;
  /** Absent: the signature is invisible. */
  readonly visible?: VisiblePlace;
  /** The original uses cross-reference streams: so does the update. */
  readonly usesXRefStreams: boolean;
}

/** A PDF whose last signature is still empty. */
export interface PreparedPdf {
  readonly bytes: Uint8Array;
  /** Offset of the `[` of /ByteRange, and how many bytes stand for the array. */
  readonly byteRangeStart: number;
  readonly byteRangeLength: number;
  /** Offset of the `<` of /Contents, and of the byte behind its `>`. */
  readonly contentsStart: number;
  readonly contentsEnd: number;
}

/** Room for the CMS: certificates of a chain and, later, a time-stamp. */
const CONTENTS_BYTES = 16 * 1024;
const BYTE_RANGE_ROOM = "**********";
const FLAGS_PRINT_AND_LOCKED = 4 + 128;
/** SignaturesExist, AppendOnly (ISO 32000-2 table 225). */
const SIG_FLAGS = 3;

function signatureDictionary(context: PDFContext, options: FieldOptions): PDFDict {
  const byteRange = PDFArray.withContext(context);
  byteRange.push(PDFNumber.of(0));
  for (let i = 0; i < 3; i++) byteRange.push(PDFName.of(BYTE_RANGE_ROOM));
  return context.obj({
    Type: "Sig",
    Filter: "Adobe.PPKLite",
    SubFilter: "ETSI.CAdES.detached",
    ByteRange: byteRange,
    Contents: PDFHexString.of("0".repeat(2 * CONTENTS_BYTES)),
    M: PDFString.fromDate(options.date),
    Name: PDFHexString.fromText(options.signerName),
    ...(options.reason !== undefined && { Reason: PDFHexString.fromText(options.reason) }),
    ...(options.location !== undefined && { Location: PDFHexString.fromText(options.location) }),
  });
}

function pageOf(document: PDFDocument, page: number): PDFPage {
  const pages = document.getPages();
  const chosen = page > 0 ? pages[page - 1] : pages[pages.length + page];
  if (chosen === undefined) throw new DocumentRefused("no-such-page");
  return chosen;
}

function acroForm(document: PDFDocument): PDFDict {
  const existing = document.catalog.lookupMaybe(PDFName.of("AcroForm"), PDFDict);
  if (existing !== undefined) return existing;
  const form = document.context.obj({ Fields: [] });
  document.catalog.set(PDFName.of("AcroForm"), document.context.register(form));
  return form;
}

/** A list under `key`, made when it is not there. */
function listIn(dictionary: PDFDict, key: string): PDFArray {
  const name = PDFName.of(key);
  const existing = dictionary.lookupMaybe(name, PDFArray);
  if (existing !== undefined) return existing;
  const list = dictionary.context.obj([]);
  dictionary.set(name, list);
  return list;
}

/** A field name that the form does not have yet. */
function freeFieldName(fields: PDFArray): string {
  const taken = new Set<string>();
  for (let index = 0; index < fields.size(); index++) {
    const name = fields.lookupMaybe(index, PDFDict)?.lookupMaybe(PDFName.of("T"), PDFString, PDFHexString);
    if (name !== undefined) taken.add(name.decodeText());
  }
  let number = 1;
  while (taken.has(`Signature${number}`)) number++;
  return `Signature${number}`;
}

/** @throws DocumentRefused no-such-page */
export async function addSignatureField(pdf: Uint8Array, options: FieldOptions): Promise<PreparedPdf> {
  const document = await PDFDocument.load(pdf, { forIncrementalUpdate: true, updateMetadata: false });
  const { context } = document;
  const page = pageOf(document, options.visible?.page ?? 1);
  const signature = context.register(signatureDictionary(context, options));
  const form = acroForm(document);
  const fields = listIn(form, "Fields");
  const { x, y, width, height } = options.visible?.rectangle ?? { x: 0, y: 0, width: 0, height: 0 };
  const widget = context.obj({
    Type: "Annot",
    Subtype: "Widget",
    FT: "Sig",
    T: PDFHexString.fromText(freeFieldName(fields)),
    V: signature,
    F: FLAGS_PRINT_AND_LOCKED,
    P: page.ref,
    Rect: [x, y, x + width, y + height],
  });
  if (options.visible !== undefined) {
    const { rectangle, lines, turn } = options.visible;
    const appearance = appearanceStream(context, rectangle, lines, turn);
    widget.set(PDFName.of("AP"), context.obj({ N: appearance }));
  }
  const field = context.register(widget);
  listIn(page.node, "Annots").push(field);
  fields.push(field);
  form.set(PDFName.of("SigFlags"), PDFNumber.of(SIG_FLAGS));
  const bytes = await document.commit({ useObjectStreams: options.usesXRefStreams });
  return locatePlaceholders(bytes, pdf.length);
}

/** The placeholders, looked for only in what was appended: their text is like nothing else there. */
function locatePlaceholders(bytes: Uint8Array, from: number): PreparedPdf {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const room = file.indexOf(`/${BYTE_RANGE_ROOM}`, from);
  const byteRangeStart = file.lastIndexOf("[", room);
  const byteRangeEnd = file.indexOf("]", room) + 1;
  const contentsStart = file.indexOf(`<${"0".repeat(64)}`, room); // /Contents is written behind /ByteRange
  const contentsEnd = file.indexOf(">", contentsStart) + 1;
  if (room < 0 || byteRangeStart < from || contentsStart < 0 || contentsEnd - contentsStart !== 2 * CONTENTS_BYTES + 2) {
    throw new DocumentRefused("unsafe");
  }
  return { bytes, byteRangeStart, byteRangeLength: byteRangeEnd - byteRangeStart, contentsStart, contentsEnd };
}

/** The two parts of the file that the signature covers: all of it but /Contents. Fills in /ByteRange. */
export function coverAllButContents(prepared: PreparedPdf): [Uint8Array, Uint8Array] {
  const { bytes, contentsStart, contentsEnd } = prepared;
  const range = `[0 ${contentsStart} ${contentsEnd} ${bytes.length - contentsEnd}]`.padEnd(prepared.byteRangeLength, " ");
  Buffer.from(bytes.buffer, bytes.byteOffset).write(range, prepared.byteRangeStart, "latin1");
  return [bytes.subarray(0, contentsStart), bytes.subarray(contentsEnd)];
}

/** Writes the CMS into /Contents. */
export function fillContents(prepared: PreparedPdf, cms: Uint8Array): void {
  if (cms.length > CONTENTS_BYTES) throw new RangeError(`a CMS of ${cms.length} bytes, room for ${CONTENTS_BYTES}`);
  const hex = Buffer.from(cms)
    .toString("hex")
    .padEnd(2 * CONTENTS_BYTES, "0");
  Buffer.from(prepared.bytes.buffer, prepared.bytes.byteOffset).write(hex, prepared.contentsStart + 1, "latin1");
}
