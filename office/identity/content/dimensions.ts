// How big a picture of a document may be: legible, and no more than a screen and its memory can take.

import { ContentError } from "./content-error.ts";

/** The shorter side of a document with less can't be read. */
const MIN_SIDE_PX = 300;
const MAX_SIDE_PX = 16_384;
/** What the best telephones make. */
const MAX_PIXELS = 64_000_000;

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** @throws ContentError dimensions */
export function checkLargest({ width, height }: Dimensions): void {
  if (Math.max(width, height) > MAX_SIDE_PX || width * height > MAX_PIXELS) throw new ContentError("dimensions");
}

/** @throws ContentError dimensions */
export function checkDimensions({ width, height }: Dimensions): void {
  if (Math.min(width, height) < MIN_SIDE_PX) throw new ContentError("dimensions");
  checkLargest({ width, height });
}
