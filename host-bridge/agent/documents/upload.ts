// Files out of a form (multipart/form-data, RFC 7578), in memory. A file beyond the limits is read to its end and not kept, so that its sender gets an answer.

import type { MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { DocumentError } from "./document-error.ts";
import { distinctNames, shownName } from "./file-name.ts";
import { MAX_FILE_BYTES, MAX_FILES } from "./limits.ts";

export interface UploadedFile {
  readonly name: string;
  /** null: there were more than MAX_FILE_BYTES. */
  readonly bytes: Uint8Array | null;
}

/** Beyond it the rest is not even counted. */
export const MAX_PARTS = 10 * MAX_FILES;

/** @param roomBytes what may be kept of it */
async function readFile(part: MultipartFile, roomBytes: number): Promise<{ bytes: Uint8Array | null; isTooMuch: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= Math.min(roomBytes, MAX_FILE_BYTES)) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (part.file.truncated || length > MAX_FILE_BYTES) return { bytes: null, isTooMuch: false };
  return { bytes: new Uint8Array(Buffer.concat(chunks)), isTooMuch: length > roomBytes };
}

interface Read {
  readonly files: readonly UploadedFile[];
  readonly count: number;
  readonly isTooMuch: boolean;
}

async function readParts(request: FastifyRequest, roomBytes: number, unnamed: string): Promise<Read> {
  const files: UploadedFile[] = [];
  let room = roomBytes;
  let isTooMuch = false;
  let count = 0;
  for await (const part of request.files()) {
    const read = await readFile(part, files.length < MAX_FILES ? room : 0);
    const isNothing = part.filename === "" || part.filename === undefined; // a field that nothing was put into
    if (isNothing && read.bytes?.length === 0) continue;
    count += 1;
    isTooMuch ||= read.isTooMuch;
    room -= read.bytes?.length ?? 0;
    if (files.length < MAX_FILES) files.push({ name: shownName(part.filename ?? "", unnamed), bytes: read.bytes });
  }
  return { files, count, isTooMuch };
}

/** What the parser throws has no class of its own: whatever it is, this is no form of ours. */
async function readForm(request: FastifyRequest, roomBytes: number, unnamed: string): Promise<Read> {
  if (request.raw.destroyed) throw new DocumentError("form"); // its sender has gone while it waited: the parser would wait for ever
  try {
    return await readParts(request, roomBytes, unnamed);
  } catch (cause) {
    throw new DocumentError("form", { cause });
  }
}

/**
 * @param roomBytes for all of them
 * @throws DocumentError no-file, too-many, too-much, form
 */
export async function readUpload(request: FastifyRequest, roomBytes: number, unnamed: string): Promise<UploadedFile[]> {
  const { files, count, isTooMuch } = await readForm(request, roomBytes, unnamed);
  if (count === 0) throw new DocumentError("no-file");
  if (count > MAX_FILES) throw new DocumentError("too-many");
  if (isTooMuch) throw new DocumentError("too-much");
  const names = distinctNames(files.map(({ name }) => name));
  return files.map(({ bytes }, index) => ({ name: names[index] ?? unnamed, bytes }));
}
