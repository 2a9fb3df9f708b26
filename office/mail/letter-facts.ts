// What most mails about a dossier say: to whom, from where, which dossier.

import { isFrench } from "./layout.ts";

export interface LetterFacts {
  /** Address. */
  readonly to: string;
  /** The office's, without a slash at its end. */
  readonly publicUrl: string;
}

export interface DossierFacts extends LetterFacts {
  /** Given name and surname. */
  readonly name: string;
  /** The dossier's. */
  readonly number: string;
}

/** @param name null: nobody has said it */
export function greeting(language: string, name: string | null): string {
  if (name === null) return isFrench(language) ? "Bonjour," : "Hello,";
  return isFrench(language) ? `Bonjour ${name},` : `Dear ${name},`;
}
