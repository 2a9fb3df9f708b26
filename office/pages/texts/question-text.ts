// The words of the personal questions, for programs that ask them beside the pages.

import { ENGLISH } from "./english.ts";
import { FRENCH } from "./french.ts";
import type { Language } from "./language.ts";

/** The question with this id; the id itself when it is one of a newer office. */
export function questionText(language: Language, id: string): string {
  const names: Readonly<Record<string, string>> = (language === "fr" ? FRENCH : ENGLISH).application.questions.names;
  return names[id] ?? id;
}
