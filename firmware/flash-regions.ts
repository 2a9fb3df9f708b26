// SKETCH; being written.
import type { Flash } from "./hal.ts";

export function splitFlash(flash: Flash): { journal: Flash; log: Flash } {
  return { journal: flash, log: flash };
}
