// The ZIP archive, as Python reads it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mustRun } from "../../../test/support/run.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { archiveOf } from "./archive.ts";

const folder = temporaryFolder();
const EXTRACT =
  "import json, sys, zipfile; a = zipfile.ZipFile(sys.argv[1]); assert a.testzip() is None; a.extractall(sys.argv[2]); print(json.dumps(sorted(a.namelist())))";

test("holds every file whole, under its name", () => {
  const files = [
    { name: "Contrat d'été-signé.pdf", bytes: new Uint8Array(70_000).map((_, index) => index % 251) },
    { name: "empty.pdf", bytes: new Uint8Array(0) },
    { name: "b.pdf", bytes: new TextEncoder().encode("%PDF-") },
  ];
  const path = join(folder, "all.zip");
  writeFileSync(path, archiveOf(files, new Date(2026, 2, 1, 10, 20, 30)));
  const listed = mustRun("python3", ["-c", EXTRACT, path, join(folder, "out")]);
  expect(JSON.parse(listed)).toEqual(["Contrat d'été-signé.pdf", "b.pdf", "empty.pdf"]);
  for (const { name, bytes } of files) expect(readFileSync(join(folder, "out", name)).equals(bytes)).toBe(true);
});
