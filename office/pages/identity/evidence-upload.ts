// A file that somebody sends with a form: the fields first, then one file, never more than 10 MB of it in memory.

import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { MAX_EVIDENCE_BYTES } from "../../identity/content/content.ts";
import { ContentError } from "../../identity/content/content-error.ts";
import { EVIDENCE_KINDS, type EvidenceKind } from "../../identity/evidence.ts";

const MAX_FIELDS = 6;
const MAX_FIELD_BYTES = 200;

/** Only routes that are added within take such forms. */
export function withUploads(app: FastifyInstance, add: (scope: FastifyInstance) => void): void {
  app.register(async (scope) => {
    const limits = {
      fileSize: MAX_EVIDENCE_BYTES,
      files: 1,
      fields: MAX_FIELDS,
      fieldSize: MAX_FIELD_BYTES,
      parts: MAX_FIELDS + 1,
      headerPairs: 20,
    };
    await scope.register(multipart, { limits, throwFileSizeLimit: true });
    add(scope);
  });
}

export interface ReceivedFile {
  readonly kind: EvidenceKind;
  /** Empty: none was chosen. */
  readonly bytes: Uint8Array;
}

const isTooLarge = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "FST_REQ_FILE_TOO_LARGE";

async function bytesOf(part: { toBuffer(): Promise<Buffer> }): Promise<Uint8Array> {
  try {
    return new Uint8Array(await part.toBuffer());
  } catch (cause) {
    if (isTooLarge(cause)) throw new ContentError("too-large", { cause });
    throw cause;
  }
}

/** @param check of the fields before the file: the session's token @throws ContentError too-large; what `check` throws */
export async function receiveFile(
  request: FastifyRequest,
  check: (fields: Readonly<Record<string, unknown>>) => void,
): Promise<ReceivedFile> {
  const fields = new Map<string, unknown>();
  let bytes: Uint8Array | null = null;
  for await (const part of request.parts()) {
    if (part.type === "field") fields.set(part.fieldname, part.value);
    else {
      check(Object.fromEntries(fields));
      bytes = await bytesOf(part);
    }
  }
  if (bytes === null) check(Object.fromEntries(fields));
  return { kind: EVIDENCE_KINDS.find((kind) => kind === fields.get("kind")) ?? "other", bytes: bytes ?? new Uint8Array(0) };
}
