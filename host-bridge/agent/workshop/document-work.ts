// The work on documents itself, wherever it is done.

import type { PDF } from "@libpdf/core";
import { DocumentRefused } from "../../signing/document-refused.ts";
import { checkMayBeSigned } from "../../signing/may-be-signed.ts";
import { featuresOf } from "../../signing/pdf-features.ts";
import { readPdf } from "../../signing/pdf-reading.ts";
import { type SignPdfOptions, signPdf } from "../../signing/sign-pdf.ts";
import type { DigestSigner } from "../../signing/signer.ts";
import { verifyPdf } from "../../signing/verify-pdf.ts";
import { pageShapes } from "../documents/page-shapes.ts";
import type { DocumentReading, DocumentWorkshop, Judges, SignedReading } from "./document-workshop.ts";

function signable(pdf: PDF): Pick<DocumentReading, "refusal" | "features"> {
  try {
    return { refusal: null, features: checkMayBeSigned(pdf) };
  } catch (error) {
    if (!(error instanceof DocumentRefused)) throw error;
    const { reason } = error;
    if (reason === "damaged") return { refusal: reason, features: [] }; // somewhere in it: what can be read is shown
    if (reason !== "certified" && reason !== "xfa" && reason !== "external") throw error;
    return { refusal: reason, features: featuresOf(pdf).told };
  }
}

/** @throws DocumentRefused */
export async function readDocument(bytes: Uint8Array, judges: Judges): Promise<DocumentReading> {
  const pdf = await readPdf(bytes);
  const reports = await verifyPdf(bytes, judges);
  return { pages: pageShapes(pdf), reports, ...signable(pdf) };
}

/** @throws DocumentRefused; SigningError other-key; what the signer throws */
export async function signDocument(
  original: Uint8Array,
  signer: DigestSigner,
  options: SignPdfOptions,
  judges: Judges,
): Promise<SignedReading> {
  const bytes = await signPdf(original, signer, options);
  return { bytes, reports: await verifyPdf(bytes, judges) };
}

/** In this process: a hostile document takes it along. */
export const OPEN_WORKSHOP: DocumentWorkshop = {
  read: readDocument,
  bench: () => ({ sign: signDocument, close: async () => {} }),
  warm: () => {},
  close: async () => {},
};
