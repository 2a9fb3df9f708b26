// A command that the token refused.

import { triesLeftOf } from "../../protocol/status-words.ts";

export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly sw: number;
  /** Tries left, when the status word tells; 0: blocked. */
  readonly triesLeft: number | null;

  constructor(sw: number, command: string) {
    super(`${command}: the token answered ${sw.toString(16).toUpperCase().padStart(4, "0")}`);
    this.sw = sw;
    this.triesLeft = triesLeftOf(sw);
  }
}
