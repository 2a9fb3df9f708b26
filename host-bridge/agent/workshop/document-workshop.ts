// What is done with documents that others made: read, measured, verified, signed. In a process of its own (confined-workshop.ts), or, for the tests of
// pages, in this one.

import type { PdfFeature, UnsignableFeature } from "../../signing/pdf-features.ts";
import type { SignPdfOptions } from "../../signing/sign-pdf.ts";
import type { DigestSigner } from "../../signing/signer.ts";
import type { SignatureReport } from "../../signing/verify-pdf.ts";
import type { PageShape } from "../documents/seal-place.ts";

/** By what signatures are judged; DER. */
export interface Judges {
  readonly roots: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  readonly at: Date;
}

export interface DocumentReading {
  readonly pages: readonly PageShape[];
  /** Of the signatures that it has already. */
  readonly reports: readonly SignatureReport[];
  /** Why it can't be signed; null: it can. It can be seen and its signatures verified all the same. */
  readonly refusal: "certified" | "damaged" | UnsignableFeature | null;
  /** What it has that its pages don't show. */
  readonly features: readonly PdfFeature[];
}

export interface SignedReading {
  readonly bytes: Uint8Array;
  /** Of all its signatures, the new one too. */
  readonly reports: readonly SignatureReport[];
}

/** Where the documents of one consent are prepared and signed. */
export interface SigningBench {
  /** @throws DocumentRefused; SigningError other-key; what the signer throws */
  sign(original: Uint8Array, signer: DigestSigner, options: SignPdfOptions, judges: Judges): Promise<SignedReading>;
  /** What is under way there fails. */
  close(): Promise<void>;
}

export interface DocumentWorkshop {
  /** One at a time, in the order in which they came. @throws DocumentRefused */
  read(bytes: Uint8Array, judges: Judges): Promise<DocumentReading>;
  bench(): SigningBench;
  /** A bench will be wanted: while the holder types the PIN it is made ready. */
  warm(): void;
  close(): Promise<void>;
}
