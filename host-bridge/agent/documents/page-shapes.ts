// The pages of a PDF as they are shown: what of them is seen, and how far they are turned. Read from the page tree (ISO 32000-2 §7.7.3.4, §14.11.2); the
// library's own answer takes the second corner of a box for its width and height.

import { type PDF, PdfArray, PdfDict, PdfNumber, type PdfObject } from "@libpdf/core";
import { type Resolve, resolved, resolverOf } from "../../signing/pdf-reading.ts";
import type { Rectangle, Turn } from "../../signing/signature-appearance.ts";
import type { PageShape } from "./seal-place.ts";

const MAX_TREE_DEPTH = 64;
/** US Letter: what viewers take for a page that says no size. */
const NO_BOX: Rectangle = { x: 0, y: 0, width: 612, height: 792 };
const TURNS: readonly Turn[] = [0, 90, 180, 270];

/** A page's attribute, its own or from the nodes above it. */
function inherited(page: PdfDict, key: string, resolve: Resolve): PdfObject | null {
  let node: PdfDict | undefined = page;
  for (let depth = 0; node !== undefined && depth < MAX_TREE_DEPTH; depth++) {
    const own = resolved(node.get(key), resolve);
    if (own !== null) return own;
    node = node.getDict("Parent", resolve);
  }
  return null;
}

/** Two opposite corners, in any order (§7.9.5). */
function rectangle(object: PdfObject | null, resolve: Resolve): Rectangle | null {
  if (!(object instanceof PdfArray) || object.length !== 4) return null;
  const numbers = object.toArray().map((each) => {
    const number = resolved(each, resolve);
    return number instanceof PdfNumber ? number.value : Number.NaN;
  });
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbers;
  const found = { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
  return numbers.every(Number.isFinite) && found.width > 0 && found.height > 0 ? found : null;
}

function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const [right, top] = [Math.min(a.x + a.width, b.x + b.width), Math.min(a.y + a.height, b.y + b.height)];
  return right > x && top > y ? { x, y, width: right - x, height: top - y } : a;
}

function turnOf(object: PdfObject | null): Turn {
  const degrees = object instanceof PdfNumber ? ((object.value % 360) + 360) % 360 : 0;
  return TURNS.find((turn) => turn === degrees) ?? 0;
}

/** The visible fields for signatures on a page, signed or to be signed by somebody else. */
function signatureFields(page: PdfDict, resolve: Resolve): Rectangle[] {
  const annotations = page.getArray("Annots", resolve)?.toArray() ?? [];
  return annotations.flatMap((item) => {
    const annotation = resolved(item, resolve);
    if (!(annotation instanceof PdfDict)) return [];
    const type = annotation.getName("FT", resolve) ?? annotation.getDict("Parent", resolve)?.getName("FT", resolve);
    const place = rectangle(resolved(annotation.get("Rect"), resolve), resolve);
    return type?.value === "Sig" && place !== null ? [place] : [];
  });
}

function shapeOf(page: PdfDict, resolve: Resolve): PageShape {
  const media = rectangle(inherited(page, "MediaBox", resolve), resolve) ?? NO_BOX;
  const crop = rectangle(inherited(page, "CropBox", resolve), resolve);
  const turn = turnOf(inherited(page, "Rotate", resolve));
  return { box: crop === null ? media : intersection(media, crop), turn, taken: signatureFields(page, resolve) };
}

export function pageShapes(pdf: PDF): PageShape[] {
  const resolve = resolverOf(pdf);
  return pdf.context.pages.getPages().map((reference) => {
    const page = resolve(reference);
    return page instanceof PdfDict ? shapeOf(page, resolve) : { box: NO_BOX, turn: 0, taken: [] };
  });
}
