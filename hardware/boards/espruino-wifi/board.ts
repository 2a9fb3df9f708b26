// Espruino WiFi (STM32F411): boards/ESPRUINOWIFI.py of Espruino. It does not fit (this folder's README); the build says by how much.

import type { Board } from "../../../firmware/espruino/board.ts";

export const ESPRUINO_WIFI: Board = {
  model: "Sceau WiFi",
  interpreter: "ESPRUINOWIFI",
  noise: "adc",
  button: { pin: "C13", mode: "input_pulldown", pressed: true },
  leds: { error: "B2", busy: "B12", waiting: "B12" },
  flash: { address: 0x08004000, pageBytes: 16 * 1024, pages: 3 },
};
