// The table of commands in firmware/README.md is the table in the code.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { COMMANDS } from "../../firmware/token.ts";
import { ROOT } from "../support/run.ts";

it("firmware/README.md shows every command of the token, and which of them a blank one runs", () => {
  const readme = readFileSync(join(ROOT, "firmware", "README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| ([0-9A-F]{2}) +\| ([0-9A-F]{2}) +\| [^|]+ \| (yes|no) +\|$/gm)];
  const shown = rows.map(([, cla = "", ins = "", onBlank]) => ({
    cla: Number.parseInt(cla, 16),
    ins: Number.parseInt(ins, 16),
    onBlank: onBlank === "yes",
  }));
  expect(shown).toEqual(COMMANDS.map(({ cla, ins, onBlank }) => ({ cla, ins, onBlank })));
});
