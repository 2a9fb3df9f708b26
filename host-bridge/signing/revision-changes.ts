// What changed between two revisions of a PDF: each is followed by its cross-references from the root, as a viewer would, and the two
// object graphs are compared. A further signature, validation data and filled-in fields are told apart from changes of the content, of
// which a signature before them knew nothing.

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

/** Keys that point upwards (what is above is reached from the root), or say only how a stream is stored. */
const SKIPPED_KEYS = new Set(["Parent", "Length"]);
const FIELD_VALUE_KEYS = new Set(["V", "AP", "AS", "MK"]);
const ROOT_KINDS: ReadonlyMap<string, ChangeKind> = new Map([
  ["DSS", "validation-data"],
  ["Extensions", "validation-data"],
  ["Metadata", "metadata"],
  ["AcroForm", "form"],
]);

const isSignatureField = (field: PdfObject | null, resolve: Resolve): field is PdfDict =>
  field instanceof PdfDict && field.getName("FT", resolve)?.value === "Sig";

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

class Comparison {
  private readonly before: Resolve;
  private readonly after: Resolve;
  private readonly queue: Pair[] = [];
  private readonly seen = new Set<string>();
  private readonly changes = new Map<string, Change>();
  /** References of fields that were signed in between. */
  private readonly signed = new Set<string>();
  private readonly visiblePages = new Set<number>();

  constructor(before: PDF, after: PDF) {
    this.before = resolverOf(before);
    this.after = resolverOf(after);
    this.comparePages(before.context.pages.getPages(), after.context.pages.getPages());
    this.compareRoot(catalogOf(before), catalogOf(after));
    const info = (pdf: PDF): PdfObject | undefined => pdf.context.info.trailer.get("Info");
    this.enqueue({ before: info(before), after: info(after), kind: "metadata", where: "/Info" });
    for (let pair = this.queue.pop(); pair !== undefined; pair = this.queue.pop()) this.compare(pair);
  }

  result(): RevisionChanges {
    return {
      signatures: this.signed.size,
      visibleOnPages: [...this.visiblePages].sort((a, b) => a - b),
      changes: [...this.changes.values()],
    };
  }

  private enqueue(pair: Pair): void {
    this.queue.push(pair);
  }

  private differ({ kind, where }: { kind: ChangeKind; where: string }): void {
    this.changes.set(`${kind} ${where}`, { kind, where });
  }

  private comparePages(before: readonly PdfRef[], after: readonly PdfRef[]): void {
    if (before.length !== after.length) this.differ({ kind: "content", where: "number of pages" });
    for (let index = 0; index < Math.min(before.length, after.length); index++) {
      const [oldPage, newPage] = [this.before(before[index] as PdfRef), this.after(after[index] as PdfRef)];
      if (!(oldPage instanceof PdfDict && newPage instanceof PdfDict)) {
        this.differ({ kind: "content", where: `page ${index + 1}` });
        continue;
      }
      this.seen.add(`${refKey(before[index])}|${refKey(after[index])}`);
      for (const key of keysOf(oldPage, newPage)) {
        if (key === "Parent") continue;
        const where = `page ${index + 1} /${key}`;
        if (key === "Annots") this.compareAnnotations(oldPage, newPage, index + 1);
        else this.enqueue({ before: oldPage.get(key), after: newPage.get(key), kind: "content", where });
      }
    }
  }

  private compareAnnotations(oldPage: PdfDict, newPage: PdfDict, page: number): void {
    const old = itemsOf(resolved(oldPage.get("Annots"), this.before));
    const fresh = itemsOf(resolved(newPage.get("Annots"), this.after));
    this.compareLists(old, fresh, `page ${page} /Annots`, (widget) => {
      const rect = itemsOf(resolved(widget.get("Rect"), this.after)).map((each) => (each instanceof PdfNumber ? each.value : 0));
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rect;
      if (x1 !== x2 && y1 !== y2) this.visiblePages.add(page);
    });
  }

  private compareRoot(oldRoot: PdfDict, newRoot: PdfDict): void {
    for (const key of keysOf(oldRoot, newRoot)) {
      if (key === "AcroForm") this.compareForm(oldRoot.getDict(key, this.before), newRoot.getDict(key, this.after));
      else
        this.enqueue({ before: oldRoot.get(key), after: newRoot.get(key), kind: ROOT_KINDS.get(key) ?? "content", where: `/Root /${key}` });
    }
  }

