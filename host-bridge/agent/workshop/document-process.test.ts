// What the process that works on documents can make the agent do, if a document has taken it over.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { DocumentProcess } from "./document-process.ts";

const LIMITS = { heapMegabytes: 100, memoryBytes: 500_000_000, stepMs: 20_000 };
const folder = temporaryFolder();

const taken = (program: string): DocumentProcess => {
  const path = join(folder, "taken.mjs");
  writeFileSync(path, program);
  return new DocumentProcess(pathToFileURL(path), LIMITS);
};

test("a second digest is not signed: the holder has agreed to one document", async () => {
  const process = taken(`
const digest = new Uint8Array(32);
globalThis.process.on("message", ({ id }) => { for (let i = 0; i < 2; i++) globalThis.process.send({ id, what: "digest", digest }); });
`);
  const signDigest = vi.fn(() => new Promise<Uint8Array>(() => {}));
  const options = { date: new Date(0) };
  const signed = process.sign(new Uint8Array(1), { certificate: new Uint8Array(1), issuers: [], signDigest }, options, {
    roots: [],
    intermediates: [],
    at: options.date,
  });
  await expect(signed).rejects.toThrow("a digest that nobody asked for");
  expect(signDigest).toHaveBeenCalledTimes(1);
  await process.close();
});
