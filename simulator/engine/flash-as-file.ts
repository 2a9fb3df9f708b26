// The interpreter's flash as a file. On Linux all of it is `Storage`, which is erased at power-on when it is not sound: so the token's pages are the
// content of one file in it.

import { existsSync, writeFileSync } from "node:fs";

/** The interpreter's own name for its flash. */
export const ENGINE_FLASH_FILE = "espruino.flash";
/** Where the token's pages begin in it: a multiple of the interpreter's own pages. */
export const TOKEN_OFFSET_BYTES = 4096;

/** JsfFileHeader (src/jsflash.h of Espruino): size, least significant byte first; name, filled with zeros. */
const HEADER_BYTES = 32;
const NAME = "token";
const ERASED = 0xff;

/** A blank flash where there is none, mode 0600: it will hold private keys. The interpreter fills it up to its own length. */
export function makeFlash(path: string, tokenBytes: number): void {
  if (existsSync(path)) return;
  const head = Buffer.alloc(TOKEN_OFFSET_BYTES, ERASED);
  head.fill(0, 0, HEADER_BYTES);
  head.writeUInt32LE(TOKEN_OFFSET_BYTES - HEADER_BYTES + tokenBytes, 0);
  head.write(NAME, 4, "latin1");
  writeFileSync(path, head, { mode: 0o600 });
}
