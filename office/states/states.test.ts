// Every (state, event) pair, compared with the table that the README shows.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { StateError, type StateMachine } from "./state-table.ts";
import { STATE_MACHINES } from "./states.ts";

const README = readFileSync(new URL("README.md", import.meta.url), "utf8").split("\n");

const cells = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The table under «### entity»: rows are states, columns events; a cell is the state afterwards, or –. */
function tableOf(entity: string): Map<string, Map<string, string>> {
  const start = README.indexOf(`### ${entity}`);
  const lines = README.slice(start + 1).filter((line) => line.startsWith("|"));
  const [head = []] = lines.slice(0, 1).map(cells);
  const end = README.slice(start + 1).findIndex((line) => line.startsWith("### "));
  const own = README.slice(start + 1, end < 0 ? undefined : start + 1 + end).filter((line) => line.startsWith("|"));
  return new Map(
    own.slice(2).map((line) => {
      const [state = "", ...afters] = cells(line);
      return [state, new Map(afters.map((after, index) => [head[index + 1] ?? "", after]))];
    }),
  );
}

describe.each(STATE_MACHINES.map((machine) => [machine.entity, machine as unknown as StateMachine<string, string>] as const))(
  "%s",
  (entity, machine) => {
    const shown = tableOf(entity);
    const states = Object.keys(machine.table);
    const events = [...new Set(states.flatMap((state) => Object.keys(machine.table[state] ?? {})))];

    test("the README shows its states and events, and no others", () => {
      expect([...shown.keys()].sort()).toEqual([...states].sort());
      for (const row of shown.values()) expect([...row.keys()].sort()).toEqual([...events].sort());
    });

    test.each(states.flatMap((state) => events.map((event) => [state, event] as const)))("%s: %s", (state, event) => {
      const told = shown.get(state)?.get(event);
      if (told === "–") {
        expect(machine.allows(state, event)).toBe(false);
        expect(() => machine.after(state, event)).toThrow(StateError);
      } else {
        expect(machine.allows(state, event)).toBe(true);
        expect(machine.after(state, event)).toBe(told);
      }
    });
  },
);
