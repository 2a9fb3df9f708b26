// What forgers do to a signed PDF: each makes it show something else, or say something else, than what was signed.

import type { SignatureProblem } from "../../host-bridge/signing/verify-pdf.ts";
import {
  append,
  bytesOf,
  catalog,
  covering,
  edited,
  endOf,
  formOf,
  lastTable,
  type Objects,
  objectOf,
  page,
  showing,
  signatureOf,
  stream,
  tableEntry,
  tableStreamFor4,
  textOf,
  withAnnotation,
  withContents,
  withTwoSignerSets,
} from "./forged-pdfs.ts";

export const FORGED = "Pay 999 euros";
const RENUMBERED_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [49 /nine] >> >>";
const WHOLE_PAGE = "/F 4 /Rect [0 0 400 300] /AP << /N 51 0 R >>";

/** A form with a text field. */
export const TEXT_FORM: Objects = {
  1: catalog("/AcroForm 6 0 R"),
  3: page("/Annots [9 0 R]"),
  6: "<< /Fields [9 0 R] /DA (/F1 12 Tf) /DR << /Font << /F1 5 0 R >> >> >>",
  9: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (amount) /V (100) /Rect [40 40 380 280] /F 4 /P 3 0 R >>",
};
/** A form with a signature field that nobody signed yet. */
export const EMPTY_FIELD: Objects = {
  1: catalog("/AcroForm 6 0 R"),
  3: page("/Annots [9 0 R]"),
  6: "<< /Fields [9 0 R] >>",
  9: "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Client) /Rect [10 10 60 30] /F 4 >>",
};
const emptyField = (more: string): string => `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Client) /F 4 ${more} >>`;

/** The signature dictionary with another reason and date. */
export const otherReason = (pdf: Uint8Array): string =>
  edited(
    edited(objectOf(pdf, signatureOf(pdf)), /\/Reason (<[^>]*>|\([^)]*\))/, "/Reason (I approve the payment)"),
    /\/M \([^)]*\)/,
    "/M (D:20200101000000Z)",
  );

export const formWith = (pdf: Uint8Array, from: RegExp, to: string): Objects => ({
  [formOf(pdf)]: edited(objectOf(pdf, formOf(pdf)), from, to),
});

export interface Attack {
  readonly name: string;
  /** What is in the signed document, beside `onePage`. */
  readonly objects?: Objects;
  readonly trailer?: string;
  readonly forge: (pdf: Uint8Array) => Uint8Array;
  readonly problem: SignatureProblem;
  /** A change that must be told. */
  readonly where?: string;
}

