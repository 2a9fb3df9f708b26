// The visible seal stands in the chosen corner and upright, as the page is shown: also on pages that are turned, cut, or moved. Judged by poppler's pixels.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { degrees, PDFDocument } from "@cantoo/pdf-lib";
import { describe, expect, test } from "vitest";
import { mustRun } from "../../../test/support/run.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { addSignatureField } from "../../signing/signature-field.ts";
import { OPEN_WORKSHOP } from "../workshop/document-work.ts";
import { judgesOf, NO_AUTHORITIES } from "./known-authorities.ts";
import { isRefused, receiveDocument } from "./received-document.ts";
import {
  CORNERS,
  type Corner,
  freeCorner,
  pageNumber,
  SEAL_HEIGHT_POINTS,
  SEAL_MARGIN_POINTS,
  SEAL_WIDTH_POINTS,
  type SealChoice,
  visiblePlace,
} from "./seal-place.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const folder = temporaryFolder();

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** Where the page, as poppler shows it, has something of the seal's blue; points from the upper left corner. */
function blueBox(pdf: Uint8Array): Box & { readonly pageWidth: number; readonly pageHeight: number } {
  const path = join(folder, "page.pdf");
  writeFileSync(path, pdf);
  mustRun("pdftoppm", ["-r", "72", "-cropbox", "-singlefile", path, join(folder, "page")]);
  const image = readFileSync(join(folder, "page.ppm"));
  const [header = "", widthText, heightText] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(image.subarray(0, 40).toString("latin1")) ?? [];
  const [width, height] = [Number(widthText), Number(heightText)];
  const found = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = header.length + 3 * (y * width + x);
      if ((image[at + 2] ?? 0) - (image[at] ?? 0) < 40) continue;
      found.left = Math.min(found.left, x);
      found.top = Math.min(found.top, y);
      found.right = Math.max(found.right, x + 1);
      found.bottom = Math.max(found.bottom, y + 1);
    }
  }
  return { ...found, width: found.right - found.left, height: found.bottom - found.top, pageWidth: width, pageHeight: height };
}

/** Where poppler finds a word on the page as it shows it. */
function placeOf(word: string, html: string): { readonly left: number; readonly top: number } {
  const [, left, top] = new RegExp(`xMin="([0-9.-]+)" yMin="([0-9.-]+)"[^>]*>${word}<`).exec(html) ?? [];
  if (left === undefined || top === undefined) throw new Error(`no ${word}`);
  return { left: Number(left), top: Number(top) };
}

interface PageBoxes {
  /** x, y, width, height. */
  readonly box: readonly [number, number, number, number];
  readonly crop?: readonly [number, number, number, number];
}

async function sealed(turn: number, corner: Corner, { box, crop }: PageBoxes): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const page = document.addPage();
  page.setMediaBox(...box);
  if (crop !== undefined) page.setCropBox(...crop);
  page.setRotation(degrees(turn));
  const bytes = await document.save({ useObjectStreams: false });
  const received = await receiveDocument("a.pdf", bytes, OPEN_WORKSHOP, judgesOf(NO_AUTHORITIES, NOW));
  if (isRefused(received)) throw new Error(received.refusal);
  const visible = visiblePlace({ page: "last", corner }, received.pages, ["Signé par Anne", "1 mars 2026"]);
  if (visible === null) throw new Error("no place");
  return (await addSignatureField(bytes, { signerName: "Anne", date: NOW, visible, usesXRefStreams: false })).bytes;
}

const BOXES: Readonly<Record<string, PageBoxes>> = {
  "an upright page": { box: [0, 0, 595, 842] },
  "a page whose corner is not the origin": { box: [-100, 50, 842, 595] },
  "a page of which a part is seen": { box: [0, 0, 842, 842], crop: [50, 100, 400, 500] },
};

describe.each(Object.entries(BOXES))("on %s", (_name, boxes) => {
  describe.each([0, 90, 180, 270])("turned by %i°", (turn) => {
    test.each(CORNERS)("the seal is %s, as wide as it is upright", async (corner) => {
      const { pageWidth, pageHeight, left, top, right, bottom, width, height } = blueBox(await sealed(turn, corner, boxes));
      expect(Math.abs(width - SEAL_WIDTH_POINTS)).toBeLessThan(4);
      expect(Math.abs(height - SEAL_HEIGHT_POINTS)).toBeLessThan(4);
      const fromSide = corner.endsWith("left") ? left : pageWidth - right;
      const fromEdge = corner.startsWith("top") ? top : pageHeight - bottom;
      expect(Math.abs(fromSide - SEAL_MARGIN_POINTS)).toBeLessThan(4);
      expect(Math.abs(fromEdge - SEAL_MARGIN_POINTS)).toBeLessThan(4);
    });
  });
});

describe("the page of a choice", () => {
  const at = (page: SealChoice["page"], count: number): number | null => pageNumber({ page, corner: "top-left" }, count);
  test("by its name or number; beyond the end, the last", () => {
    expect([at("first", 5), at("last", 5), at(3, 5), at(9, 5), at("none", 5)]).toEqual([1, 5, 3, 5, null]);
  });
});

test.each([0, 90, 180, 270])("the lines are read from left to right and from top to bottom on a page turned by %i°", async (turn) => {
  const path = join(folder, "lines.pdf");
  writeFileSync(path, await sealed(turn, "top-left", { box: [0, 0, 595, 842] }));
  const html = mustRun("pdftotext", ["-bbox", path, "-"]);
  const [first, last, below] = ["Signé", "Anne", "mars"].map((word) => placeOf(word, html));
  expect(last?.left).toBeGreaterThan(first?.left ?? 999);
  expect(last?.top).toBeCloseTo(first?.top ?? 0, 0);
  expect(below?.top).toBeGreaterThan((first?.top ?? 999) + 5);
});

test("a page smaller than the seal gets a seal that fits", async () => {
  const { left, top, right, bottom, pageWidth, pageHeight } = blueBox(await sealed(0, "top-left", { box: [0, 0, 120, 60] }));
  expect(Math.min(left, top, pageWidth - right, pageHeight - bottom)).toBeGreaterThan(2);
});

test("a line that is too long is cut", () => {
  const pages = [{ box: { x: 0, y: 0, width: 595, height: 842 }, turn: 0 as const, taken: [] }];
  const place = visiblePlace({ page: "first", corner: "top-left" }, pages, ["x".repeat(200), "short"]);
  expect(place?.lines[0]).toHaveLength(46);
  expect(place?.lines[1]).toBe("short");
});

test("a corner where a seal stands already is not proposed, on a page that is turned either", async () => {
  for (const turn of [0, 90]) {
    let bytes = await sealed(turn, "bottom-right", { box: [0, 0, 595, 842] });
    const proposed: Corner[] = [];
    for (let signer = 0; signer < 4; signer++) {
      const received = await receiveDocument("a.pdf", bytes, OPEN_WORKSHOP, judgesOf(NO_AUTHORITIES, NOW));
      if (isRefused(received)) throw new Error(received.refusal);
      const corner = freeCorner(received.pages);
      proposed.push(corner);
      const visible = visiblePlace({ page: "last", corner }, received.pages, ["Signé"]);
      if (visible === null) throw new Error("no place");
      bytes = (await addSignatureField(bytes, { signerName: "Anne", date: NOW, visible, usesXRefStreams: false })).bytes;
    }
    expect(proposed).toEqual(["bottom-left", "top-right", "top-left", "bottom-right"]);
  }
});
