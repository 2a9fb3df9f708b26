// How much of a Jolt.js's memory its script takes, on an interpreter that runs scripts from a flash in its address space as the board does. No package
// holds one, and an ordinary Linux build copies the script into memory: without the variable this says that it was skipped.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { MEMORY_BLOCKS } from "./board-budget.ts";
import { buildBoard, KERNEL_FILE, SCRIPT_FILE } from "./build-board.ts";

const interpreter = process.env["ESPRUINO_MAPPED"];
const FOLDER = mkdtempSync(join(tmpdir(), "sceau-memory-"));
/** Larger ones do not fit into the line that the interpreter is given. */
const PIECE_BYTES = 12_000;
const DEADLINE_MS = 60_000;

afterAll(() => rmSync(FOLDER, { recursive: true }));

/** The pins and the port that the Linux build lacks; and the answer, once the script has run (this is started once before, without it). */
const PRELUDE = `
  function pinMode(){} function digitalRead(){return false;} function digitalWrite(){} function setWatch(){return 1;} function clearWatch(){}
  var served=null, USB={on:function(name,take){served=take;},write:function(){}};
  E.setConsole=function(){};
  setTimeout(function(){if(served===null)return;print("answer "+process.memory().usage);quit();},10);`;

/** Puts a file into the interpreter's Storage, which lies in the folder. */
function store(name: string, content: Uint8Array): void {
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const piece = Buffer.from(content.subarray(at, at + PIECE_BYTES)).toString("base64");
    const script = `require("Storage").write(${JSON.stringify(name)},atob("${piece}"),${at},${content.length});print("stored");quit();`;
    writeFileSync(join(FOLDER, "store.js"), script);
    const { stdout } = spawnSync(interpreter ?? "", ["store.js"], { cwd: FOLDER, encoding: "latin1", input: "", timeout: DEADLINE_MS });
    expect(stdout).toContain("stored");
  }
}

/** What it printed after «answer » when it started from its Storage; all that it printed where there is none. */
function startFromFlash(): Promise<string> {
  return new Promise((done) => {
    const child = spawn(interpreter ?? "", { cwd: FOLDER, stdio: ["pipe", "pipe", "ignore"] });
    const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
    let printed = "";
    child.stdout.on("data", (bytes: Buffer) => {
      printed += bytes.toString("latin1");
    });
    child.once("close", () => {
      clearTimeout(deadline);
      done(/^answer (\d+)/m.exec(printed)?.[1] ?? printed);
    });
  });
}

describe.skipIf(interpreter === undefined)("memory (skipped unless ESPRUINO_MAPPED names an interpreter with a Jolt.js's flash)", () => {
  test("after a start, no more than the budget says, and not far less", { timeout: 2 * DEADLINE_MS }, async () => {
    const { contents } = await buildBoard("jolt-js");
    store("sceau.serial", Buffer.from("12345678"));
    store("sceau.kernel", contents[KERNEL_FILE] ?? new Uint8Array());
    store(".boot0", Buffer.from(PRELUDE));
    store(".bootcde", contents[SCRIPT_FILE] ?? new Uint8Array());
    const blocks = Number(await startFromFlash());
    expect(blocks).toBeLessThanOrEqual(MEMORY_BLOCKS.afterStart);
    expect(blocks).toBeGreaterThan(0.9 * MEMORY_BLOCKS.afterStart);
  });
});
