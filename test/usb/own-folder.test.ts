// What a killed run leaves is removed by the next one; what a run still uses is not.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { ownFolder } from "./own-folder.ts";

test("folders of ended processes go; those of running ones, of nobody and of another prefix stay", () => {
  const parent = temporaryFolder();
  const ended = spawnSync("true").pid;
  const staying = [`guest-${process.ppid}-abc`, "guest-abcdef", `other-${ended}-abc`];
  for (const name of [...staying, `guest-${ended}-abc`]) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, "console.log"), "");
  }
  const own = ownFolder(parent, "guest-");
  expect(
    readdirSync(parent)
      .map((name) => join(parent, name))
      .sort(),
  ).toEqual([...staying.map((name) => join(parent, name)), own].sort());
  expect(own).toMatch(new RegExp(`/guest-${process.pid}-[^/]+$`));
});
