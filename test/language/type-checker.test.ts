// What the type checker keeps out: globals that a board does not have, and imports against the one direction.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, run } from "../support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "sceau-types-"));

beforeAll(() => writeFileSync(join(folder, "package.json"), '{ "type": "module" }'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What tsc says of a project of the repository with `source` added to it. */
function compile(project: string, source: string): string {
  const added = join(folder, "added.ts");
  writeFileSync(added, source);
  const path = join(ROOT, project, "tsconfig.json");
  const own = JSON.parse(readFileSync(path, "utf8")) as { include: string[]; exclude: string[]; references?: { path: string }[] };
  const absolute = (each: string): string => resolve(ROOT, project, each);
  const config = {
    extends: path,
    compilerOptions: { noEmit: true, rootDir: "/", tsBuildInfoFile: join(folder, "info"), typeRoots: [join(ROOT, "node_modules/@types")] },
    include: [...own.include.map(absolute), added],
    exclude: own.exclude.map(absolute),
    references: (own.references ?? []).map((reference) => ({ path: absolute(reference.path) })),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  return run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]).stdout;
}

describe("firmware/ and protocol/ compile only with what a board has", () => {
  it.each([
    ["Buffer", "export const a = Buffer.alloc(4);"],
    ["Map", "export const a = new Map();"],
    ["SharedArrayBuffer", "export const a = new SharedArrayBuffer(4);"],
    ["TextEncoder", "export const a = new TextEncoder();"],
    ["Promise", "export const a = new Promise(() => {});"],
    ["Uint8Array.from", "export const a = Uint8Array.from([1]);"],
    ["slice of a typed array", "export const a = new Uint8Array(4).slice(1);"],
    ["Math.imul", "export const a = Math.imul(2, 3);"],
    ["setTimeout", "setTimeout(() => {}, 1); export {};"],
    ["extends Error", "export class A extends Error {}"],
  ])("not %s", (_name, source) => {
    for (const project of ["protocol", "firmware"]) expect(compile(project, source)).toMatch(/added\.ts.* error TS2\d\d\d: /);
  });

  it("and with what it has", () => {
    expect(compile("firmware", "export const a = new Uint8Array([1, 2]).subarray(1).fill(Math.max(1, 2));")).not.toContain("added.ts");
  });
});

describe("imports run one way", () => {
  it.each([
    ["protocol", "firmware/token.ts"],
    ["firmware", "simulator/simulator.ts"],
    ["host-bridge", "firmware/token.ts"],
    ["host-bridge", "office/issuance/built-in-ca.ts"],
    ["simulator", "host-bridge/bridge.ts"],
    ["office", "cli/main.ts"],
  ])("%s may not import %s", (project, target) => {
    expect(compile(project, `export type * from "${join(ROOT, target)}";`)).toContain(
      `error TS6307: File '${join(ROOT, target)}' is not listed`,
    );
  });

  it("and along it they may", () => {
    expect(compile("office", `export type { Tlv } from "${join(ROOT, "protocol/ber-tlv.ts")}";`)).not.toContain("TS6307");
  });
});
