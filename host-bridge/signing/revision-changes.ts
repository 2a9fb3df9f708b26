// What changed between two revisions of a PDF: each is followed by its cross-references from the root, as a viewer would, and the two
// object graphs are compared. A further signature, validation data and filled-in fields are told apart from changes of the content, of
// which a signature before them knew nothing. What is reached in several ways is compared once for each kind: a font that a page and a
// form share is content, whichever leads to it first.

import { type PDF, PdfArray, PdfBool, PdfDict, PdfName, PdfNumber, type PdfObject, PdfRef, PdfStream, PdfString } from "@libpdf/core";
import { catalogOf, type Resolve, resolved, resolverOf } from "./pdf-reading.ts";

/** What the differences belong to. `content` is everything that no later signature needs to touch. */
export type ChangeKind = "content" | "form" | "metadata" | "validation-data";

export interface Change {
  readonly kind: ChangeKind;
  /** Where, in the file's own terms: «page 2 /Contents», «/Root /Names». */
  readonly where: string;
}

export interface RevisionChanges {
  /** Signatures that were added: new fields, and empty ones that were signed. */
  readonly signatures: number;
  /** References of their fields («12 0 R»). Whether they are signatures is for the caller to verify. */
  readonly signedFields: readonly string[];
  /** Pages (from 1) on which an added signature can be seen: it may hide what stands there. */
  readonly visibleOnPages: readonly number[];
  readonly changes: readonly Change[];
}

interface Pair {
  readonly before: PdfObject | undefined;
  readonly after: PdfObject | undefined;
  readonly kind: ChangeKind;
  readonly where: string;
}

/** Keys that say only how a stream is stored. */
const STORAGE_KEYS = new Set(["Length"]);
/** Keys of a field that point upwards: what is there is reached from the root and from the pages. */
const UPWARD_KEYS = new Set(["Parent", "P"]);
/** What filling in a field changes. */
const FIELD_VALUE_KEYS = new Set(["V", "AP", "AS", "MK"]);
/** What signing an empty signature field changes. */
const SIGNING_KEYS = new Set(["V", "AP"]);
const INHERITED_PAGE_KEYS = ["Resources", "MediaBox", "CropBox", "Rotate"];
const MAX_TREE_DEPTH = 64;
/** Keys of the form that may be added beside a signature field, but not changed. */
const ADDABLE_FORM_KEYS = new Set(["DA", "DR"]);
const ROOT_KINDS: ReadonlyMap<string, ChangeKind> = new Map([
  ["DSS", "validation-data"],
  ["Extensions", "validation-data"],
  ["Metadata", "metadata"],
]);

const isSignatureWidget = (field: PdfObject | null, resolve: Resolve): field is PdfDict =>
  field instanceof PdfDict && field.getName("FT", resolve)?.value === "Sig" && field.getName("Subtype", resolve)?.value === "Widget";

const refKey = (object: PdfObject | undefined): string => (object instanceof PdfRef ? object.toString() : "");

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b);

function samePrimitive(before: PdfObject, after: PdfObject): boolean {
  if (before instanceof PdfNumber) return after instanceof PdfNumber && before.value === after.value;
  if (before instanceof PdfName) return after instanceof PdfName && before.value === after.value;
  if (before instanceof PdfBool) return after instanceof PdfBool && before.value === after.value;
  if (before instanceof PdfString) return after instanceof PdfString && sameBytes(before.bytes, after.bytes);
  return before.type === after.type;
}

const keysOf = (...dictionaries: readonly PdfDict[]): Set<string> =>
  new Set(dictionaries.flatMap((each) => [...each.keys()].map((key) => key.value)));

const itemsOf = (object: PdfObject | null): readonly PdfObject[] => (object instanceof PdfArray ? object.toArray() : []);

/** A page's attribute, its own or from the nodes above it (ISO 32000-2 §7.7.3.4). */
function inherited(page: PdfDict, key: string, resolve: Resolve): PdfObject | undefined {
  let node: PdfDict | undefined = page;
  for (let depth = 0; node !== undefined && depth < MAX_TREE_DEPTH; depth++) {
    const own: PdfObject | undefined = node.get(key);
    if (own !== undefined) return own;
    node = node.getDict("Parent", resolve);
  }
  return undefined;
}

function isVisible(widget: PdfDict, resolve: Resolve): boolean {
  const rectangle = itemsOf(resolved(widget.get("Rect"), resolve)).map((each) => (each instanceof PdfNumber ? each.value : 0));
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rectangle;
  return x1 !== x2 && y1 !== y2;
}

class Comparison {
  private readonly before: Resolve;
  private readonly after: Resolve;
  private readonly queue: Pair[] = [];
  private readonly seen = new Set<string>();
  /** Pages are compared by number; what leads to them from elsewhere need not. */
  private readonly pages = new Set<string>();
  private readonly changes = new Map<string, Change>();
  /** References of signed signature widgets that only the later form has. */
  private readonly newFields: ReadonlySet<string>;
  private readonly signed = new Set<string>();
  private readonly visiblePages = new Set<number>();

