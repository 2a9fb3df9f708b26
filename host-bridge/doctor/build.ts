// Whether the build is there, and not older than the sources: somebody pulled new ones and did not build them.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { shellWord } from "../desktop/shell-word.ts";
import type { Check } from "./check.ts";
import { ok, trouble } from "./found.ts";

/** What `sceau` runs, by the name that the compiler keeps its notes under. */
const FOLDERS = ["protocol", "firmware", "simulator", "host-bridge", "office", "cli"] as const;

const isSource = (name: string): boolean => name.endsWith(".ts") && !name.endsWith(".test.ts");

/** A source that was changed after the compiler last looked at the folder; null: none. */
function newerSource(folder: string, builtMs: number): string | null {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const found = entry.isDirectory() ? newerSource(path, builtMs) : isSource(entry.name) && statSync(path).mtimeMs > builtMs ? path : null;
    if (found !== null) return found;
  }
  return null;
}

function newerIn(checkout: string): string | null {
  for (const name of FOLDERS) {
    const folder = join(checkout, name);
    if (!existsSync(folder)) continue; // installed without its sources
    const notes = statSync(join(checkout, ".tsbuild", `${name}.tsbuildinfo`), { throwIfNoEntry: false });
    const newer = newerSource(folder, notes?.mtimeMs ?? 0);
    if (newer !== null) return relative(checkout, newer);
  }
  return null;
}

export const BUILD: Check<"build"> = {
  name: "build",
  area: "installation",
  needs: ["packages"],
  look: ({ checkout }) => {
    const folder = join(checkout, "dist");
    const mend = { commands: [`npm --prefix ${shellWord(checkout)} run build`] };
    if (!existsSync(join(folder, "cli", "main.js"))) return trouble("build", "missing", { folder, newer: "" }, mend);
    const newer = newerIn(checkout);
    return newer === null ? ok("build", "fine", { folder, newer: "" }) : trouble("build", "older", { folder, newer }, mend);
  },
};
