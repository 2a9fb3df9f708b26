// The states of a token as firmware/README.md tells them: the table of commands, the table of events, and the table of what ends a proof.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/run.ts";

/** F new, U begun and never sealed, B blank, N ready and never sealed, R ready. */
export const LIVES = ["F", "U", "B", "N", "R"] as const;
export type Life = (typeof LIVES)[number];
/** All open, PIN blocked, PUK blocked, both. */
export const TRIES = ["", "p", "k", "x"] as const;
export type Tries = (typeof TRIES)[number];

export interface State {
  readonly life: Life;
  readonly tries: Tries;
}

export const STATES: readonly State[] = LIVES.flatMap((life) => TRIES.map((tries) => ({ life, tries })));

export interface CommandRow {
  readonly ins: number;
  /** P1 of a vendor command, null of others. */
  readonly vendor: number | null;
  readonly label: string;
  readonly needs: string;
  readonly cells: ReadonlyMap<string, string>;
}

export interface EventRow {
  readonly event: string;
  /** Where it can happen, and what becomes of the token. */
  readonly becomes: (state: State) => State | null;
}

/** What a command takes away: on its own channel, on the others. */
export interface EndingRow {
  readonly label: string;
  readonly here: readonly string[];
  readonly elsewhere: readonly string[];
}

export function readmeText(): string {
  return readFileSync(join(ROOT, "firmware", "README.md"), "utf8");
}

/** The cells of the table whose first two headings are these, without its head. */
function tableAfter(text: string, first: string, second: string): { readonly head: string[]; readonly rows: string[][] } {
  const cellsOf = (line: string): string[] =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith("|") && cellsOf(line)[0] === first && cellsOf(line)[1] === second);
  if (start < 0) throw new Error(`firmware/README.md has no table ${first} | ${second}`);
  const rows: string[][] = [];
  for (let i = start + 2; lines[i]?.startsWith("|"); i++) rows.push(cellsOf(lines[i] ?? ""));
  return { head: cellsOf(lines[start] ?? ""), rows };
}

export function readCommandRows(text = readmeText()): CommandRow[] {
  const { head, rows } = tableAfter(text, "INS", "command");
  return rows.map((row) => {
    const [ins = "", p1] = (row[0] ?? "").split(" ");
    const cells = new Map(head.slice(3).map((state, index) => [state, row[3 + index] ?? ""]));
    return {
      ins: Number.parseInt(ins, 16),
      vendor: p1 === undefined ? null : Number.parseInt(p1, 16),
      label: row[1] ?? "",
      needs: row[2] ?? "",
      cells,
    };
  });
}

const SEALED_LIKE: Partial<Record<Life, Life>> = { F: "B", U: "B", N: "R" };

/** The cell of a row for any of the twenty states: «blocked and never sealed» is made of two columns, as the README says. */
export function cellOf(row: CommandRow, state: State): string {
  const column = (name: string): string => {
    const cell = row.cells.get(name);
    if (cell === undefined) throw new Error(`${row.label}: no column ${name}`);
    return cell;
  };
  const sealedLike = SEALED_LIKE[state.life];
  if (state.tries === "" || sealedLike === undefined) return column(state.life + state.tries);
  const own = column(state.life);
  return own === column(sealedLike) ? column(sealedLike + state.tries) : own;
}

/** «F → U, B → B» as a map; null for «any». */
function arrows(cell: string): Map<string, string> | null {
  if (cell === "any") return null;
  const sign = (name: string | undefined): string => (name === "–" ? "" : (name ?? ""));
  return new Map(
    cell.split(", ").map((pair) => {
      const [from, to] = pair.split(" → ");
      return [sign(from), sign(to)];
    }),
  );
}

export function readEventRows(text = readmeText()): EventRow[] {
  return tableAfter(text, "event", "life").rows.map(([event = "", life = "", tries = ""]) => {
    const lives = arrows(life);
    const allTries = arrows(tries);
    const becomes = (state: State): State | null => {
      const newLife = lives === null ? state.life : lives.get(state.life);
      const newTries = allTries === null ? state.tries : allTries.get(state.tries);
      return newLife === undefined || newTries === undefined ? null : { life: newLife as Life, tries: newTries as Tries };
    };
    return { event, becomes };
  });
}

export function readEndingRows(text = readmeText()): EndingRow[] {
  const listed = (cell: string): string[] => (cell === "–" ? [] : cell.split(", "));
  return tableAfter(text, "command", "here").rows.map(([label = "", here = "", elsewhere = ""]) => ({
    label,
    here: listed(here),
    elsewhere: listed(elsewhere),
  }));
}