  constructor(before: PDF, after: PDF) {
    this.before = resolverOf(before);
    this.after = resolverOf(after);
    this.newFields = this.findNewFields(catalogOf(before), catalogOf(after));
    this.comparePages(before.context.pages.getPages(), after.context.pages.getPages());
    this.compareRoot(catalogOf(before), catalogOf(after));
    const info = (pdf: PDF): PdfObject | undefined => pdf.context.info.trailer.get("Info");
    this.queue.push({ before: info(before), after: info(after), kind: "metadata", where: "/Info" });
    for (let pair = this.queue.pop(); pair !== undefined; pair = this.queue.pop()) this.compare(pair);
  }

  result(): RevisionChanges {
    return {
      signatures: this.signed.size,
      signedFields: [...this.signed],
      visibleOnPages: [...this.visiblePages].sort((a, b) => a - b),
      changes: [...this.changes.values()],
    };
  }

  private differ({ kind, where }: { kind: ChangeKind; where: string }): void {
    this.changes.set(`${kind} ${where}`, { kind, where });
  }

  private fieldsOf(root: PdfDict, resolve: Resolve): readonly PdfObject[] {
    return itemsOf(resolved(root.getDict("AcroForm", resolve)?.get("Fields"), resolve));
  }

  private findNewFields(oldRoot: PdfDict, newRoot: PdfDict): Set<string> {
    const old = new Set(this.fieldsOf(oldRoot, this.before).map(refKey));
    const added = this.fieldsOf(newRoot, this.after).filter((item) => item instanceof PdfRef && !old.has(refKey(item)));
    const isSigned = (field: PdfObject | null): boolean =>
      isSignatureWidget(field, this.after) && field.getDict("V", this.after) !== undefined;
    return new Set(added.filter((item) => isSigned(resolved(item, this.after))).map(refKey));
  }

  private comparePages(before: readonly PdfRef[], after: readonly PdfRef[]): void {
    if (before.length !== after.length) this.differ({ kind: "content", where: "number of pages" });
    const common = Math.min(before.length, after.length);
    for (let index = 0; index < common; index++) this.pages.add(`${refKey(before[index])}|${refKey(after[index])}`);
    for (let index = 0; index < common; index++) {
      const [oldPage, newPage] = [this.before(before[index] as PdfRef), this.after(after[index] as PdfRef)];
      if (oldPage instanceof PdfDict && newPage instanceof PdfDict) this.comparePage(oldPage, newPage, index + 1);
      else this.differ({ kind: "content", where: `page ${index + 1}` });
    }
  }

  private comparePage(oldPage: PdfDict, newPage: PdfDict, page: number): void {
    for (const key of INHERITED_PAGE_KEYS) {
      const [before, after] = [inherited(oldPage, key, this.before), inherited(newPage, key, this.after)];
      this.queue.push({ before, after, kind: "content", where: `page ${page} /${key}` });
    }
    for (const key of keysOf(oldPage, newPage)) {
      if (key === "Parent" || INHERITED_PAGE_KEYS.includes(key)) continue;
      const where = `page ${page} /${key}`;
      if (key !== "Annots") this.queue.push({ before: oldPage.get(key), after: newPage.get(key), kind: "content", where });
    }
    const list = (dictionary: PdfDict, resolve: Resolve): readonly PdfObject[] => itemsOf(resolved(dictionary.get("Annots"), resolve));
    this.compareLists(list(oldPage, this.before), list(newPage, this.after), `page ${page} /Annots`, page);
  }

  private compareRoot(oldRoot: PdfDict, newRoot: PdfDict): void {
    for (const key of keysOf(oldRoot, newRoot)) {
      const kind = ROOT_KINDS.get(key) ?? "content";
      if (key === "AcroForm") this.compareForm(oldRoot.getDict(key, this.before), newRoot.getDict(key, this.after));
      else this.queue.push({ before: oldRoot.get(key), after: newRoot.get(key), kind, where: `/Root /${key}` });
    }
  }

  private compareForm(oldForm: PdfDict | undefined, newForm: PdfDict | undefined): void {
    if (newForm === undefined) {
      this.differ({ kind: "content", where: "/Root /AcroForm" });
      return;
    }
    const old = oldForm ?? new PdfDict();
    for (const key of keysOf(old, newForm)) {
      const where = `/Root /AcroForm /${key}`;
      const kind = !old.has(key) && ADDABLE_FORM_KEYS.has(key) ? "form" : "content";
      if (key === "SigFlags") continue; // part of every signature
      if (key !== "Fields") this.queue.push({ before: old.get(key), after: newForm.get(key), kind, where });
      else this.compareLists(itemsOf(resolved(old.get(key), this.before)), itemsOf(resolved(newForm.get(key), this.after)), where, null);
    }
  }