  private compareForm(oldForm: PdfDict | undefined, newForm: PdfDict | undefined): void {
    if (newForm === undefined) {
      this.differ({ kind: "form", where: "/Root /AcroForm" });
      return;
    }
    const old = oldForm ?? new PdfDict();
    for (const key of keysOf(old, newForm)) {
      const where = `/Root /AcroForm /${key}`;
      if (key === "SigFlags") continue; // part of every signature
      if (key !== "Fields") this.enqueue({ before: old.get(key), after: newForm.get(key), kind: "form", where });
      else
        this.compareLists(itemsOf(resolved(old.get(key), this.before)), itemsOf(resolved(newForm.get(key), this.after)), where, () => {});
    }
  }

  /** Fields or annotations, matched by reference: their order may change, and new signature fields may come. */
  private compareLists(old: readonly PdfObject[], fresh: readonly PdfObject[], where: string, onSigned: (field: PdfDict) => void): void {
    const kind = where.startsWith("page") ? "content" : "form";
    for (const item of old) {
      const match = fresh.find((candidate) => (item instanceof PdfRef ? refKey(candidate) === refKey(item) : candidate === item));
      if (match === undefined && item instanceof PdfRef) this.differ({ kind, where });
      else if (match !== undefined) this.compareFields(item, match, where, onSigned);
    }
    const direct = (list: readonly PdfObject[]): PdfObject[] => list.filter((item) => !(item instanceof PdfRef));
    for (const [index, item] of direct(old).entries()) this.enqueue({ before: item, after: direct(fresh)[index], kind, where });
    const known = new Set(old.map(refKey));
    for (const item of fresh) {
      if (known.has(refKey(item))) continue;
      const field = resolved(item, this.after);
      if (!isSignatureField(field, this.after)) this.differ({ kind, where });
      else if (field.has("V")) {
        this.signed.add(refKey(item));
        onSigned(field);
      }
    }
  }

  private compareFields(oldItem: PdfObject, newItem: PdfObject, where: string, onSigned: (field: PdfDict) => void): void {
    const [old, fresh] = [resolved(oldItem, this.before), resolved(newItem, this.after)];
    if (isSignatureField(fresh, this.after) && old instanceof PdfDict && !old.has("V") && fresh.has("V")) {
      this.signed.add(refKey(newItem));
      this.seen.add(`${refKey(oldItem)}|${refKey(newItem)}`);
      onSigned(fresh);
      return;
    }
    if (old instanceof PdfDict && fresh instanceof PdfDict && fresh.has("FT")) {
      const pairKey = `${refKey(oldItem)}|${refKey(newItem)}`;
      if (this.seen.has(pairKey)) return;
      this.seen.add(pairKey);
      for (const key of keysOf(old, fresh)) {
        if (SKIPPED_KEYS.has(key)) continue;
        const isSigned = isSignatureField(fresh, this.after);
        const kind = FIELD_VALUE_KEYS.has(key) && !isSigned ? "form" : "content";
        this.enqueue({ before: old.get(key), after: fresh.get(key), kind, where: `${where} /${key}` });
      }
      return;
    }
    this.enqueue({ before: oldItem, after: newItem, kind: where.startsWith("page") ? "content" : "form", where });
  }

  private compare(pair: Pair): void {
    const { before, after, kind, where } = pair;
    if (before instanceof PdfRef && after instanceof PdfRef) {
      const key = `${refKey(before)}|${refKey(after)}`;
      if (this.seen.has(key)) return;
      this.seen.add(key);
    }
    const old = resolved(before, this.before);
    const fresh = resolved(after, this.after);
    if (old === null || fresh === null) {
      if (old !== fresh) this.differ(pair);
    } else if (old instanceof PdfDict && fresh instanceof PdfDict) this.compareDictionaries(old, fresh, pair);
    else if (old instanceof PdfArray && fresh instanceof PdfArray) {
      const length = Math.max(old.length, fresh.length);
      for (let index = 0; index < length; index++) this.enqueue({ before: old.at(index), after: fresh.at(index), kind, where });
    } else if (!samePrimitive(old, fresh)) this.differ(pair);
  }

  private compareDictionaries(old: PdfDict, fresh: PdfDict, pair: Pair): void {
    const bothStreams = old instanceof PdfStream && fresh instanceof PdfStream;
    if (old.type !== fresh.type || (bothStreams && !sameBytes(old.data, fresh.data))) this.differ(pair);
    for (const key of keysOf(old, fresh)) {
      if (!SKIPPED_KEYS.has(key)) this.enqueue({ before: old.get(key), after: fresh.get(key), kind: pair.kind, where: pair.where });
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