export const UPDATES: readonly Attack[] = [
  {
    name: "signs an empty signature field with a copy of the genuine signature",
    objects: EMPTY_FIELD,
    forge: (pdf) => append(pdf, { 9: emptyField("/V 80 0 R /Rect [10 10 60 30]"), 80: objectOf(pdf, signatureOf(pdf)) }),
    problem: "changed-after",
  },
  {
    name: "covers the page with a new field, first in the form, that holds a copy of the genuine signature",
    forge: (pdf) =>
      append(pdf, {
        3: withAnnotation(pdf, "50 0 R"),
        ...formWith(pdf, /\/Fields\s*\[/, "/Fields [ 50 0 R "),
        50: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /V 52 0 R ${WHOLE_PAGE} >>`,
        51: covering(FORGED),
        52: objectOf(pdf, signatureOf(pdf)),
      }),
    problem: "changed-after",
  },
  {
    name: "replaces the page's content",
    forge: (pdf) => append(pdf, { 4: showing(FORGED) }),
    problem: "changed-after",
    where: "page 1 /Contents",
  },
  {
    name: "covers the page with a stamp that says it is a signature field, without a value",
    forge: (pdf) =>
      append(pdf, {
        3: withAnnotation(pdf, "50 0 R"),
        50: `<< /Type /Annot /Subtype /Stamp /FT /Sig ${WHOLE_PAGE} >>`,
        51: covering(FORGED),
      }),
    problem: "changed-after",
    where: "page 1 /Annots",
  },
  {
    name: "covers the page with a widget that says it is signed, outside the form",
    forge: (pdf) =>
      append(pdf, {
        3: withAnnotation(pdf, "50 0 R"),
        50: `<< /Type /Annot /Subtype /Widget /FT /Sig /V << >> /T (x) ${WHOLE_PAGE} >>`,
        51: covering(FORGED),
      }),
    problem: "changed-after",
    where: "page 1 /Annots",
  },
  ...["/V << >>", "/V << /Type /Sig /Filter /Adobe.PPKLite >>"].map((value) => ({
    name: `covers the page with a new field of the form that is signed with no signature (${value})`,
    forge: (pdf: Uint8Array) =>
      append(pdf, {
        3: withAnnotation(pdf, "50 0 R"),
        ...formWith(pdf, /\/Fields\s*\[/, "/Fields [ 50 0 R "),
        50: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) ${value} ${WHOLE_PAGE} >>`,
        51: covering(FORGED),
      }),
    problem: "changed-after" as const,
  })),
  ...["/V (x)", "/V << /Type /Sig >>"].map((value) => ({
    name: `enlarges an empty signature field and signs it with no signature (${value})`,
    objects: EMPTY_FIELD,
    forge: (pdf: Uint8Array) => append(pdf, { 9: emptyField(`${value} ${WHOLE_PAGE}`), 51: covering(FORGED) }),
    problem: "changed-after" as const,
    where: "page 1 /Annots /Rect",
  })),
  {
    name: "signs an empty signature field with no signature, where it is",
    objects: EMPTY_FIELD,
    forge: (pdf) => append(pdf, { 9: emptyField("/V << /Type /Sig >> /Rect [10 10 60 30] /AP << /N 51 0 R >>"), 51: covering(FORGED) }),
    problem: "changed-after",
  },
  {
    name: "replaces a content that /Info leads to as well",
    objects: { 6: "<< /Title (x) /Src 4 0 R >>" },
    trailer: "/Info 6 0 R",
    forge: (pdf) => append(pdf, { 4: showing(FORGED) }, { trailer: "/Info 6 0 R" }),
    problem: "changed-after",
    where: "page 1 /Contents",
  },
  {
    name: "replaces a font that the form's /DR leads to as well",
    objects: { 1: catalog("/AcroForm 6 0 R"), 6: "<< /Fields [] /DR << /Font << /F1 5 0 R >> >> >>" },
    forge: (pdf) => append(pdf, { 5: RENUMBERED_FONT }),
    problem: "changed-after",
  },
  {
    name: "puts a node between the page and its parent, with other inherited resources",
    objects: {
      2: "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> >> /MediaBox [0 0 400 300] >>",
      3: "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
    },
    forge: (pdf) =>
      append(pdf, {
        3: edited(objectOf(pdf, 3), "/Parent 2 0 R", "/Parent 60 0 R"),
        60: "<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 /MediaBox [0 0 400 300] /Resources << /Font << /F1 61 0 R >> >> >>",
        61: RENUMBERED_FONT,
      }),
    problem: "changed-after",
    where: "page 1 /Resources",
  },
  {
    name: "adds an XFA form",
    objects: TEXT_FORM,
    forge: (pdf) => append(pdf, { ...formWith(pdf, /\/Fields/, "/NeedAppearances true /XFA 70 0 R /Fields"), 70: stream("<xdp/>") }),
    problem: "changed-after",
    where: "/Root /AcroForm /XFA",
  },
  {
    name: "gives the signature another reason and date",
    forge: (pdf) => append(pdf, { [signatureOf(pdf)]: otherReason(pdf) }),
    problem: "changed-after",
  },
  {
    name: "adds a field that is twice its own child",
    forge: (pdf) => append(pdf, { ...formWith(pdf, /\/Fields\s*\[/, "/Fields [ 80 0 R "), 80: "<< /T (a) /Kids [80 0 R 80 0 R] >>" }),
    problem: "changed-after",
    where: "/Root /AcroForm /Fields",
  },
];

