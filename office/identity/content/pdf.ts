// A PDF as evidence (ISO 32000-2): readable by its cross-references, and only a document: no scripts, no actions but links, no files within, nothing
// that plays. It is looked through twice, once as it stands in the file and once as a reader follows it, since viewers disagree about damaged files.

import { PDF, PdfArray, PdfDict, PdfName, type PdfObject, PdfRef, PdfStream } from "@libpdf/core";
import { ContentError } from "./content-error.ts";
import { checkLargest } from "./dimensions.ts";
import { packedObjects, plainNames, withoutStreams } from "./pdf-streams.ts";

const HEADER = /^%PDF-[12]\.\d/;
/** After it there may be nothing but the end of a line. */
const END = /%%EOF[\r\n\t \0]*$/;
const END_SEARCH_BYTES = 1024;
/** PKWARE's end of central directory, where programs for archives look for it. */
const ARCHIVE_END = "PK\u0005\u0006";
const ARCHIVE_SEARCH_BYTES = 65_557;
const MAX_PAGES = 20;
const MAX_OBJECTS = 100_000;

/** Names that only documents have that do something: actions (§12.6.4), embedded files (§7.11.4), what plays (§13), forms of XML. */
const ACTIVE = [
  "JavaScript",
  "JS",
  "AA",
  "Launch",
  "GoToR",
  "GoToE",
  "GoTo3DView",
  "SubmitForm",
  "ImportData",
  "ResetForm",
  "Rendition",
  "RichMedia",
  "RichMediaExecute",
  "Movie",
  "Sound",
  "EmbeddedFile",
  "EmbeddedFiles",
  "FileAttachment",
  "EF",
  "XFA",
] as const;
const ACTIVE_NAMES: ReadonlySet<string> = new Set(ACTIVE);
const ACTIVE_TEXT = new RegExp(`/(?:${ACTIVE.join("|")})(?![^\\s/<>\\[\\](){}%])`);
const ENCRYPT_TEXT = /\/Encrypt(?![^\s/<>[\](){}%])/;

/** As it stands in the file: what any reader may come upon, also one that repairs it. */
async function checkText(bytes: Uint8Array): Promise<void> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (!HEADER.test(text)) throw new ContentError("type");
  const end = text.slice(-END_SEARCH_BYTES);
  if (!end.includes("%%EOF") || !text.includes("startxref")) throw new ContentError("damaged");
  if (!END.test(end) || text.slice(-ARCHIVE_SEARCH_BYTES).includes(ARCHIVE_END)) throw new ContentError("trailing");
  const outside = plainNames(withoutStreams(text));
  if (ENCRYPT_TEXT.test(outside)) throw new ContentError("encrypted");
  if (ACTIVE_TEXT.test(`${outside}\n${plainNames(await packedObjects(bytes, text))}`)) throw new ContentError("active");
}

async function opened(bytes: Uint8Array): Promise<PDF> {
  try {
    return await PDF.load(bytes, { lenient: false });
  } catch (cause) {
    throw new ContentError("damaged", { cause });
  }
}

function checkImage(stream: PdfStream, resolve: (ref: PdfRef) => PdfObject | null): void {
  if (stream.getName("Subtype", resolve)?.value !== "Image") return;
  checkLargest({ width: stream.getNumber("Width", resolve)?.value ?? 0, height: stream.getNumber("Height", resolve)?.value ?? 0 });
}

/** What an object is made of. @throws ContentError active */
function partsOf(object: PdfObject): readonly PdfObject[] {
  if (object instanceof PdfName && ACTIVE_NAMES.has(object.value)) throw new ContentError("active");
  if (object instanceof PdfArray) return object.toArray();
  return object instanceof PdfDict ? [...object].flat() : [];
}

/** Everything that the trailer leads to. */
function checkObjects(pdf: PDF): void {
  const resolve = (ref: PdfRef): PdfObject | null => pdf.context.resolve(ref);
  const seen = new Set<string>();
  const open: PdfObject[] = [pdf.context.info.trailer];
  let count = 0;
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    if (++count > MAX_OBJECTS) throw new ContentError("too-large");
    if (object instanceof PdfRef) {
      const name = object.toString();
      const target = seen.has(name) ? null : resolve(object);
      seen.add(name);
      if (target !== null) open.push(target);
      continue;
    }
    if (object instanceof PdfStream) checkImage(object, resolve);
    open.push(...partsOf(object));
  }
}

/** @throws ContentError */
export async function checkPdf(bytes: Uint8Array): Promise<void> {
  await checkText(bytes);
  const pdf = await opened(bytes);
  if (pdf.isEncrypted) throw new ContentError("encrypted");
  if (pdf.recoveredViaBruteForce) throw new ContentError("damaged");
  try {
    const pages = pdf.getPageCount();
    if (pages === 0) throw new ContentError("damaged");
    if (pages > MAX_PAGES) throw new ContentError("too-large");
    checkObjects(pdf);
  } catch (cause) {
    if (cause instanceof ContentError) throw cause;
    throw new ContentError("damaged", { cause });
  }
}
