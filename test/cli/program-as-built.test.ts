// The program without the bundle from which the other tests start it (support/bundled-program.ts): it starts, and each command finds all that it loads.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { mustRun, ROOT } from "../support/run.ts";

const ACTIONS = join(ROOT, "dist", "cli", "actions");

test("cli/sceau.mjs starts", () => {
  expect(mustRun(process.execPath, [join(ROOT, "cli", "sceau.mjs"), "--version"])).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("every command's modules are there", () => {
  const commands = readdirSync(ACTIONS).filter((name) => name.endsWith(".js") && !name.endsWith(".test.js"));
  expect(commands).toEqual(expect.arrayContaining(["sign.js", "verify.js", "office-server.js", "bridge.js"]));
  const lines = commands.map((name) => `await import(${JSON.stringify(pathToFileURL(join(ACTIONS, name)).href)});`);
  mustRun(process.execPath, ["--input-type=module", "--eval", lines.join("\n")]);
});
