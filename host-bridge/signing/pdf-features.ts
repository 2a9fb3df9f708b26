// What a PDF has beside its pages that may show or do something else in another reader: no signature can say what the signer saw of it. The list is the
// standard's own, of what «may result in unexpected rendering» (ISO 32000-1 §12.8.5 table 259, ISO 32000-2 table 264), with forms of XML and fields that
// readers draw themselves added. As Adobe's «preview document mode»: what a reader can leave out is told, what it can't show without is refused.

import { type PDF, PdfArray, PdfBool, PdfDict, PdfName, PdfNumber, type PdfObject, PdfRef, PdfStream, PdfString } from "@libpdf/core";
import { catalogOf, type Resolve, resolved, resolverOf } from "./pdf-reading.ts";

/**
 * `javascript`: scripts; `launch`: opens programs or other files; `forms`: sends, takes in or empties the fields of its form; `fields`: what is filled in
 * is drawn by the reader, and not from what was signed; `layers`: parts that a reader shows, hides or prints otherwise; `attachments`: files inside;
 * `media`: sound, film, 3D.
 */
export const PDF_FEATURES = ["javascript", "launch", "forms", "fields", "layers", "attachments", "media"] as const;
export type PdfFeature = (typeof PDF_FEATURES)[number];

/** `xfa`: its pages are made of XML by readers that know how, and others show something else; `external`: parts of its pages are in other files. */
export type UnsignableFeature = "xfa" | "external";

export interface FoundFeatures {
  /** In the order of PDF_FEATURES. */
  readonly told: readonly PdfFeature[];
  /** null: it may be signed. */
  readonly refused: UnsignableFeature | null;
}

/** By /S of an action (ISO 32000-2 §12.6.4). Those that only lead elsewhere by a click (GoTo, URI) change nothing here. */
const ACTIONS: Readonly<Record<string, PdfFeature>> = {
  JavaScript: "javascript",
  Launch: "launch",
  GoToR: "launch",
  SubmitForm: "forms",
  ImportData: "forms",
  ResetForm: "forms",
  Hide: "layers",
  SetOCGState: "layers",
  GoToE: "attachments",
  Rendition: "media",
  Movie: "media",
  Sound: "media",
  RichMediaExecute: "media",
  GoTo3DView: "media",
};
/** By /Subtype of an annotation (§12.5.6). */
const ANNOTATIONS: Readonly<Record<string, PdfFeature>> = {
  FileAttachment: "attachments",
  Movie: "media",
  Sound: "media",
  Screen: "media",
  "3D": "media",
  RichMedia: "media",
};
/** NoView, ToggleNoView (§12.5.3): on paper and not on the screen, or only until one points at it. */
const NOT_AS_SEEN = 32 + 256;
/** Of a field (§12.7.4): what is written in it. */
const WRITTEN: readonly string[] = ["Tx", "Ch"];
/** Deeper than any form's tree. */
const MAX_PARENTS = 32;

const nameOf = (object: PdfObject | null): string => (object instanceof PdfName ? object.value : "");

/** Of /OCProperties (§8.11.4.2): some readers hide what such a group names without asking for its /Type. */
const hasGroups = (groups: PdfObject | null): boolean => groups instanceof PdfDict || (groups instanceof PdfArray && groups.length > 0);

/** A text, or several that were chosen. */
const isFilledIn = (value: PdfObject | null): boolean =>
  value instanceof PdfString ? value.bytes.length > 0 : value instanceof PdfStream || (value instanceof PdfArray && value.length > 0);

class FeatureSearch {
  readonly told = new Set<PdfFeature>();
  isExternal = false;
  private readonly resolve: Resolve;
  /** §12.7.3: readers make all appearances of fields anew. */
  private readonly needsAppearances: boolean;

  constructor(resolve: Resolve, needsAppearances: boolean) {
    this.resolve = resolve;
    this.needsAppearances = needsAppearances;
  }

