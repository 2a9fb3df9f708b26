// npm run wear: erasures per 1,000 signatures and PIN checks, and the life of the flash, on eight pages and on a Jolt.js's sixteen.
//
//   npm run wear -- --times 100000 --json

import { parseArgs } from "node:util";
import { ERASES_A_PAGE, HABITS, measureWear, type Wear } from "./wear.ts";

const PAGE_COUNTS = [8, 16];

const { values } = parseArgs({ options: { times: { type: "string", default: "50000" }, json: { type: "boolean", default: false } } });
const times = Number(values.times);
if (!Number.isSafeInteger(times) || times < 1000) {
  process.stderr.write("--times: a whole number, 1000 at least\n");
  process.exit(2);
}

function row(wear: Wear): string[] {
  const life = wear.life === null ? "–" : `${wear.life.toLocaleString("en")} ${wear.unit}`;
  return [wear.habit, String(wear.pages), wear.erasesPerThousand.toFixed(2), wear.worstPagePerThousand.toFixed(2), life];
}

function printTable(rows: readonly string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  for (const cells of rows)
    process.stdout.write(
      `${cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
}

const measured = PAGE_COUNTS.flatMap((pages) => HABITS.map((habit) => measureWear(habit, pages, times)));
if (values.json) process.stdout.write(`${JSON.stringify({ erasesAPage: ERASES_A_PAGE, measured }, null, 2)}\n`);
else {
  const head = [
    "what",
    "pages of 4 KB",
    "erases per 1,000",
    "of the worst page",
    `life at ${ERASES_A_PAGE.toLocaleString("en")} erases a page`,
  ];
  printTable([head, ...measured.map(row)]);
}
