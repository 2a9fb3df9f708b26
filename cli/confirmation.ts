// The typed confirmation of a change that nobody can take back.

import { UsageError } from "./usage-error.ts";

/**
 * Asks on the terminal for a word that nobody types by accident.
 * @param isGiven the command line has confirmed it already (--yes)
 * @throws UsageError not-confirmed; no-terminal when there is nobody to ask
 */
export async function confirm(isGiven: boolean, word: string, prompt: string): Promise<void> {
  if (isGiven) return;
  if (!process.stdin.isTTY) throw new UsageError("no-terminal", "");
  const { input } = await import("@inquirer/prompts");
  const typed = await input({ message: prompt }, { output: process.stderr });
  if (typed.trim().toUpperCase() !== word.toUpperCase()) throw new UsageError("not-confirmed", "");
}
