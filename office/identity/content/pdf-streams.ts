// The streams of a PDF, as they stand in the file, before any reader of PDFs sees it: how long they become, and what is in the objects that are packed
// in them. Reading a file must not cost more than its size promises.

import { ContentError } from "./content-error.ts";
import { inflatedLength } from "./inflated.ts";

const STREAM = /(?<!end)stream\r?\n/g;
const MAX_STREAMS = 5000;
/** From «obj» to «stream». */
const MAX_DICTIONARY_BYTES = 16 * 1024;
const MAX_STREAM_BYTES = 128 * 1024 * 1024;
const MAX_ALL_STREAMS_BYTES = 512 * 1024 * 1024;
/** Of packed objects, which are kept and looked through. */
const MAX_OBJECTS_BYTES = 16 * 1024 * 1024;

/** Names may have any of their characters as # and two digits (ISO 32000-2 §7.3.5). */
export const plainNames = (text: string): string =>
  text.replace(/#([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

const END_OF_STREAM = "endstream";

/** The file without what its streams hold. No regular expression: one that looks for both ends takes minutes for a file with beginnings only. */
export function withoutStreams(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: begin } of text.matchAll(STREAM)) {
    if (index < from) continue; // within the one before
    const end = text.indexOf(END_OF_STREAM, index + begin.length);
    parts.push(text.slice(from, index + begin.length));
    from = end === -1 ? text.length : end;
  }
  return [...parts, text.slice(from)].join("");
}

const INFLATING = /\/(?:FlateDecode|Fl)(?![A-Za-z0-9])/g;
const INFLATING_FIRST = /\/(?:Filter|F)\s*\[?\s*\/(?:FlateDecode|Fl)(?![A-Za-z0-9])/;
/** They can blow data up, and only old programs write them; a filter that is named elsewhere hides what it is. */
const OTHER_INFLATING = /\/(?:LZWDecode|LZW|RunLengthDecode|RL)(?![A-Za-z0-9])|\/Filter\s*\[?\s*\d+\s+\d+\s+R/;

/** What stands between «obj» and «stream». */
function dictionaryBefore(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - MAX_DICTIONARY_BYTES), at);
  const from = before.lastIndexOf("obj");
  if (from === -1) throw new ContentError("damaged");
  return plainNames(before.slice(from));
}

/** @returns whether it is packed, once, in a way whose length can be found */
function isInflated(dictionary: string): boolean {
  if (OTHER_INFLATING.test(dictionary)) throw new ContentError("damaged");
  const count = dictionary.match(INFLATING)?.length ?? 0;
  if (count === 0) return false;
  if (count > 1 || !INFLATING_FIRST.test(dictionary)) throw new ContentError("damaged");
  return true;
}

/** @param text the file as Latin-1 @returns the text of the objects in object streams @throws ContentError too-large, damaged */
export async function packedObjects(bytes: Uint8Array, text: string): Promise<string> {
  let all = 0;
  let count = 0;
  let kept = 0;
  const parts: Buffer[] = [];
  for (const found of text.matchAll(STREAM)) {
    if (++count > MAX_STREAMS) throw new ContentError("too-large");
    const dictionary = dictionaryBefore(text, found.index);
    if (!isInflated(dictionary)) continue;
    const hasObjects = /\/ObjStm/.test(dictionary);
    const limit = Math.min(hasObjects ? MAX_OBJECTS_BYTES - kept : MAX_STREAM_BYTES, MAX_ALL_STREAMS_BYTES - all);
    const take = (part: Uint8Array): void => {
      if (!hasObjects) return;
      kept += part.length;
      parts.push(Buffer.from(part));
    };
    const length = await inflatedLength(bytes.subarray(found.index + found[0].length), limit, take);
    if (length === null) throw new ContentError("damaged");
    all += length;
  }
  return Buffer.concat(parts).toString("latin1");
}
