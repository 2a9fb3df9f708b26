// What the type checker keeps out: globals that a board does not have, and imports against the one direction.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, run } from "../support/run.ts";

/** To check the office's types takes longest. */
const LIMIT_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), "sceau-types-"));

beforeAll(() => writeFileSync(join(folder, "package.json"), '{ "type": "module" }'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * What tsc says of `sources`, as added-0.ts, added-1.ts …, in a project of the repository.
 * @param patterns of its own files that are compiled with them; absent: all
 */
function compile(project: string, sources: readonly string[], patterns?: readonly string[]): string {
  const added = sources.map((source, index) => {
    const path = join(folder, `added-${index}.ts`);
    writeFileSync(path, source);
    return path;
  });
  const path = join(ROOT, project, "tsconfig.json");
  const own = JSON.parse(readFileSync(path, "utf8")) as { include: string[]; exclude: string[]; references?: { path: string }[] };
  const absolute = (each: string): string => resolve(ROOT, project, each);
  const [typeRoots, tsBuildInfoFile] = [[join(ROOT, "node_modules/@types")], join(folder, "info")];
  const config = {
    extends: path,
    compilerOptions: { noEmit: true, rootDir: "/", tsBuildInfoFile, typeRoots },
    include: [...(patterns ?? own.include).map(absolute), ...added],
    exclude: own.exclude.map(absolute),
    references: (own.references ?? []).map((reference) => ({ path: absolute(reference.path) })),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout, stderr } = run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]);
  if (stderr !== "" || (status !== 0 && stdout === "")) throw new Error(`tsc → ${status}: ${stderr}`);
  return stdout;
}

const LACKED: readonly (readonly [name: string, source: string])[] = [
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
];
const HAD = "export const a = new Uint8Array([1, 2]).subarray(1).fill(Math.max(1, 2));";

/** Their globals are a file of theirs. */
const WITHOUT_LIBRARY = ["protocol", "firmware"];

describe.each(WITHOUT_LIBRARY)("%s/ compiles only with what a board has", (project) => {
  let said: string;

  beforeAll(() => {
    said = compile(project, [...LACKED.map(([, source]) => source), HAD]);
  });

  it.each(LACKED.map(([name], index) => [name, index] as const))("not %s", (_name, index) => {
    expect(said).toMatch(new RegExp(`added-${index}\\.ts.* error TS2\\d\\d\\d: `));
  });

  it("and with what it has", () => {
    expect(said).not.toContain(`added-${LACKED.length}.ts`);
  });
});

describe("imports run one way", () => {
  const exportOf = (target: string): string => `export type * from "${join(ROOT, target)}";`;

  it.each([
    ["protocol", ["firmware/token.ts"]],
    ["firmware", ["simulator/simulator.ts"]],
    ["host-bridge", ["firmware/token.ts", "office/issuance/built-in-ca.ts"]],
    ["simulator", ["host-bridge/bridge.ts"]],
    ["office", ["cli/main.ts"]],
  ])("%s may not import %j", { timeout: LIMIT_MS }, (project, targets) => {
    const own = WITHOUT_LIBRARY.includes(project) ? undefined : [];
    const said = compile(project, [...targets.map(exportOf), exportOf("protocol/ber-tlv.ts")], own);
    for (const target of targets) expect(said).toContain(`error TS6307: File '${join(ROOT, target)}' is not listed`);
    expect(said, "and along it they may").not.toContain(`TS6307: File '${join(ROOT, "protocol/ber-tlv.ts")}'`);
  });
});
