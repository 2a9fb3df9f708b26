// What errors of documents and of signing mean to the holder.

import { DocumentRefused } from "../../signing/document-refused.ts";
import { DocumentOfBatchError } from "../../signing/sign-pdfs.ts";
import { SigningError } from "../../signing/signing-error.ts";
import type { Fault, FaultReader } from "../web/faults.ts";
import type { Texts } from "../web/texts/french.ts";
import { DocumentError, type DocumentFailure } from "./document-error.ts";

const STATUS: Readonly<Record<DocumentFailure, number>> = {
  "no-file": 422,
  busy: 503,
  "too-many": 413,
  "too-much": 413,
  unknown: 404,
  "being-signed": 409,
  changed: 409,
  "nothing-to-sign": 409,
  form: 422,
};

function signingText({ failure }: SigningError, { documents: { signing } }: Texts): string {
  switch (failure) {
    case "no-certificate":
    case "expired":
    case "not-yet-valid":
    case "other-key":
      return signing[failure];
    default:
      return signing.other;
  }
}

/** One document of several: its name, and why it can't be signed. @param nameOf by the error's index */
export class NamedDocumentError extends Error {
  override readonly name = "NamedDocumentError";
  readonly document: string;
  constructor(document: string, options: ErrorOptions) {
    super("a document can't be signed", options);
    this.document = document;
  }
}

/** Of the documents of a batch, in the order in which they were to be signed. Other errors stay as they are. */
export function naming(error: unknown, documents: readonly string[]): unknown {
  if (!(error instanceof DocumentOfBatchError)) return error;
  return new NamedDocumentError(documents[error.index] ?? "", { cause: error.cause });
}

export const documentFaults: FaultReader = (error, texts): Fault | null => {
  const { documents } = texts;
  const title = documents.failureTitle;
  if (error instanceof DocumentError) return { status: STATUS[error.failure], title, text: documents.failures[error.failure] };
  if (error instanceof DocumentRefused) return { status: 422, title, text: documents.files[error.reason] };
  if (error instanceof SigningError) return { status: 409, title, text: signingText(error, texts) };
  if (error instanceof NamedDocumentError) {
    const why = documentFaults(error.cause, texts);
    return why === null ? null : { ...why, text: documents.ofBatch(error.document, String(why.text)) };
  }
  return null;
};
