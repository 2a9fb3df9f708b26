// What a PDF has beside its pages, each in a file that has nothing else: told, or refused.

import { describe, expect, test } from "vitest";
import { build, catalog, covering, type Objects, onePage, page, showing, stream } from "../../test/support/forged-pdfs.ts";
import { certified, pages, withForm } from "../../test/support/sample-pdfs.ts";
import { DocumentRefused } from "./document-refused.ts";
import { checkMayBeSigned } from "./may-be-signed.ts";
import type { PdfFeature, UnsignableFeature } from "./pdf-features.ts";
import { readPdf } from "./pdf-reading.ts";
import { signPdf } from "./sign-pdf.ts";

const openAction = (action: string): Objects => ({ 1: catalog("/OpenAction 6 0 R"), 6: `<< /Type /Action ${action} >>` });
const annotation = (entries: string, more: Objects = {}): Objects => ({
  3: page("/Annots [6 0 R]"),
  6: `<< /Type /Annot /Rect [10 10 60 30] ${entries} >>`,
  ...more,
});

/** A form of one field. */
const form = (entries: string, ofForm = ""): Objects => ({
  ...annotation(`/Subtype /Widget ${entries}`, { 7: covering("100 euros") }),
  1: catalog(`/AcroForm << /Fields [6 0 R] ${ofForm} >>`),
});
const FIELD = "/FT /Tx /T (b) /V (100 euros) /AP << /N 7 0 R >>";

