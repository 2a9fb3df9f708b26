// Espruino Pico (STM32F401): boards/PICO_R1_3.py of Espruino. It does not fit (this folder's README); the build says by how much.

import type { Board } from "../../../firmware/espruino/board.ts";

export const PICO: Board = {
  model: "Sceau Pico",
  interpreter: "PICO_R1_3",
  noise: "adc",
  button: { pin: "C13", mode: "input_pulldown", pressed: true },
  leds: { error: "B2", busy: "B12", waiting: "B12" },
  // One sector, which the chip's data sheet does not promise.
  flash: { address: 0x08060000, pageBytes: 128 * 1024, pages: 1 },
};
