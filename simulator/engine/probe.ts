// Asks an interpreter whether it can play a board: memory in one piece, 32-bit addresses, and machine code of a Cortex-M that runs.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineError, type EngineProblem } from "./engine-error.ts";

const PROBE_LIMIT_MS = 20_000;

/** Thumb: adds 1 to its argument and returns; the rest is filling, short strings have no flat memory. */
const ADD_ONE = Buffer.concat([Buffer.from("401c7047", "hex"), Buffer.alloc(60)]).toString("base64");

/** The script lies in memory here, where a board has it in flash: twice what it takes. */
const VARIABLES = 28_000;

/** Each line is told before what may end the process. */
const SCRIPT = `
var bytes = new Uint8Array(384);
print("\\n#espruino " + process.version + " " + process.env.GIT_COMMIT);
var address = E.getAddressOf(bytes, true);
if (address !== 0) print("#flat");
if (address > 0 && address < 4294967296) print("#narrow");
if (process.memory().total >= ${VARIABLES}) print("#roomy");
var code = atob("${ADD_ONE}");
if (E.nativeCall(1, "int(int)", code)(41) === 42) print("#runs");
quit();
`;

/** What an interpreter calls itself. */
export interface Interpreter {
  readonly version: string;
  readonly commit: string;
}

/** In the order of the script. */
const MARKS: readonly (readonly [mark: RegExp, problem: EngineProblem])[] = [
  [/^#espruino /m, "not-espruino"],
  [/^#flat\r?$/m, "no-flat-memory"],
  [/^#narrow\r?$/m, "not-32-bit"],
  [/^#roomy\r?$/m, "too-few-variables"],
  [/^#runs\r?$/m, "no-machine-code"],
];

/** What a script printed. How it ended is not asked: Espruino on Linux may fall over while it clears up. */
function printedBy(interpreter: string, folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Standard input stays open and silent: at its end Espruino reads «?» for ever.
    const child = spawn(interpreter, ["probe.js"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"], detached: true });
    let printed = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      printed = (printed + text).slice(-10_000);
    });
    const limit = setTimeout(() => killGroup(child.pid), PROBE_LIMIT_MS);
    child.once("error", () => {
      clearTimeout(limit);
      reject(new EngineError("not-found", interpreter));
    });
    child.stdin.on("error", () => {}); // it has gone; `close` follows
    child.once("close", () => {
      clearTimeout(limit);
      resolve(printed);
    });
  });
}

/** Ends a process that leads a group, and what a wrapper script may have started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** @param interpreter a path, to a wrapper script maybe @throws EngineError */
export async function probeInterpreter(interpreter: string): Promise<Interpreter> {
  const folder = mkdtempSync(join(tmpdir(), "sceau-probe-"));
  try {
    writeFileSync(join(folder, "probe.js"), SCRIPT);
    const printed = await printedBy(interpreter, folder);
    for (const [mark, problem] of MARKS) if (!mark.test(printed)) throw new EngineError(problem, interpreter);
    const [, version = "", commit = ""] = /^#espruino (\S+) (\S+)/m.exec(printed) ?? [];
    return { version, commit };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
