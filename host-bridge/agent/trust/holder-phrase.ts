// The holder's phrase: shown beside every PIN field, so that a page that only looks like the agent's is noticed. No other site can read it.

import { join } from "node:path";
import { readOwnFile, writeOwnFile } from "./own-file.ts";

export const PHRASE_MIN_CHARACTERS = 6;
export const PHRASE_MAX_CHARACTERS = 80;
/** Control characters, and those that turn the direction of writing. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Spaces at the ends and several in a row don't count. @returns null: it is too short, too long, or can't be seen as it is */
export function readPhrase(typed: string): string | null {
  const phrase = typed.normalize("NFC").trim().replace(/ +/g, " ");
  const characters = [...phrase].length;
  if (characters < PHRASE_MIN_CHARACTERS || characters > PHRASE_MAX_CHARACTERS) return null;
  return INVISIBLE.test(phrase) ? null : phrase;
}

export class HolderPhrase {
  readonly #path: string;
  constructor(folder: string) {
    this.#path = join(folder, "phrase");
  }

  /** null: none was chosen yet. */
  get text(): string | null {
    const written = readOwnFile(this.#path);
    return written === null ? null : readPhrase(written);
  }

  /** @param phrase of readPhrase */
  set(phrase: string): void {
    writeOwnFile(this.#path, `${phrase}\n`);
  }
}
