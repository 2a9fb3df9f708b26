// Where the visible seal stands: a page and a corner, as people choose it, made into a rectangle of the page's own coordinates.

import type { Rectangle, Turn } from "../../signing/signature-appearance.ts";
import type { VisiblePlace } from "../../signing/signature-field.ts";

export const CORNERS = ["bottom-right", "bottom-left", "top-right", "top-left"] as const;
export type Corner = (typeof CORNERS)[number];

/** `none`: the signature is not seen on a page. */
export type SealPage = "none" | "first" | "last";

export interface SealChoice {
  readonly page: SealPage | number;
  readonly corner: Corner;
}

/** A page as it is shown. */
export interface PageShape {
  /** The visible part, in the page's own coordinates, points; before the turn. */
  readonly box: Rectangle;
  /** Clockwise, when it is shown. */
  readonly turn: Turn;
  /** Where seals stand already, in the page's own coordinates. */
  readonly taken: readonly Rectangle[];
}

export const SEAL_WIDTH_POINTS = 220;
export const SEAL_HEIGHT_POINTS = 52;
/** From the page's edges. */
export const SEAL_MARGIN_POINTS = 30;
/** What Helvetica of 9 points has room for in the seal's width, about. */
const LINE_CHARACTERS = 46;

/** From 1. A page that the document does not have: the last. */
export function pageNumber({ page }: SealChoice, count: number): number | null {
  if (page === "none") return null;
  if (page === "first") return 1;
  return page === "last" ? count : Math.min(page, count);
}

interface Shown {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** As the page is seen: from its upper left corner, turned. A page smaller than the seal gets a smaller one. */
function shownPlace(corner: Corner, width: number, height: number): Shown {
  const margin = Math.min(SEAL_MARGIN_POINTS, width / 10, height / 10);
  const seal = { width: Math.min(SEAL_WIDTH_POINTS, width - 2 * margin), height: Math.min(SEAL_HEIGHT_POINTS, height - 2 * margin) };
  const left = corner.endsWith("left") ? margin : width - margin - seal.width;
  const top = corner.startsWith("top") ? margin : height - margin - seal.height;
  return { left, top, ...seal };
}

/** The rectangle that the corner is in the page's own coordinates, which a turned page is shown otherwise. */
export function sealRectangle(corner: Corner, { box, turn }: PageShape): Rectangle {
  const isOnSide = turn === 90 || turn === 270;
  const [width, height] = isOnSide ? [box.height, box.width] : [box.width, box.height];
  const { left, top, ...seal } = shownPlace(corner, width, height);
  const right = width - left - seal.width;
  const bottom = height - top - seal.height;
  if (turn === 90) return { x: box.x + top, y: box.y + left, width: seal.height, height: seal.width };
  if (turn === 180) return { x: box.x + right, y: box.y + top, ...seal };
  if (turn === 270) return { x: box.x + bottom, y: box.y + right, width: seal.height, height: seal.width };
  return { x: box.x + left, y: box.y + bottom, ...seal };
}

const overlaps = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The first corner in which no seal stands on any of these pages; none: the first of all. */
export function freeCorner(pages: readonly PageShape[]): Corner {
  const isFree = (corner: Corner): boolean =>
    pages.every((page) => {
      const place = sealRectangle(corner, page);
      return !page.taken.some((taken) => overlaps(place, taken));
    });
  return CORNERS.find(isFree) ?? CORNERS[0];
}

const fitting = (line: string): string =>
  [...line].length <= LINE_CHARACTERS ? line : `${[...line].slice(0, LINE_CHARACTERS - 1).join("")}…`;

/** null: not seen. @param lines what stands in the seal; each is cut to its width */
export function visiblePlace(choice: SealChoice, pages: readonly PageShape[], lines: readonly string[]): VisiblePlace | null {
  const page = pageNumber(choice, pages.length);
  const shape = page === null ? undefined : pages[page - 1];
  if (page === null || shape === undefined) return null;
  return { page, rectangle: sealRectangle(choice.corner, shape), turn: shape.turn, lines: lines.map(fitting) };
}
