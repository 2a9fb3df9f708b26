// Signs a PDF to PAdES-B-B (ETSI EN 319 142-1), and checks the outcome before anybody gets it.

import { X509Certificate } from "node:crypto";
import { signCades } from "./cades.ts";
import { commonName } from "./distinguished-name.ts";
import { DocumentRefused } from "./document-refused.ts";
import { checkMayBeSigned } from "./may-be-signed.ts";
import { readPdf } from "./pdf-reading.ts";
import { changesBetween, isOnlyOneSignature } from "./revision-changes.ts";
import { addSignatureField, coverAllButContents, fillContents, type PreparedPdf, type VisiblePlace } from "./signature-field.ts";
import type { DigestSigner } from "./signer.ts";
import { SigningError } from "./signing-error.ts";
import { isAboutTrust, verifyPdf } from "./verify-pdf.ts";

export interface SignPdfOptions {
  /** Told as /M; nobody vouches for it. */
  readonly date: Date;
  readonly reason?: string;
  readonly location?: string;
  readonly visible?: VisiblePlace;
}

/** The original with an empty signature. What was read for it is forgotten with the call: a batch waits for the token with many of them. */
async function prepare(original: Uint8Array, certificate: Uint8Array, options: SignPdfOptions): Promise<PreparedPdf> {
  const before = await readPdf(original);
  checkMayBeSigned(before);
  const prepared = await addSignatureField(original, {
    ...options,
    signerName: commonName(new X509Certificate(certificate).subject),
    usesXRefStreams: before.usesXRefStreams,
  });
  // Before the token is asked: followed by its cross-references, the file must be the original and one more signature.
  const changes = changesBetween(before, await readPdf(prepared.bytes));
  if (!isOnlyOneSignature(changes)) throw new DocumentRefused("unsafe", { cause: changes });
  return prepared;
}

/**
 * The original with a signature appended; the original's bytes are its beginning, unchanged.
 * @throws DocumentRefused; whatever the signer throws
 */
export async function signPdf(original: Uint8Array, signer: DigestSigner, options: SignPdfOptions): Promise<Uint8Array> {
  const prepared = await prepare(original, signer.certificate, options);
  fillContents(prepared, await signCades(coverAllButContents(prepared), signer));
  await checkSignature(prepared.bytes, options.date);
  return prepared.bytes;
}

/** The new signature, read as anybody will read it: over the whole file, by the certificate's key. Trust is not its signer's business. */
async function checkSignature(signed: Uint8Array, at: Date): Promise<void> {
  const reports = await verifyPdf(signed, { roots: [], at });
  const fresh = reports.find((report) => report.coversWholeFile);
  if (fresh?.problems.includes("forged")) throw new SigningError("other-key");
  const isSound = fresh?.problems.every((problem) => isAboutTrust(problem)) === true;
  if (!isSound) throw new DocumentRefused("unsafe", { cause: fresh });
}
