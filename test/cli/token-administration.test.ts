// The tries of PIN and PUK, and the reset of a token that nobody can use any more.

import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Outcome, sceau } from "../support/run.ts";
import { json, type Told } from "../support/token-evidence-bench.ts";
import { PIN, Workbench } from "../support/workbench.ts";

let bench: Workbench;
const own = (...args: string[]): Outcome => sceau(["token", ...args, "--state", bench.folder], { cwd: bench.folder, input: "" });
const info = (): Told => json(own("info", "--json"));

beforeAll(async () => {
  bench = await Workbench.open({ withBridge: false });
  bench.write("pin.txt", `${PIN}\n`);
  bench.write("wrong.txt", "00000000\n");
  expect(own("init", "--pin-file", "pin.txt").status).toBe(0);
});

afterAll(() => bench.close());

it("sceau token set-tries takes 1 to 15 for each, and shows in the token's information", () => {
  for (const [pin, puk] of [
    ["0", "3"],
    ["3", "16"],
    ["3", "three"],
    ["3", "1e1"],
  ] as const) {
    expect(own("set-tries", pin, puk, "--pin-file", "pin.txt"), `${pin} ${puk}`).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("not a number"),
    });
  }
  expect(own("set-tries", "2", "4", "--pin-file", "wrong.txt")).toMatchObject({ status: 4, stderr: expect.stringContaining("2 tries") });
  expect(own("set-tries", "2", "4")).toMatchObject({ status: 2, stderr: expect.stringContaining("to set how many tries") });
  expect(info()).toMatchObject({ pinTriesLeft: 2, pinTriesTotal: 3 });
  expect(own("set-tries", "2", "4", "--pin-file", "pin.txt")).toMatchObject({ status: 0, stderr: "" });
  expect(info()).toMatchObject({ pinTriesLeft: 2, pinTriesTotal: 2 });
  expect(own("info").stdout).toMatch(/PIN tries left\s+2 of 2/);
});

it("sceau token reset makes a token new again, only when PIN and PUK are both blocked, and only when that is confirmed", () => {
  expect(own("generate", "9c", "--out", "request.pem", "--pin-file", "pin.txt").status).toBe(0);
  const before = info();
  expect(own("reset", "--yes")).toMatchObject({ status: 2, stderr: expect.stringContaining("both blocked") });
  for (let round = 0; round < 2; round++) own("change-pin", "--pin-file", "wrong.txt", "--new-pin-file", "pin.txt");
  expect(own("reset", "--yes")).toMatchObject({ status: 2, stderr: expect.stringContaining("both blocked") });
  for (let round = 0; round < 4; round++) own("unblock", "--puk-file", "wrong.txt", "--new-pin-file", "pin.txt");
  expect(own("reset")).toMatchObject({ status: 2, stderr: expect.stringContaining("--yes") });
  expect(info().slots[1]).toMatchObject({ slot: "9C", hasKey: true });
  const secrets = bench.state.secrets(before.serial);
  expect(existsSync(secrets)).toBe(true);

  expect(own("reset", "--yes")).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("as new") });
  expect(existsSync(secrets)).toBe(false);
  const after = info();
  expect(after).toMatchObject({ serial: before.serial, isInitialised: false, isSealed: true, pinTriesLeft: 3, pinTriesTotal: 3 });
  expect(after.slots[1]).toMatchObject({ slot: "9C", hasKey: false });
  expect(after.journalCounter).toBe(before.journalCounter + 1);
  expect(own("init", "--pin-file", "pin.txt")).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(own("journal", "--verify", "--json").stdout)).toMatchObject({ valid: true });
});
