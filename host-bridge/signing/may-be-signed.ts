// Whether a signature may be added to a PDF, and what its signer has to be told of it before.

import type { PDF } from "@libpdf/core";
import { DocumentRefused } from "./document-refused.ts";
import { featuresOf, type PdfFeature } from "./pdf-features.ts";
import { certificationLevel, NO_CHANGES } from "./pdf-reading.ts";

/**
 * @returns what it has that its pages don't show
 * @throws DocumentRefused certified: no signature may be added any more; xfa, external: what is seen is not what would be signed
 */
export function checkMayBeSigned(pdf: PDF): readonly PdfFeature[] {
  if (certificationLevel(pdf) === NO_CHANGES) throw new DocumentRefused("certified");
  const { told, refused } = featuresOf(pdf);
  if (refused !== null) throw new DocumentRefused(refused);
  return told;
}
