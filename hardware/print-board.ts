// npm run build:board -- BOARD: makes what a board is flashed with, into dist/boards/BOARD/.

import { reportBoard } from "./board-report.ts";
import { outputFolder } from "./build-board.ts";

const { exitCode, stdout, stderr } = await reportBoard(process.argv.slice(2), outputFolder);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