const TOLD: readonly (readonly [string, Objects, readonly PdfFeature[]])[] = [
  ["a script when it is opened", openAction("/S /JavaScript /JS (this.getField\\(1\\))"), ["javascript"]],
  [
    "a script by name, behind names with escapes",
    { 1: catalog("/Names << /JavaScript << /Names [(a) 6 0 R] >> >>"), 6: "<< /S /J#61vaScript /JS 7 0 R >>", 7: stream("app.alert(1)") },
    ["javascript"],
  ],
  [
    "a script of a page, in an action after another",
    { 3: page("/AA << /O << /S /GoTo /D [3 0 R /Fit] /Next [6 0 R] >> >>"), 6: "<< /S /JavaScript /JS (1) >>" },
    ["javascript"],
  ],
  ["a program that is started", openAction("/S /Launch /F (calc.exe)"), ["launch"]],
  ["another document that is opened", annotation("/Subtype /Link /A << /S /GoToR /F (other.pdf) /D [0 /Fit] >>"), ["launch"]],
  [
    "a form that sends itself",
    annotation("/Subtype /Widget /FT /Btn /T (b) /A << /S /SubmitForm /F (https://elsewhere.example) >>"),
    ["forms"],
  ],
  ["a form that is emptied", openAction("/S /ResetForm"), ["forms"]],
  ["fields that readers are told to draw", form(FIELD, "/NeedAppearances true"), ["fields"]],
  ["a box that they are told to draw, too", form("/FT /Btn /T (b) /V /Yes /AS /Yes", "/NeedAppearances true"), ["fields"]],
  ["a field without a picture of what is in it", form("/FT /Tx /T (b) /V (999 euros) /AP << >>"), ["fields"]],
  ["one that has text and type of its parent", { ...form("/Parent 8 0 R"), 8: "<< /FT /Ch /T (b) /V (999) /Kids [6 0 R] >>" }, ["fields"]],
  ["one with its picture", form(FIELD, "/NeedAppearances false"), []],
  ["an empty one", form("/FT /Tx /T (b) /V ()"), []],
  ["a signature's field, which nobody draws", form("/FT /Sig /T (b)", "/NeedAppearances true"), []],
  ["layers", { 1: catalog("/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>"), 6: "<< /Type /OCG /Name (Draft) >>" }, ["layers"]],
  [
    "a layer that does not say that it is one",
    { 1: catalog("/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>"), 6: "<< /Name (Draft) >>" },
    ["layers"],
  ],
  [
    "PostScript for the printer",
    { 3: page().replace("/Font <<", "/XObject << /P 6 0 R >> /Font <<"), 6: stream("showpage", "/Type /XObject /Subtype /PS") },
    ["layers"],
  ],
  ["what is hidden by a click", annotation("/Subtype /Link /A << /S /Hide /T (x) >>"), ["layers"]],
  ["a note on paper alone", annotation("/Subtype /Stamp /F 36 /AP << /N 7 0 R >>", { 7: covering("Pay 999 euros") }), ["layers"]],
  [
    "another picture for the printer",
    {
      3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Resources << /XObject << /I 6 0 R >> >> /Contents 4 0 R >>",
      6: stream(
        "\0",
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Alternates [<< /Image 7 0 R /DefaultForPrinting true >>]",
      ),
      7: stream("\0", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"),
    },
    ["layers"],
  ],
  [
    "an attached file",
    {
      1: catalog("/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>"),
      6: "<< /Type /Filespec /F (a.txt) /EF << /F 7 0 R >> >>",
      7: stream("hello", "/Type /EmbeddedFile"),
    },
    ["attachments"],
  ],
  ["a file pinned to a page", annotation("/Subtype /FileAttachment /FS (elsewhere.txt)"), ["attachments"]],
  ["a film", annotation("/Subtype /Screen"), ["media"]],
  ["3D", annotation("/Subtype /3D"), ["media"]],
  [
    "several of them, in one order",
    { ...openAction("/S /JavaScript /JS (1) /Next << /S /Sound /Sound 7 0 R >>"), 7: stream("\0", "/Type /Sound /R 8000") },
    ["javascript", "media"],
  ],
  ["a link to a page of the web, which only leads there", annotation("/Subtype /Link /A << /S /URI /URI (https://example.org) >>"), []],
  ["what nothing leads to", { 6: "<< /S /JavaScript /JS (1) >>" }, []],
];

const REFUSED: readonly (readonly [string, Objects, UnsignableFeature])[] = [
  ["an XFA form", { 1: catalog("/AcroForm 6 0 R /NeedsRendering true"), 6: "<< /Fields [] /XFA 7 0 R >>", 7: stream("<xdp/>") }, "xfa"],
  ["an XFA form in parts", { 1: catalog("/AcroForm << /Fields [] /XFA [(template) 7 0 R] >>"), 7: stream("<xdp/>") }, "xfa"],
  ["a page's content in another file", { 4: stream("", "/F (elsewhere.txt)") }, "external"],
  [
    "a page of another document on a page",
    {
      3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Resources << /XObject << /X 6 0 R >> >> /Contents 4 0 R >>",
      6: stream("", "/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Ref << /F (elsewhere.pdf) /Page 0 >>"),
    },
    "external",
  ],
];

describe("told before it is signed:", () => {
  test.each(TOLD)("%s", async (_name, objects, features) => {
    expect(checkMayBeSigned(await readPdf(build(onePage(objects))))).toEqual(features);
  });

  test("nothing of an ordinary document, nor of an ordinary form", async () => {
    for (const pdf of [await pages(3), await pages(3, true), await withForm(), build(onePage({ 4: showing("Pay 100 euros") }))])
      expect(checkMayBeSigned(await readPdf(pdf))).toEqual([]);
  });
});

describe("not signed, and the token is not asked:", () => {
  const signer = { certificate: new Uint8Array(0), issuers: [], signDigest: () => Promise.reject(new Error("asked")) };

  test.each(REFUSED)("%s", async (_name, objects, reason) => {
    const signed = signPdf(build(onePage(objects)), signer, { date: new Date(0) });
    await expect(signed).rejects.toBeInstanceOf(DocumentRefused);
    await expect(signed).rejects.toMatchObject({ reason });
  });

  test("one of whose objects can't be read: what it has beside its pages is not known", async () => {
    const signed = signPdf(build(onePage({ 1: catalog("/AcroForm 6 0 R"), 6: ">> ] foo" })), signer, { date: new Date(0) });
    await expect(signed).rejects.toMatchObject({ name: "DocumentRefused", reason: "damaged" });
  });

  test("a certified one, as before", async () => {
    await expect(signPdf(await certified(1), signer, { date: new Date(0) })).rejects.toMatchObject({ reason: "certified" });
  });
});