  /** Fields or annotations, matched by reference: their order may change, and signed signature widgets may come. */
  private compareLists(old: readonly PdfObject[], fresh: readonly PdfObject[], where: string, page: number | null): void {
    for (const item of old.filter((each) => each instanceof PdfRef)) {
      const match = fresh.find((candidate) => refKey(candidate) === refKey(item));
      if (match === undefined) this.differ({ kind: "content", where });
      else this.compareFields(item, match, where, page);
    }
    const direct = (list: readonly PdfObject[]): PdfObject[] => list.filter((item) => !(item instanceof PdfRef));
    const [oldDirect, freshDirect] = [direct(old), direct(fresh)];
    for (let index = 0; index < Math.max(oldDirect.length, freshDirect.length); index++) {
      this.queue.push({ before: oldDirect[index], after: freshDirect[index], kind: "content", where });
    }
    const known = new Set(old.map(refKey));
    for (const item of fresh.filter((each) => each instanceof PdfRef && !known.has(refKey(each)))) {
      if (this.newFields.has(refKey(item))) this.wasSigned(item, page);
      else this.differ({ kind: "content", where });
    }
  }

  private wasSigned(item: PdfObject, page: number | null): void {
    this.signed.add(refKey(item));
    const widget = resolved(item, this.after);
    if (page !== null && widget instanceof PdfDict && isVisible(widget, this.after)) this.visiblePages.add(page);
  }

  private compareFields(oldItem: PdfObject, newItem: PdfObject, where: string, page: number | null): void {
    const [old, fresh] = [resolved(oldItem, this.before), resolved(newItem, this.after)];
    const isField = fresh instanceof PdfDict && (fresh.has("FT") || fresh.getName("Subtype", this.after)?.value === "Widget");
    if (!(old instanceof PdfDict && isField)) {
      this.queue.push({ before: oldItem, after: newItem, kind: "content", where });
      return;
    }
    const isSignature = isSignatureWidget(fresh, this.after);
    const isSignedNow = isSignature && !old.has("V") && fresh.getDict("V", this.after) !== undefined;
    if (isSignedNow) this.wasSigned(newItem, page);
    const key = `field ${refKey(oldItem)}|${refKey(newItem)}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    for (const name of keysOf(old, fresh)) {
      if (UPWARD_KEYS.has(name) || (isSignedNow && SIGNING_KEYS.has(name))) continue;
      const kind = FIELD_VALUE_KEYS.has(name) && !isSignature ? "form" : "content";
      const [before, after] = [old.get(name), fresh.get(name)];
      if (name === "Kids")
        this.compareLists(itemsOf(resolved(before, this.before)), itemsOf(resolved(after, this.after)), `${where} /Kids`, null);
      else this.queue.push({ before, after, kind, where: `${where} /${name}` });
    }
  }

  private compare(pair: Pair): void {
    const { before, after, kind, where } = pair;
    if (before instanceof PdfRef && after instanceof PdfRef) {
      const references = `${refKey(before)}|${refKey(after)}`;
      const key = `${kind} ${references}`;
      if (this.seen.has(key) || this.pages.has(references) || this.seen.has(`field ${references}`)) return;
      this.seen.add(key);
    }
    const old = resolved(before, this.before);
    const fresh = resolved(after, this.after);
    if (old === null || fresh === null) {
      if (old !== fresh) this.differ(pair);
    } else if (old instanceof PdfDict && fresh instanceof PdfDict) this.compareDictionaries(old, fresh, pair);
    else if (old instanceof PdfArray && fresh instanceof PdfArray) {
      const length = Math.max(old.length, fresh.length);
      for (let index = 0; index < length; index++) this.queue.push({ before: old.at(index), after: fresh.at(index), kind, where });
    } else if (!samePrimitive(old, fresh)) this.differ(pair);
  }

  private compareDictionaries(old: PdfDict, fresh: PdfDict, pair: Pair): void {
    const bothStreams = old instanceof PdfStream && fresh instanceof PdfStream;
    if (old.type !== fresh.type || (bothStreams && !sameBytes(old.data, fresh.data))) this.differ(pair);
    for (const key of keysOf(old, fresh)) {
      if (!STORAGE_KEYS.has(key)) this.queue.push({ before: old.get(key), after: fresh.get(key), kind: pair.kind, where: pair.where });
    }
  }
}

/** Everything that differs when the later revision is shown instead of the earlier. */
export function changesBetween(before: PDF, after: PDF): RevisionChanges {
  return new Comparison(before, after).result();
}

/** One more signature, and nothing else. */
export function isOnlyOneSignature(changes: RevisionChanges): boolean {
  return changes.signatures === 1 && changes.changes.length === 0;
}
