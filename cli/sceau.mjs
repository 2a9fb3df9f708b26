#!/usr/bin/env node
// The program `sceau`, as built. What it lacks to be loaded at all is told as `sceau doctor` would tell it.

import { fileURLToPath } from "node:url";
import { findHalfDone, findMissing, tell } from "./first-aid.mjs";

const NOT_INSTALLED = 1;
const INTERNAL = 70;
const folder = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const args = process.argv.slice(2);

async function run() {
  const missing = findMissing(folder, process.versions.node, args, process.env);
  if (missing === null) {
    try {
      const { runCli } = await import(new URL("../dist/cli/main.js", import.meta.url).href);
      return await runCli(process.argv);
    } catch (error) {
      const halfDone = findHalfDone(folder, error, args, process.env);
      if (halfDone === null) throw error;
      tell(halfDone, args);
      return NOT_INSTALLED;
    }
  }
  tell(missing, args);
  return NOT_INSTALLED;
}

// No «await» out here: the Node.js of Ubuntu 22.04 (12.22) would stop at it, and say nothing that helps.
let hasEnded = false;
process.once("exit", () => {
  if (!hasEnded) process.exitCode = INTERNAL; // nothing was left to wait for, and the command had not ended
});
run().then((code) => {
  hasEnded = true;
  process.exitCode = code;
});
