// `sceau flash` on the real interpreter, its console behind a pseudo terminal: uploaded, verified, cut off in the midst and again, a bit that turns
// in the flash; and a token that answers from its Storage, with its self-test.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KERNEL_BASE64 } from "../../firmware/p256/kernel-blob.ts";
import { bundleFirmware } from "../../hardware/bundle-firmware.ts";
import { BoardConsole } from "../../host-bridge/flashing/board-console.ts";
import type { BoardPackage } from "../../host-bridge/flashing/board-package.ts";
import { serialBoardPort } from "../../host-bridge/flashing/board-port.ts";
import { BoardSession } from "../../host-bridge/flashing/board-session.ts";
import { verifyStorageFile, writeStorageFile } from "../../host-bridge/flashing/storage-file.ts";
import { BoardProcess } from "../support/board-process.ts";
import { type Outcome, ROOT } from "../support/run.ts";
import { runMeanwhile } from "../support/run-meanwhile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { engineAtHand, withEngine } from "./interpreter.ts";

const folder = temporaryFolder();
const port = join(folder, "tty");
const run = join(folder, "run");
const board = serialBoardPort(port);
/** The interpreter's name for its flash: a file of 256 KB, the Storage first. */
const FLASH_FILE = join(run, "espruino.flash");
const LINUX_FLASH = 0x1000_0000;
const PAGE_BYTES = 4096;
const PAGES = 16;
const pages = { address: LINUX_FLASH + 256 * 1024 - PAGES * PAGE_BYTES, pageBytes: PAGE_BYTES, pages: PAGES };
const KERNEL = { storage: "sceau.kernel", bytes: Buffer.from(KERNEL_BASE64, "base64") };

/** What Linux has not of a board: pins, pages of 4 KB, a serial port that takes byte 4. */
const LACKING = `(function () {
  var own = global.require, levels = {};
  global.require = function (name) {
    var flash = own(name);
    if (name !== "Flash") return flash;
    return {
      getFree: function () { return flash.getFree(); },
      read: function (length, at) { return flash.read(length, at); },
      write: function (data, at) { flash.write(data, at); },
      erasePage: function (at) { for (var i = 0; i < 4; i++) flash.erasePage(at + 1024 * i); }
    };
  };
  global.pinMode = function () {};
  global.digitalWrite = function (pin, level) { levels[pin] = level; };
  global.digitalRead = function (pin) { return levels[pin] ? 1 : 0; };
  Serial1.setup(115200, { path: "frames" });
  Serial1.on("data", function (data) { USB.emit("data", data); });
})();
`;

const BOARD = `engine-${process.pid}`;
const built = join(ROOT, "dist", "boards", BOARD);

let plugged: BoardProcess;
let interpreter: string;

const plugIn = async (): Promise<void> => {
  plugged = await BoardProcess.plugIn(engineAtHand?.path ?? "", run, port);
};

async function atConsole<T>(use: (console: BoardConsole) => Promise<T>): Promise<T> {
  const opened = await board.openConsole();
  try {
    const console = new BoardConsole(opened);
    expect(await console.isThere(5000, false)).toBe(true);
    return await use(console);
  } finally {
    await board.closeConsole(opened);
  }
}

const packageOf = (script: Buffer): BoardPackage => ({
  board: "linux",
  model: "Sceau test",
  interpreter,
  flash: pages,
  files: [{ storage: ".bootcde", bytes: script }, KERNEL],
});

/** What `npm run build:board` would make for this board. */
function build(script: Buffer): void {
  const { files, ...rest } = packageOf(script);
  mkdirSync(built, { recursive: true });
  const told = files.map(({ storage, bytes }) => {
    writeFileSync(join(built, storage), bytes);
    return [storage, { storage, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }];
  });
  writeFileSync(join(built, "manifest.json"), JSON.stringify({ ...rest, files: Object.fromEntries(told) }));
}

function flash(): Promise<Outcome> {
  const args = ["--lang", "en", "--json", "flash", port, "--board", BOARD];
  return runMeanwhile(process.execPath, [join(ROOT, "cli", "sceau.mjs"), ...args], process.env);
}

async function upload(script: Buffer): Promise<BoardSession> {
  const session = await BoardSession.open(board, packageOf(script), undefined);
  try {
    await session.upload(() => {});
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

describe.skipIf(engineAtHand === null)(`on the interpreter (${withEngine})`, () => {
  beforeEach(async () => {
    rmSync(run, { recursive: true, force: true });
    mkdirSync(run);
    execFileSync("mkfifo", [join(run, "frames")]);
    await plugIn();
    interpreter = await atConsole(async (console) => String(await console.evaluate("process.env.BOARD")));
  });

  afterEach(async () => {
    await plugged.unplug();
    rmSync(built, { recursive: true, force: true });
  });

  test("a token is uploaded, starts from its Storage, answers and passes its self-test", async () => {
    const { code } = await bundleFirmware(`
      import { start } from "./firmware/espruino/start.ts";
      start({
        model: "Sceau test", interpreter: "none", noise: "chip",
        button: { pin: "D0", mode: "input_pulldown", pressed: true }, leds: { busy: "D1", waiting: "D2", error: "D3" },
        flash: { address: ${pages.address}, pageBytes: ${PAGE_BYTES}, pages: ${PAGES} },
      });`);
    build(Buffer.from(LACKING + code, "latin1"));
    const flashed = await flash();
    expect(flashed, flashed.stdout).toMatchObject({ status: 0 });
    const tests = { sha256: true, aes: true, p256: true, random: true, flash: true, button: true };
    const serial = expect.stringMatching(/^[1-9]\d{7}$/);
    expect(JSON.parse(flashed.stdout)).toMatchObject({ model: "Sceau test", serial, isUpdate: false, selfTest: tests });
    const again = await flash();
    expect(again.status).toBe(4);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: "token-running" });
  }, 120_000);

  test("an upload that is cut off runs nothing at the next start, and the next one completes it", async () => {
    const script = Buffer.from(`(()=>{require("Storage").write("ran","yes");/*${"x".repeat(6000)}*/})();`);
    plugged.cutAfter(27_000);
    await expect(upload(script)).rejects.toMatchObject({ problem: "interrupted" });
    await plugged.unplug();
    await plugIn();
    const files = await atConsole(async (console) => console.evaluate('require("Storage").list()'));
    expect(files).toContain(".bootcde");
    expect(files).not.toContain("ran");
    const session = await upload(script);
    expect(session.state.hasSceau).toBe(true);
    await session.close();
    await plugged.unplug();
    await plugIn();
    expect(await atConsole(async (console) => console.evaluate('require("Storage").read("ran")'))).toBe("yes");
  }, 60_000);

  test("a bit that turns in the flash after the write is noticed", async () => {
    const file = { storage: "sceau.kernel", bytes: Buffer.from(KERNEL.bytes.subarray(0, 3000)) };
    await atConsole(async (console) => {
      await writeStorageFile(console, file, () => {});
      await verifyStorageFile(console, file, () => {});
      const flash = readFileSync(FLASH_FILE);
      const at = flash.indexOf(file.bytes) + 1234;
      expect(at).toBeGreaterThan(1234);
      flash[at] = (flash[at] ?? 0) ^ 0x10;
      writeFileSync(FLASH_FILE, flash);
      await expect(verifyStorageFile(console, file, () => {})).rejects.toMatchObject({ problem: "verification", detail: "sceau.kernel" });
    });
  });
});
