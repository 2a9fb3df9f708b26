// The first line of a board's script: console and radio are closed before the interpreter has read the rest, which takes it 24 million instructions. In
// that time Bluetooth would give its prompt to whoever asks.

import type { Board } from "../firmware/espruino/board.ts";

/** Where the script in Storage is whole. A piece of it must not close the console: the board would have to be held to be flashed again. */
export const LAST_WORDS = "//sceau";

/** What firmware/espruino/start.ts does too, with the pins put in. @param storageName of the script */
export function firstLine({ button }: Pick<Board, "button">, storageName: string): string {
  const isWhole = `(global.require("Storage").read(${JSON.stringify(storageName)})||"").substr(-${LAST_WORDS.length})==="${LAST_WORDS}"`;
  const isHeld = `!!digitalRead("${button.pin}")===${button.pressed}`;
  const close = `E.setConsole(null,{force:true});if(typeof NRF!=="undefined")NRF.sleep();`;
  return `if(${isWhole}){pinMode("${button.pin}","${button.mode}");global.sceauHeld=${isHeld};if(!global.sceauHeld){${close}}}\n`;
}
