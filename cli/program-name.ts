// How this Sceau is called, in lines that people copy.

import { realpathSync } from "node:fs";
import { join } from "node:path";
import { shellWord } from "../host-bridge/desktop/shell-word.ts";
import { CHECKOUT } from "./checkout.ts";
import { findProgram } from "./programs.ts";

/** By its name where the shell finds this one by it, else by its path: a word for a shell. */
export function programName(): string {
  const own = join(CHECKOUT, "cli", "sceau.mjs");
  const found = findProgram("sceau", process.env);
  return found !== null && realpathSync(found) === own ? "sceau" : shellWord(own);
}
