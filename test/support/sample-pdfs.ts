// PDFs of every kind that people bring: made by pdf-lib, and by qpdf, which writes them in other ways.

import { readFileSync, writeFileSync } from "node:fs";
import { PDFDocument, PDFName, StandardFonts } from "@cantoo/pdf-lib";
import { mustRun } from "./run.ts";

export async function pages(count: number, useObjectStreams = false): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (let number = 1; number <= count; number++) {
    document.addPage([595, 842]).drawText(`Convention, page ${number}`, { x: 60, y: 760, size: 16, font });
  }
  return document.save({ useObjectStreams });
}

/** A form with a text field, and a link on its first page. */
export async function withForm(): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const page = document.addPage([595, 842]);
  const field = document.getForm().createTextField("town");
  field.setText("Lyon");
  field.addToPage(page, { x: 60, y: 600, width: 200, height: 24 });
  const link = document.context.obj({ Type: "Annot", Subtype: "Link", Rect: [60, 500, 200, 520], Border: [0, 0, 1] });
  page.node.addAnnot(document.context.register(link));
  return document.save({ useObjectStreams: false });
}

/** Fills the text field of `withForm`, as an incremental update. */
export async function fillForm(pdf: Uint8Array, text: string): Promise<Uint8Array> {
  const document = await PDFDocument.load(pdf, { forIncrementalUpdate: true, updateMetadata: false });
  document.getForm().getTextField("town").setText(text);
  return document.commit({ useObjectStreams: false });
}

/** Draws over the first page, as an incremental update: what a forger would do. */
export async function drawOver(pdf: Uint8Array, text: string): Promise<Uint8Array> {
  const document = await PDFDocument.load(pdf, { forIncrementalUpdate: true, updateMetadata: false });
  const font = await document.embedFont(StandardFonts.Helvetica);
  document.getPage(0).drawText(text, { x: 60, y: 700, size: 16, font });
  return document.commit({ useObjectStreams: false });
}

/** A document whose certification (DocMDP) has this level. */
export async function certified(level: number): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  document.addPage([595, 842]);
  const { context } = document;
  const signature = context.register(
    context.obj({
      Type: "Sig",
      Filter: "Adobe.PPKLite",
      SubFilter: "adbe.pkcs7.detached",
      Reference: [
        { Type: "SigRef", TransformMethod: "DocMDP", TransformParams: { Type: "TransformParams", P: level, V: PDFName.of("1.2") } },
      ],
    }),
  );
  document.catalog.set(PDFName.of("Perms"), context.obj({ DocMDP: signature }));
  return document.save({ useObjectStreams: false });
}

/** What qpdf makes of a PDF with these options. */
export function rewritten(pdf: Uint8Array, folder: string, options: readonly string[]): Uint8Array {
  const [from, to] = [`${folder}/before-qpdf.pdf`, `${folder}/after-qpdf.pdf`];
  writeFileSync(from, pdf);
  mustRun("qpdf", [from, ...options, to]);
  return new Uint8Array(readFileSync(to));
}
