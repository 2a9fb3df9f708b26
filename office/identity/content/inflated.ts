// How long something compressed becomes, found without keeping it: it is given up as soon as it is more than allowed.

import { createInflate } from "node:zlib";
import { ContentError } from "./content-error.ts";

/** @returns what comes out of a zlib stream (RFC 1950), null: it is none, or it is cut off @throws ContentError too-large */
export function inflatedLength(
  compressed: Uint8Array,
  limitBytes: number,
  take: (part: Uint8Array) => void = () => {},
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    let length = 0;
    const inflate = createInflate();
    inflate.on("data", (part: Uint8Array) => {
      length += part.length;
      if (length > limitBytes) {
        inflate.destroy();
        reject(new ContentError("too-large"));
      } else take(part);
    });
    inflate.on("error", () => resolve(null));
    inflate.on("end", () => resolve(length));
    inflate.end(compressed);
  });
}
