// Power-on of a board: what it is made of is put together, and the packets are served; or, with the button held down, nothing is.

import { asciiBytes } from "../../protocol/bytes.ts";
import { KERNEL_FILE, SERIAL_FILE } from "../../protocol/storage-names.ts";
import type { Hal } from "../hal.ts";
import { createToken } from "../token.ts";
import type { Board } from "./board.ts";
import { BoardRng } from "./board-rng.ts";
import { testBoard } from "./board-self-test.ts";
import { boardButton, isButtonDown } from "./debounced-button.ts";
import { Kernel, KernelError } from "./kernel.ts";
import { kernelCrypto, kernelHmac } from "./kernel-crypto.ts";
import { ADC_NOISE, HARDWARE_NOISE } from "./noise-claim.ts";
import { boardFlash } from "./raw-flash.ts";
import { servePackets } from "./serial-packets.ts";
import { StatusLed } from "./status-led.ts";

const WATCHDOG_S = 30;
const MS = 1000;

function readFile(name: string): ByteString {
  const content = global.require("Storage").read(name);
  if (content === undefined) throw new KernelError();
  return content;
}

export function boardHal(board: Board, led: StatusLed): Hal {
  const kernel = new Kernel(readFile(KERNEL_FILE));
  const serial = readFile(SERIAL_FILE);
  const rng = new BoardRng({
    draw: E.hwRand,
    claim: board.noise === "chip" ? HARDWARE_NOISE : ADC_NOISE,
    hmac: kernelHmac(kernel),
    personalisation: asciiBytes(serial),
    onFailure: () => led.fail(),
  });
  rng.startUp();
  return {
    device: { model: board.model, serial: parseInt(serial, 10), simulated: process.env.BOARD !== board.interpreter },
    rng,
    flash: boardFlash(board),
    button: boardButton(board),
    led,
    clock: {
      nowMs: () => getTime() * MS,
      every: (periodMs, tick) => {
        const timer = setInterval(tick, periodMs);
        return () => clearInterval(timer);
      },
    },
    crypto: kernelCrypto(kernel, rng),
    selfTest: () => testBoard(board),
  };
}

/**
 * The whole of a board's script. The console leaves the serial port and the radio is switched off before anything can fail: whoever has either
 * could read the flash. With the button held down at power-on nothing of that happens: a way back.
 */
export function start(board: Board): void {
  // Decided by the script's first line, where there is one (hardware/first-line.ts): the interpreter reads 52 KB before it comes to this one.
  if (global.sceauHeld === undefined ? isButtonDown(board) : global.sceauHeld) return;
  E.setConsole(null, { force: true });
  if (typeof NRF !== "undefined") NRF.sleep();
  // Until all is well.
  const led = new StatusLed(board);
  led.show("error");
  const token = createToken(boardHal(board, led));
  E.enableWatchdog(WATCHDOG_S, true);
  servePackets(token);
}
