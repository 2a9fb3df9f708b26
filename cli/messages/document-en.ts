// What `sceau sign` and `sceau verify` say, in English. French has the same keys (document-fr.ts).

import type { PdfFeature } from "../../host-bridge/signing/pdf-features.ts";
import type { ChangeKind } from "../../host-bridge/signing/revision-changes.ts";
import type { SignatureProblem } from "../../host-bridge/signing/verify-pdf.ts";

export const signEn = {
  done: (path: string, signer: string) => `Signed by ${signer}: ${path}`,
  noChain: "Note: the issuer's certificate was not found, so the signature carries the signer's alone (--chain adds it).",
  signedBy: (name: string) => `Signed by ${name}`,
  beside: "This PDF has more in it than its pages show, and it is signed with them:",
  feature: {
    javascript: "programs (JavaScript): readers may show different things",
    launch: "actions that open a program or another file",
    forms: "actions that send, replace or empty the form's fields",
    fields: "form fields that each reader draws itself: how they look is not part of what is signed",
    layers: "parts that a reader may show, hide or print otherwise (layers)",
    attachments: "attached files, inside the PDF",
    media: "sound, film or 3D",
  } satisfies Record<PdfFeature, string> as Record<PdfFeature, string>,
};

export const verifyEn = {
  none: "There is no signature in this document.",
  beside: "This PDF has more in it than its pages show:",
  valid: "valid",
  invalid: "NOT VALID",
  signature: (index: number, field: string) => `Signature ${index} (${field})`,
  signer: "Signer",
  issuers: "Issued by",
  date: "Date claimed",
  reason: "Reason",
  coverage: "Covers",
  wholeFile: "the whole file",
  revision: (bytes: number, total: number) => `the first ${bytes} of ${total} bytes`,
  after: "Changed after it",
  nothingAfter: "nothing that shows",
  furtherSignatures: (count: number) => (count === 1 ? "one further signature" : `${count} further signatures`),
  visibleOn: (pages: string) => `visible on page ${pages}`,
  unknownSigner: "unknown",
  problem: {
    altered: "what stands in the document is not what was signed",
    forged: "the signature was not made by this certificate's key",
    unreadable: "the signature cannot be read",
    "no-signer-certificate": "the signature does not carry its signer's certificate",
    "other-certificate": "the signature was made for another certificate",
    algorithm: "the signature uses an algorithm that is not accepted",
    untrusted: "the certificate does not lead to a root that you trust (--trust FILE)",
    expired: "a certificate has expired; without a time-stamp nobody can tell whether it was signed before",
    "not-yet-valid": "a certificate is not valid yet",
    "not-a-ca": "a certificate on the way to the root may not issue certificates",
    "key-usage": "the certificate is not one for signing documents",
    "unknown-critical-extension": "a certificate has a critical extension that is not known",
    "byte-range": "the signature leaves out a part of the file",
    copied: "this entry repeats another signature of the file",
    "changed-after": "the document's content was changed after it was signed",
  } satisfies Record<SignatureProblem, string> as Record<SignatureProblem, string>,
  change: {
    content: "content",
    form: "form",
    metadata: "metadata",
    "validation-data": "validation data",
  } satisfies Record<ChangeKind, string> as Record<ChangeKind, string>,
};
