// What is read of documents that are not whole.

import { expect, test } from "vitest";
import { build, catalog, onePage } from "../../../test/support/forged-pdfs.ts";
import { readDocument } from "./document-work.ts";

test("a document with a part that can't be read is seen and verified, and not signed", async () => {
  const pdf = build(onePage({ 1: catalog("/AcroForm << /Fields [] /DR 6 0 R >>"), 6: ">> ] foo" }));
  const reading = await readDocument(pdf, { roots: [], intermediates: [], at: new Date(0) });
  expect(reading).toMatchObject({ pages: [{}], reports: [], refusal: "damaged", features: [] });
});
