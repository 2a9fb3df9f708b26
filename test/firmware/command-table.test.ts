// The table of commands in firmware/README.md is the table in the code.

import { expect, it } from "vitest";
import { VENDOR_COMMANDS } from "../../firmware/commands/vendor.ts";
import { COMMANDS } from "../../firmware/token.ts";
import { CLA_VENDOR, INS_VENDOR } from "../../protocol/vendor.ts";
import { INSTANCES } from "./state-commands.ts";
import { type CommandRow, readCommandRows } from "./state-table.ts";
import { subject } from "./state-token.ts";

const ROWS = readCommandRows();

/** Some state of a blank token has another cell than 6985. */
const onBlank = (rows: readonly CommandRow[]): boolean =>
  rows.some((row) => [...row.cells].some(([state, cell]) => "FUB".includes(state.charAt(0)) && cell !== "6985"));

const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)];

it("firmware/README.md shows every command of the token, and which of them a blank one runs", () => {
  const shown = distinct(ROWS.map((row) => row.ins)).map((ins) => ({
    cla: ins === INS_VENDOR ? CLA_VENDOR : 0,
    ins,
    onBlank: onBlank(ROWS.filter((row) => row.ins === ins)),
  }));
  expect(shown).toEqual(COMMANDS.map(({ cla, ins, onBlank: runs }) => ({ cla, ins, onBlank: runs })));
});

it("and every vendor command", () => {
  const rows = ROWS.filter((row) => row.vendor !== null);
  expect(rows.every((row) => row.ins === INS_VENDOR)).toBe(true);
  const shown = distinct(rows.map((row) => row.vendor ?? 0)).map((p1) => ({
    p1,
    onBlank: onBlank(rows.filter((row) => row.vendor === p1)),
  }));
  expect(shown).toEqual(VENDOR_COMMANDS.map(({ p1, onBlank: runs }) => ({ p1, onBlank: runs })));
});

it("a row's instance in state-walk.test.ts is the row's command", () => {
  for (const row of ROWS) {
    const factory = row.label.startsWith("factory");
    const who = subject({ life: factory ? "F" : "R", tries: "" }, { pin: "none", management: false }, factory ? [] : ["PIN", "PUK", "9B"]);
    const command = INSTANCES[row.label]?.(who);
    expect([row.label, command?.ins, command?.cla === CLA_VENDOR ? command.p1 : null]).toEqual([row.label, row.ins, row.vendor]);
  }
});
