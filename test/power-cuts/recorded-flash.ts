// A modelled flash that writes down what is done to it.

import { type FlashGeometry, type FlashImage, ModelledFlash } from "../../simulator/modelled-flash.ts";

export type FlashOperation =
  | { readonly kind: "program"; readonly address: number; readonly bytes: Uint8Array }
  | { readonly kind: "erase"; readonly page: number };

export class RecordedFlash extends ModelledFlash {
  /** What was done since the last call of `restart`. */
  operations: FlashOperation[] = [];

  constructor(geometry: FlashGeometry, image: FlashImage) {
    super(geometry, image, () => {});
  }

  restart(): void {
    this.operations = [];
  }

  override program(address: number, bytes: Uint8Array): void {
    super.program(address, bytes);
    this.operations.push({ kind: "program", address, bytes: bytes.slice() });
  }

  override erase(page: number): void {
    super.erase(page);
    this.operations.push({ kind: "erase", page });
  }
}
