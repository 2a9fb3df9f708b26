// The file of a token's secrets, as the commands of `sceau token` and the bridge share it.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { keptManagementKeys } from "./kept-management-keys.ts";
import { entrustTokenSecrets, hasTokenSecrets, keepTokenSecrets, loadManagementKey, loadTokenSecrets } from "./secrets.ts";
import { StateFolder } from "./state-folder.ts";

const folder = temporaryFolder();
let states = 0;
const newState = (): StateFolder => new StateFolder(join(folder, `state-${++states}`), {});
const SERIAL = "40718225";
const KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778";

function write(state: StateFolder, text: string): void {
  mkdirSync(dirname(state.secrets(SERIAL)), { recursive: true });
  writeFileSync(state.secrets(SERIAL), text);
}

test("a key is kept once, in a file that only its owner reads, without a PUK", () => {
  const state = newState();
  const keys = keptManagementKeys(state);
  expect(keys.find(SERIAL)).toBeNull();
  const key = keys.keep(SERIAL);
  expect(key).toHaveLength(24);
  expect(keys.keep(SERIAL)).toEqual(key);
  expect(keys.find(SERIAL)).toEqual(key);
  expect(statSync(state.secrets(SERIAL)).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(state.secrets(SERIAL))).mode & 0o777).toBe(0o700);
  expect(loadTokenSecrets(state, SERIAL).puk).toBeNull();
  keys.forget(SERIAL);
  expect(keys.find(SERIAL)).toBeNull();
  expect(hasTokenSecrets(state, SERIAL)).toBe(false);
});

test("the officer's PUK takes the place of one that was kept, and the management key stays; nothing else is left in the folder", () => {
  const state = newState();
  const { puk, managementKey } = keepTokenSecrets(state, SERIAL, true);
  expect(puk).toMatch(/^\d{8}$/);
  expect(Buffer.from(keptManagementKeys(state).keep(SERIAL)).toString("hex")).toBe(managementKey);
  expect(JSON.parse(readFileSync(state.secrets(SERIAL), "utf8"))).toEqual({ puk: null, managementKey, offices: [] });
  expect(statSync(state.secrets(SERIAL)).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(state.secrets(SERIAL)))).toEqual([`${SERIAL}.json`]);
});

test("sceau token init after an interrupted C_InitToken makes a PUK only for a token that still has the factory's", () => {
  const state = newState();
  const key = keptManagementKeys(state).keep(SERIAL);
  expect(keepTokenSecrets(state, SERIAL, false).puk).toBeNull();
  const kept = keepTokenSecrets(state, SERIAL, true);
  expect(kept.puk).toMatch(/^\d{8}$/);
  expect(keepTokenSecrets(state, SERIAL, true)).toEqual(kept);
  expect(loadManagementKey(state, SERIAL)).toEqual(key);
});

test.each([
  ["nothing", ""],
  ["half of it", `{"puk": "28460917", "managem`],
  ["a list", "[]"],
  ["null", "null"],
  ["no management key", `{"puk": "28460917"}`],
  ["a management key of another length", `{"puk": null, "managementKey": "${KEY}00"}`],
  ["a management key that is no hexadecimal", `{"puk": null, "managementKey": "${KEY.replace("0", "g")}"}`],
  ["no PUK", `{"managementKey": "${KEY}"}`],
  ["a PUK of seven characters", `{"puk": "2846091", "managementKey": "${KEY}"}`],
  ["offices that are none", `{"puk": null, "managementKey": "${KEY}", "offices": [1]}`],
  ["a PUK that is a number", `{"puk": 28460917, "managementKey": "${KEY}"}`],
])("a file with %s in it is told as such, never used, never written over; to the bridge it is no key", (_, text) => {
  const state = newState();
  write(state, text);
  const problem = expect.objectContaining({ problem: "bad-secrets", detail: state.secrets(SERIAL) });
  expect(() => loadTokenSecrets(state, SERIAL)).toThrow(problem);
  expect(() => loadManagementKey(state, SERIAL)).toThrow(problem);
  expect(() => keepTokenSecrets(state, SERIAL, true)).toThrow(problem);
  expect(() => keptManagementKeys(state).keep(SERIAL)).toThrow(problem);
  expect(keptManagementKeys(state).find(SERIAL)).toBeNull();
  expect(readFileSync(state.secrets(SERIAL), "utf8")).toBe(text);
});

test("the offices to which a token's secrets went are kept beside them, whatever becomes of the PUK; others can read the file no more than before", () => {
  const state = newState();
  keepTokenSecrets(state, SERIAL, true);
  entrustTokenSecrets(state, SERIAL, "https://office.example");
  entrustTokenSecrets(state, SERIAL, "https://office.example");
  entrustTokenSecrets(state, SERIAL, "https://second.example");
  keptManagementKeys(state).keep(SERIAL);
  expect(loadTokenSecrets(state, SERIAL).offices).toEqual(["https://office.example", "https://second.example"]);
  expect(keepTokenSecrets(state, SERIAL, true).offices).toHaveLength(2);
  expect(statSync(state.secrets(SERIAL)).mode & 0o777).toBe(0o600);
});

test("the secrets of an earlier version are read", () => {
  const state = newState();
  write(state, JSON.stringify({ puk: "28460917", managementKey: KEY }));
  expect(loadTokenSecrets(state, SERIAL)).toEqual({ puk: "28460917", managementKey: KEY, offices: [] });
  expect(existsSync(state.secrets("1"))).toBe(false);
  expect(() => loadTokenSecrets(state, "1")).toThrow(expect.objectContaining({ problem: "no-management-key" }));
});
