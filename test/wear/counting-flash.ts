// A modelled flash that counts how often each page was erased.

import { blankImage, type FlashGeometry, ModelledFlash } from "../../simulator/modelled-flash.ts";

export class CountingFlash extends ModelledFlash {
  /** By page. */
  readonly erases: number[];

  constructor(geometry: FlashGeometry) {
    super(geometry, blankImage(geometry), () => {});
    this.erases = new Array(geometry.pageCount).fill(0);
  }

  override erase(page: number): void {
    super.erase(page);
    this.erases[page] = (this.erases[page] ?? 0) + 1;
  }
}