  look(dictionary: PdfDict): void {
    const value = (key: string): PdfObject | null => resolved(dictionary.get(key), this.resolve);
    this.tell(ACTIONS[nameOf(value("S"))]);
    if (value("JS") !== null && nameOf(value("S")) === "Rendition") this.told.add("javascript");
    if (nameOf(value("Type")) === "OCG" || hasGroups(value("OCGs"))) this.told.add("layers");
    if (value("EF") instanceof PdfDict) this.told.add("attachments");
    if (dictionary instanceof PdfStream) this.lookAtStream(value);
    else if (value("Rect") instanceof PdfArray) this.lookAtAnnotation(dictionary, value);
  }

  private tell(feature: PdfFeature | undefined): void {
    if (feature !== undefined) this.told.add(feature);
  }

  private lookAtAnnotation(dictionary: PdfDict, value: (key: string) => PdfObject | null): void {
    this.tell(ANNOTATIONS[nameOf(value("Subtype"))]);
    if (nameOf(value("Subtype")) === "Widget" && this.isDrawnByReader(dictionary)) this.told.add("fields");
    const flags = value("F");
    if (flags instanceof PdfNumber && (flags.value & NOT_AS_SEEN) !== 0) this.told.add("layers");
  }

  /** A field's, but no signature's: those are signed as they are. */
  private isDrawnByReader(widget: PdfDict): boolean {
    const type = nameOf(this.inherited(widget, "FT"));
    if (this.needsAppearances && type !== "Sig") return true;
    const appearances = resolved(widget.get("AP"), this.resolve);
    const hasOwn = appearances instanceof PdfDict && resolved(appearances.get("N"), this.resolve) instanceof PdfStream;
    return WRITTEN.includes(type) && !hasOwn && isFilledIn(this.inherited(widget, "V"));
  }

  /** §12.7.4.1: a widget has it of its field, a field of its parents. */
  private inherited(widget: PdfDict, key: string): PdfObject | null {
    let at: PdfObject | null = widget;
    for (let depth = 0; depth < MAX_PARENTS && at instanceof PdfDict; depth++) {
      const value = resolved(at.get(key), this.resolve);
      if (value !== null) return value;
      at = resolved(at.get("Parent"), this.resolve);
    }
    return null;
  }

  /**
   * Its data in another file (§7.3.8.2), a page of another document (§8.10.4), a picture for the press (§14.11.7); another picture for the press (§8.9.5.4),
   * PostScript for a printer (§8.8.2).
   */
  private lookAtStream(value: (key: string) => PdfObject | null): void {
    if (value("F") !== null || value("Ref") !== null || value("OPI") !== null) this.isExternal = true;
    if (value("Alternates") !== null || [value("Subtype"), value("Subtype2")].some((name) => nameOf(name) === "PS"))
      this.told.add("layers");
  }
}

/** An entry of the form's own dictionary (§12.7.3). */
function ofForm(pdf: PDF, resolve: Resolve, key: string): PdfObject | null {
  const form = resolved(catalogOf(pdf).get("AcroForm"), resolve);
  return form instanceof PdfDict ? resolved(form.get(key), resolve) : null;
}

/** Everything that the trailer leads to, each object once. */
function* reachable(pdf: PDF, resolve: Resolve): Generator<PdfDict> {
  const seen = new Set<string>();
  const open: (PdfObject | null)[] = [pdf.context.info.trailer];
  while (open.length > 0) {
    const object = open.pop();
    if (object instanceof PdfRef) {
      const name = object.toString();
      if (!seen.has(name)) open.push(resolve(object));
      seen.add(name);
    } else if (object instanceof PdfDict) {
      yield object;
      for (const [, value] of object) open.push(value);
    } else if (object instanceof PdfArray) for (const value of object.toArray()) open.push(value);
  }
}

/** Looks at all that a reader can come upon. */
export function featuresOf(pdf: PDF): FoundFeatures {
  const resolve = resolverOf(pdf);
  const needsAppearances = ofForm(pdf, resolve, "NeedAppearances");
  const search = new FeatureSearch(resolve, needsAppearances instanceof PdfBool && needsAppearances.value);
  for (const dictionary of reachable(pdf, resolve)) search.look(dictionary);
  const refused = ofForm(pdf, resolve, "XFA") !== null ? "xfa" : search.isExternal ? "external" : null;
  return { told: PDF_FEATURES.filter((feature) => search.told.has(feature)), refused };
}
