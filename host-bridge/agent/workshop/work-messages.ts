// What the agent and the process that works on documents say to each other.

import type { RefusalReason } from "../../signing/document-refused.ts";
import type { SignPdfOptions } from "../../signing/sign-pdf.ts";
import type { SigningFailure } from "../../signing/signing-error.ts";
import type { DocumentReading, Judges, SignedReading } from "./document-workshop.ts";

/** `id`: of the document's work, the agent's choice. */
export type DocumentOrder = { readonly id: number } & (
  | { readonly what: "read"; readonly bytes: Uint8Array; readonly judges: Judges }
  | {
      readonly what: "sign";
      readonly bytes: Uint8Array;
      readonly certificate: Uint8Array;
      readonly issuers: readonly Uint8Array[];
      readonly options: SignPdfOptions;
      readonly judges: Judges;
    }
  /** The answer to `digest`; null: there is none to come. */
  | { readonly what: "signature"; readonly signature: Uint8Array | null }
);

export type DocumentAnswer = { readonly id: number } & (
  | { readonly what: "read"; readonly reading: DocumentReading }
  /** To be signed; the process waits. */
  | { readonly what: "digest"; readonly digest: Uint8Array }
  | { readonly what: "signed"; readonly signed: SignedReading }
  | { readonly what: "refused"; readonly reason: RefusalReason }
  | { readonly what: "not-signed"; readonly failure: SigningFailure; readonly detail: string }
  /** Nobody foresaw it. `frames`: of its stack, without the message, which could repeat what is in the document. */
  | { readonly what: "failed"; readonly type: string; readonly frames: readonly string[] }
);
