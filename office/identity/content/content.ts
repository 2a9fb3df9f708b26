// What may be kept as evidence (S23): a JPEG, a PNG or a PDF, by what is in the file; its name and what the browser says of it count for nothing.

import { fileTypeFromBuffer } from "file-type";
import { ContentError } from "./content-error.ts";
import { checkJpeg } from "./jpeg.ts";
import { checkPdf } from "./pdf.ts";
import { checkPng } from "./png.ts";

export type MediaType = "image/jpeg" | "image/png" | "application/pdf";

export const MAX_EVIDENCE_BYTES = 10 * 1024 * 1024;

export interface Content {
  readonly mediaType: MediaType;
  /** What is kept: of JPEG and PNG, the picture alone. */
  readonly bytes: Uint8Array;
}

/** @throws ContentError */
export async function checkContent(bytes: Uint8Array): Promise<Content> {
  if (bytes.length > MAX_EVIDENCE_BYTES) throw new ContentError("too-large");
  const type = await fileTypeFromBuffer(bytes);
  switch (type?.mime) {
    case "image/jpeg":
      return { mediaType: "image/jpeg", bytes: checkJpeg(bytes) };
    case "image/png":
    case "image/apng":
      return { mediaType: "image/png", bytes: await checkPng(bytes) };
    case "application/pdf":
      await checkPdf(bytes);
      return { mediaType: "application/pdf", bytes };
    default:
      throw new ContentError("type");
  }
}
