// A document as the holder gave it: read, its pages measured, its signatures verified; or why it can't be signed.

import type { PDF } from "@libpdf/core";
import { DocumentRefused, type RefusalReason } from "../../signing/document-refused.ts";
import { checkMayBeSigned, readPdf } from "../../signing/pdf-reading.ts";
import { type SignatureReport, verifyPdf } from "../../signing/verify-pdf.ts";
import type { KnownAuthorities } from "./known-authorities.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { pageShapes } from "./page-shapes.ts";
import type { PageShape } from "./seal-place.ts";

/** Why a file is not kept: `too-big`, `empty`, or what the reader says. */
export type FileRefusal = RefusalReason | "too-big" | "empty";

export interface ReceivedDocument {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly pages: readonly PageShape[];
  /** Of the signatures that it has already. */
  readonly reports: readonly SignatureReport[];
  /** Why it can't be signed; null: it can. It can be seen and its signatures verified all the same. */
  readonly refusal: "certified" | null;
}

export interface RefusedFile {
  readonly name: string;
  readonly refusal: FileRefusal;
}

export const isRefused = (file: ReceivedDocument | RefusedFile): file is RefusedFile => !("bytes" in file);

function mayBeSigned(pdf: PDF): boolean {
  try {
    checkMayBeSigned(pdf);
    return true;
  } catch (error) {
    if (error instanceof DocumentRefused && error.reason === "certified") return false;
    throw error;
  }
}

/** @param bytes null: there were more of them than MAX_FILE_BYTES */
export async function receiveDocument(
  name: string,
  bytes: Uint8Array | null,
  known: KnownAuthorities,
  now: Date,
): Promise<ReceivedDocument | RefusedFile> {
  if (bytes === null || bytes.length > MAX_FILE_BYTES) return { name, refusal: "too-big" };
  if (bytes.length === 0) return { name, refusal: "empty" };
  try {
    const pdf = await readPdf(bytes);
    const reports = await verifyPdf(bytes, { ...known, at: now });
    return { name, bytes, pages: pageShapes(pdf), reports, refusal: mayBeSigned(pdf) ? null : "certified" };
  } catch (error) {
    if (error instanceof DocumentRefused) return { name, refusal: error.reason };
    throw error;
  }
}
