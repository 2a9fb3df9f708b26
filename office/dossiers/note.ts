// What an officer writes beside a decision: it stays with the dossier, so it says something.

import { DecisionError } from "./decision-error.ts";

export const MIN_NOTE_CHARACTERS = 3;
export const MAX_NOTE_CHARACTERS = 1000;

/** @throws DecisionError note-missing */
export function noteOf(text: string): string {
  const note = text.normalize("NFC").trim();
  if (note.length < MIN_NOTE_CHARACTERS || note.length > MAX_NOTE_CHARACTERS) throw new DecisionError("note-missing");
  return note;
}
