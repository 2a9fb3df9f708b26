// Small PDFs written object by object, and what forgers do to signed ones: updates appended with every byte as the attack wants it.

import { createHash } from "node:crypto";
import { encodeTlv, parseTlvs, type Tlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";

/** Number → what stands between «obj» and «endobj». */
export type Objects = Readonly<Record<number, string>>;
/** Where an appended object begins. */
export type OffsetOf = (number: number) => number;

export interface Update {
  /** Further entries of the trailer. */
  readonly trailer?: string | ((offsetOf: OffsetOf) => string);
  /** The sections of the cross-reference table; absent: one for each object, as it should be. */
  readonly table?: (offsetOf: OffsetOf) => string;
}

const MESSAGE_DIGEST = "06092a864886f70d010904";
const SEQUENCE = 0x30;
const SET = 0x31;
const OCTET_STRING = 0x04;
const CONTEXT_0 = 0xa0;
const FREE_ENTRY = "0000000000 65535 f \n";

export const textOf = (pdf: Uint8Array): string => Buffer.from(pdf).toString("latin1");
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

export function stream(data: string, entries = ""): string {
  return `<< ${entries} /Length ${data.length} >>\nstream\n${data}\nendstream`;
}

const writing = (text: string): string => `BT /F1 24 Tf 40 150 Td (${text}) Tj ET`;

/** A page's content. */
export const showing = (text: string): string => stream(writing(text));

/** An appearance that hides the whole page behind another text. */
export const covering = (text: string): string =>
  stream(
    `1 1 1 rg 0 0 400 300 re f 0 g ${writing(text)}`,
    "/Type /XObject /Subtype /Form /BBox [0 0 400 300] /Resources << /Font << /F1 5 0 R >> >>",
  );

/** Object 3. */
export const page = (more = ""): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R ${more} >>`;

/** Object 1, with more entries. */
export const catalog = (more = ""): string => `<< /Type /Catalog /Pages 2 0 R ${more} >>`;

/** A document of one page (3), which shows «Pay 100 euros» (4) in Helvetica (5). */
export function onePage(changed: Objects = {}): Objects {
  return {
    1: catalog(),
    2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: page(),
    4: showing("Pay 100 euros"),
    5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...changed,
  };
}

export const tableEntry = (offset: number, generation = 0): string =>
  `${String(offset).padStart(10, "0")} ${String(generation).padStart(5, "0")} n \n`;

interface Written {
  readonly text: string;
  readonly offsets: ReadonlyMap<number, number>;
}

/** The objects behind `head`. */
function written(head: string, objects: Objects): Written {
  const offsets = new Map<number, number>();
  let text = head;
  for (const [number, body] of Object.entries(objects)) {
    offsets.set(Number(number), text.length);
    text += `${number} 0 obj\n${body}\nendobj\n`;
  }
  return { text, offsets };
}

/** A PDF with one cross-reference table; its root is object 1. */
export function build(objects: Objects, trailer = ""): Uint8Array {
  const { text, offsets } = written("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects);
  const size = Math.max(...offsets.keys()) + 1;
  let table = `xref\n0 ${size}\n${FREE_ENTRY}`;
  for (let number = 1; number < size; number++) {
    const offset = offsets.get(number);
    table += offset === undefined ? FREE_ENTRY : tableEntry(offset);
  }
  return bytesOf(`${text}${table}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${text.length}\n%%EOF\n`);
}

/** The number behind the last «startxref». */
export function lastTable(pdf: Uint8Array): number {
  const [, offset] = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(textOf(pdf)) ?? [];
  if (offset === undefined) throw new Error("the file does not end with startxref");
  return Number(offset);
}

const closed = (pdf: Uint8Array): string => (textOf(pdf).endsWith("\n") ? textOf(pdf) : `${textOf(pdf)}\n`);

/** Where the first appended object will begin. */
export const endOf = (pdf: Uint8Array): number => closed(pdf).length;

/** An incremental update, written as it should be but for what `update` says. */
export function append(pdf: Uint8Array, objects: Objects, update: Update = {}): Uint8Array {
  const { text, offsets } = written(closed(pdf), objects);
  const offsetOf: OffsetOf = (number) => {
    const offset = offsets.get(number);
    if (offset === undefined) throw new Error(`object ${number} is not appended`);
    return offset;
  };
  const numbers = [...offsets.keys()];
  const table = update.table?.(offsetOf) ?? numbers.map((number) => `${number} 1\n${tableEntry(offsetOf(number))}`).join("");
  const { trailer = "" } = update;
  const more = typeof trailer === "string" ? trailer : trailer(offsetOf);
  const sizes = [...text.matchAll(/\/Size (\d+)/g)].map((match) => Number(match[1]));
  const size = Math.max(...sizes, ...numbers.map((number) => number + 1));
  const entries = `/Size ${size} /Root 1 0 R /Prev ${lastTable(pdf)} ${more}`;
  return bytesOf(`${text}xref\n${table}trailer\n<< ${entries} >>\nstartxref\n${text.length}\n%%EOF\n`);
}

/** A cross-reference stream with the one entry that object 4 stands at `offset`. */
export function tableStreamFor4(offset: number): string {
  const entry = String.fromCharCode(1, offset >> 16, (offset >> 8) & 0xff, offset & 0xff, 0);
  return stream(entry, "/Type /XRef /Size 61 /W [1 3 1] /Index [4 1]");
}

/** @throws when nothing would be replaced: an attack that changes nothing proves nothing */
export function edited(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, () => to);
  if (result === text) throw new Error(`nothing matches ${from}`);
  return result;
}

/** An object as it stands last in the file. */
export function objectOf(pdf: Uint8Array, number: number): string {
  const found = [...textOf(pdf).matchAll(new RegExp(`(?:^|\\n)${number} 0 obj\\s*([\\s\\S]*?)\\s*endobj`, "g"))].at(-1)?.[1];
  if (found === undefined) throw new Error(`there is no object ${number}`);
  return found;
}

function numberIn(text: string, pattern: RegExp): number {
  const [, number] = pattern.exec(text) ?? [];
  if (number === undefined) throw new Error(`nothing matches ${pattern}`);
  return Number(number);
}

/** The object number of the form. */
export const formOf = (pdf: Uint8Array): number => numberIn(objectOf(pdf, 1), /\/AcroForm (\d+) 0 R/);

/** The object number of the (one) signature dictionary. */
export const signatureOf = (pdf: Uint8Array): number => numberIn(textOf(pdf), /\n(\d+) 0 obj\s*<<\s*\/Type \/Sig\b/);

/** The page with one more annotation. */
export const withAnnotation = (pdf: Uint8Array, reference: string): string =>
  edited(objectOf(pdf, 3), /\/Annots\s*\[/, `/Annots [ ${reference} `);

/** The hexadecimal digits of the (one) /Contents. */
function contentsOf(text: string): string {
  const [, contents] = /\/Contents <([0-9a-f]+)>/.exec(text) ?? [];
  if (contents === undefined) throw new Error("there is no signature");
  return contents;
}

/** The same file with something else in /Contents, filled up to its length. */
export function withContents(pdf: Uint8Array, contents: string | ((old: string) => string), filler = "0"): Uint8Array {
  const text = textOf(pdf);
  const old = contentsOf(text);
  const fresh = typeof contents === "string" ? contents : contents(old);
  return bytesOf(edited(text, old, fresh.padEnd(old.length, filler)));
}

const der = ({ tag, value }: Tlv): Uint8Array => encodeTlv(tag, [value]);

function nth(list: readonly Tlv[], index: number): Tlv {
  const found = list.at(index);
  if (found === undefined) throw new Error("the CMS has another structure");
  return found;
}

/** The digest of what /ByteRange covers. */
function coveredDigest(text: string): Uint8Array {
  const range = /\/ByteRange \[\s*(\d+) (\d+) (\d+) (\d+)/.exec(text)?.slice(1).map(Number) ?? [];
  const [start = 0, length = 0, rest = 0, restLength = 0] = range;
  const bytes = bytesOf(text);
  return createHash("sha256")
    .update(bytes.subarray(start, start + length))
    .update(bytes.subarray(rest, rest + restLength))
    .digest();
}

/** A SignerInfo that says it is over another digest; its signature is not. */
function withDigest(signerInfo: Tlv, digest: Uint8Array): Uint8Array {
  const attribute = (each: Tlv): Uint8Array => {
    const type = der(nth(parseTlvs(each.value), 0));
    if (bytesToHex(type) !== MESSAGE_DIGEST) return der(each);
    return encodeTlv(SEQUENCE, [type, encodeTlv(SET, [encodeTlv(OCTET_STRING, [digest])])]);
  };
  const fields = parseTlvs(signerInfo.value);
  return encodeTlv(
    SEQUENCE,
    fields.map((field) => (field.tag === CONTEXT_0 ? encodeTlv(CONTEXT_0, parseTlvs(field.value).map(attribute)) : der(field))),
  );
}

/**
 * Another text in the signed page, and a CMS with two sets of SignerInfo: the first over the digest of the altered file, the second the
 * genuine one. Who takes the digest from one and the signature from the other accepts it.
 */
export function withTwoSignerSets(pdf: Uint8Array, from: string, to: string): Uint8Array {
  const text = edited(textOf(pdf), from, to);
  return withContents(bytesOf(text), (old) => {
    const raw = hexToBytes(old);
    const length = 4 + Buffer.from(raw).readUInt16BE(2); // a SEQUENCE of 256 to 65535 bytes
    const [type, content] = parseTlvs(nth(parseTlvs(raw.subarray(0, length)), 0).value);
    if (type === undefined || content === undefined) throw new Error("the CMS has another structure");
    const parts = parseTlvs(nth(parseTlvs(content.value), 0).value);
    const genuine = nth(parts, -1);
    const forged = encodeTlv(SET, [withDigest(nth(parseTlvs(genuine.value), 0), coveredDigest(text))]);
    const signedData = encodeTlv(SEQUENCE, [...parts.slice(0, -1).map(der), forged, der(genuine)]);
    return bytesToHex(encodeTlv(SEQUENCE, [der(type), encodeTlv(CONTEXT_0, [signedData])]));
  });
}
