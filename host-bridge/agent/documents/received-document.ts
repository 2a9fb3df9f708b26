// A document as the holder gave it: read, its pages measured, its signatures verified; or why it is not taken.

import { DocumentRefused, type RefusalReason } from "../../signing/document-refused.ts";
import type { DocumentReading, DocumentWorkshop, Judges } from "../workshop/document-workshop.ts";
import { MAX_FILE_BYTES } from "./limits.ts";

/** Why a file is not kept: `too-big`, `empty`, or what the reader says. */
export type FileRefusal = RefusalReason | "too-big" | "empty";

export interface ReceivedDocument extends DocumentReading {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface RefusedFile {
  readonly name: string;
  readonly refusal: FileRefusal;
}

export const isRefused = (file: ReceivedDocument | RefusedFile): file is RefusedFile => !("bytes" in file);

/** @param bytes null: there were more of them than MAX_FILE_BYTES */
export async function receiveDocument(
  name: string,
  bytes: Uint8Array | null,
  workshop: DocumentWorkshop,
  judges: Judges,
): Promise<ReceivedDocument | RefusedFile> {
  if (bytes === null || bytes.length > MAX_FILE_BYTES) return { name, refusal: "too-big" };
  if (bytes.length === 0) return { name, refusal: "empty" };
  try {
    return { name, bytes, ...(await workshop.read(bytes, judges)) };
  } catch (error) {
    if (error instanceof DocumentRefused) return { name, refusal: error.reason };
    throw error;
  }
}
