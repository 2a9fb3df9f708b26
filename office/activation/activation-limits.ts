// How often an address may try numbers and answers: at the API and on the pages together.

import type { Limit } from "../registration/limits.ts";

const WINDOW_MS = 10 * 60_000;
const GUESSES = 30;

/** @param from of network() */
export const guesses = (what: "number" | "answers", from: string): Limit => ({
  subject: `activation ${what} from ${from}`,
  count: GUESSES,
  windowMs: WINDOW_MS,
});
