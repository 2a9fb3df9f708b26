// What `npm run build:board` does and says: makes what a board is flashed with, and tells how much of the board it takes.

import type { Budget } from "./board-budget.ts";
import { BOARDS } from "./boards/boards.ts";
import { type BoardBuild, buildBoard, discardBoard, UnknownBoardError, writeBoard } from "./build-board.ts";
import { BundleError } from "./bundle-firmware.ts";

const USAGE = `npm run build:board -- BOARD [--json]

Makes the script, the kernel and a manifest of a board, into dist/boards/BOARD/.
BOARD is jolt-js. Others are told what they lack: ${Object.keys(BOARDS)
  .filter((name) => name !== "jolt-js")
  .join(", ")}

Exit code: 0 made; 1 it does not fit the board, or the board is refused; 2 no such board, or no such option.
`;
const [MADE, DOES_NOT_FIT, MISUSED] = [0, 1, 2];

export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const number = (value: number): string => value.toLocaleString("en-US");

/** Columns under each other, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cells = (row: readonly string[]): string[] =>
    row.map((cell, column) => (/^[\d,]+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)));
  return rows.map((row) => `${cells(row).join("  ").trimEnd()}\n`).join("");
}

const fileTable = ({ manifest }: BoardBuild): string =>
  table([
    ["file", "bytes", "SHA-256"],
    ...Object.entries(manifest.files).map(([name, { bytes, sha256 }]) => [name, number(bytes), sha256]),
  ]);

const budgetTable = (budgets: readonly Budget[]): string =>
  table([
    ["budget", "needed", "there", "missing", ""],
    ...budgets.map(({ what, unit, needed, there, missing, remark }) => [
      what,
      number(needed),
      number(there),
      missing === 0 ? "-" : number(missing),
      remark === "" ? unit : `${unit} (${remark})`,
    ]),
  ]);

function report(build: BoardBuild, folder: string, asJson: boolean): Output {
  const fits = build.budgets.every((budget) => budget.missing === 0);
  if (fits) writeBoard(folder, build);
  else discardBoard(folder);
  const { manifest, budgets } = build;
  const exitCode = fits ? MADE : DOES_NOT_FIT;
  if (asJson) return { exitCode, stdout: `${JSON.stringify({ fits, folder: fits ? folder : null, manifest, budgets })}\n`, stderr: "" };
  const short = budgets.filter((budget) => budget.missing > 0).map((budget) => `${number(budget.missing)} ${budget.unit} (${budget.what})`);
  return {
    exitCode,
    stdout: `${fileTable(build)}\n${budgetTable(budgets)}${fits ? `\n${folder}\n` : ""}`,
    stderr: fits ? "" : `${manifest.board}: does not fit. Missing: ${short.join("; ")}. Nothing was written.\n`,
  };
}

/** @param folderOf where a board's files go */
export async function reportBoard(args: readonly string[], folderOf: (name: string) => string): Promise<Output> {
  const names = args.filter((arg) => !arg.startsWith("-"));
  const options = args.filter((arg) => arg.startsWith("-"));
  if (options.includes("--help")) return { exitCode: MADE, stdout: USAGE, stderr: "" };
  const [name] = names;
  if (name === undefined || names.length > 1 || options.some((option) => option !== "--json")) {
    return { exitCode: MISUSED, stdout: "", stderr: USAGE };
  }
  try {
    return report(await buildBoard(name), folderOf(name), options.includes("--json"));
  } catch (error) {
    if (!(error instanceof BundleError || error instanceof UnknownBoardError)) throw error;
    if (error instanceof BundleError) discardBoard(folderOf(name));
    const exitCode = error instanceof BundleError ? DOES_NOT_FIT : MISUSED;
    const stdout = options.includes("--json") ? `${JSON.stringify({ fits: false, folder: null, error: error.message })}\n` : "";
    return { exitCode, stdout, stderr: `${error.message}\n` };
  }
}