export const READINGS: readonly Attack[] = [
  ...["/Contents 60 0 R", "/#43ontents 60 0 R"].map((second) => ({
    name: `gives the page two contents, of which viewers take the second (${second})`,
    forge: (pdf: Uint8Array) =>
      append(pdf, { 3: edited(objectOf(pdf, 3), "/Contents 4 0 R", `/Contents 4 0 R ${second}`), 60: showing(FORGED) }),
    problem: "changed-after" as const,
    where: "page 1 /Contents",
  })),
  {
    name: "lets the table say that the content is where another object begins",
    forge: (pdf) => append(pdf, { 60: showing(FORGED) }, { table: (at) => `4 1\n${tableEntry(at(60))}60 1\n${tableEntry(at(60))}` }),
    problem: "changed-after",
  },
  {
    name: "lets the table say so, with a copy of the content there and another content for who searches",
    forge: (pdf) => append(pdf, { 4: showing(FORGED), 60: objectOf(pdf, 4) }, { table: (at) => `4 1\n${tableEntry(at(60))}` }),
    problem: "changed-after",
  },
  {
    name: "gives the new content another generation in the table",
    forge: (pdf) => append(pdf, { 4: showing(FORGED) }, { table: (at) => `4 1\n${tableEntry(at(4), 1)}` }),
    problem: "changed-after",
  },
  {
    name: "writes more into a stream than its /Length says",
    forge: (pdf) =>
      append(pdf, { 4: edited(objectOf(pdf, 4), /\s*endstream/, `\n q 0 0 9 9 re f Q BT /F1 9 Tf (${FORGED}) Tj ET\nendstream`) }),
    problem: "changed-after",
  },
  {
    name: "appends another content, and a trailer that leads to the old table",
    forge: (pdf) =>
      bytesOf(
        `${textOf(pdf)}\n4 0 obj\n${showing(FORGED)}\nendobj\ntrailer\n<< /Root 1 0 R /Size 61 >>\nstartxref\n${lastTable(pdf)}\n%%EOF\n`,
      ),
    problem: "changed-after",
  },
  ...["0 0\n", "4 1\n0000000000 00000 f \n"].map((table) => ({
    name: `writes a hybrid file whose stream has another content (table ${JSON.stringify(table)})`,
    forge: (pdf: Uint8Array) =>
      append(pdf, { 4: showing(FORGED), 60: tableStreamFor4(endOf(pdf)) }, { table: () => table, trailer: (at) => `/XRefStm ${at(60)}` }),
    problem: "changed-after" as const,
  })),
  {
    name: "writes a hybrid file whose table has another content, and its stream the old one",
    forge: (pdf) =>
      append(
        pdf,
        { 4: showing(FORGED), 60: tableStreamFor4(textOf(pdf).indexOf("4 0 obj")) },
        { table: (at) => `4 1\n${tableEntry(at(4))}`, trailer: (at) => `/XRefStm ${at(60)}` },
      ),
    problem: "changed-after",
  },
];

export const SIGNATURES: readonly Attack[] = [
  { name: "alters the text in place", forge: (pdf) => bytesOf(edited(textOf(pdf), "Pay 100", "Pay 999")), problem: "altered" },
  {
    name: "alters it, and gives the CMS two sets of signers",
    forge: (pdf) => withTwoSignerSets(pdf, "Pay 100", "Pay 999"),
    problem: "unreadable",
  },
  { name: "writes a CMS of indefinite length", forge: (pdf) => withContents(pdf, "3080"), problem: "unreadable" },
  { name: "writes a CMS whose length is missing", forge: (pdf) => withContents(pdf, "3084"), problem: "unreadable" },
  { name: "writes a CMS that is cut off in its length", forge: (pdf) => withContents(pdf, "3084ff", " "), problem: "unreadable" },
  { name: "empties the CMS", forge: (pdf) => withContents(pdf, "", " "), problem: "unreadable" },
  {
    name: "puts an unknown curve into the certificate",
    forge: (pdf) => withContents(pdf, (old) => edited(old, "06082a8648ce3d030107", "06082a8648ce3d030155")),
    problem: "unreadable",
  },
];
