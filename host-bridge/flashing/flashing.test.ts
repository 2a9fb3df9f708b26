// A board is given its firmware: what is on it afterwards, whatever goes wrong on the way. The board is a stand-in here; test/engine/flashing.test.ts asks
// the real interpreter.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PART_BUTTON, PART_LIGHTS } from "../../protocol/vendor.ts";
import { ConsoleStandIn, type StandInFaults } from "../../test/support/console-stand-in.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type BoardPackage, readBoardPackage } from "./board-package.ts";
import { BoardSession, type FlashResult } from "./board-session.ts";

const folder = temporaryFolder();
const BOOT = Buffer.from(`(()=>{print("${"sceau ".repeat(1200)}")})()`);
const KERNEL = Buffer.from(Array.from({ length: 3001 }, (_, index) => (index * 167) & 0xff));
const WANTED: BoardPackage = {
  board: "stand-in",
  model: "Stand-in",
  interpreter: "STANDIN",
  flash: { address: 0x2000, pageBytes: 0x1000, pages: 8 },
  files: [
    { storage: ".bootcde", bytes: BOOT },
    { storage: "sceau.kernel", bytes: KERNEL },
  ],
};

async function flash(board: ConsoleStandIn, serial?: string): Promise<FlashResult> {
  const session = await BoardSession.open(board, WANTED, serial);
  try {
    await session.upload(() => {});
    return await session.start();
  } finally {
    await session.close();
  }
}

async function upload(board: ConsoleStandIn): Promise<void> {
  const session = await BoardSession.open(board, WANTED, undefined);
  await session.upload(() => {});
  await session.close();
}

const problem = (name: string, detail?: string) => ({ name: "FlashingError", problem: name, ...(detail !== undefined && { detail }) });
const isWhole = (board: ConsoleStandIn): boolean =>
  board.files.get(".bootcde")?.equals(BOOT) === true && board.files.get("sceau.kernel")?.equals(KERNEL) === true;

describe("a board", () => {
  test("gets its files, a serial number of eight digits, and tells of its self-test", async () => {
    const board = new ConsoleStandIn({ selfTest: { parts: PART_BUTTON | PART_LIGHTS, failed: PART_LIGHTS } });
    const progress: number[] = [];
    const session = await BoardSession.open(board, WANTED, undefined);
    expect(session.state).toEqual({ hasSceau: false, foreignFiles: [], serial: null });
    expect(board.files.size).toBe(0);
    await session.upload((done, total) => progress.push(done / total));
    const { info, selfTest } = await session.start();
    expect(isWhole(board)).toBe(true);
    expect(board.files.get("sceau.serial")?.toString()).toMatch(/^[1-9]\d{7}$/);
    expect(info.serial).toBe(board.files.get("sceau.serial")?.toString());
    expect(progress.at(-1)).toBe(1);
    expect(selfTest).toMatchObject({ failed: PART_LIGHTS });
    expect(selfTest.parts & PART_BUTTON).toBe(PART_BUTTON);
  });

  test("that is a Sceau already keeps its serial number, and takes no other one", async () => {
    const board = new ConsoleStandIn();
    board.files.set("sceau.kernel", KERNEL).set("sceau.serial", Buffer.from("40718225"));
    expect((await flash(board)).info.serial).toBe("40718225");
    await expect(flash(board, "11111111")).rejects.toMatchObject(problem("other-serial", "40718225"));
    const session = await BoardSession.open(board, WANTED, undefined);
    expect(session.state).toEqual({ hasSceau: true, foreignFiles: [], serial: "40718225" });
  });

  test("that runs something else loses all that would run beside the token, and no other file", async () => {
    const board = new ConsoleStandIn();
    for (const name of [".bootcde", ".boot0", ".bootrst", ".varimg", "notes"]) board.files.set(name, Buffer.from("print(1)"));
    const session = await BoardSession.open(board, WANTED, undefined);
    expect([...session.state.foreignFiles].sort()).toEqual([".boot0", ".bootcde", ".bootrst", ".varimg"]);
    await session.upload(() => {});
    expect([...board.files.keys()].sort()).toEqual([".bootcde", "notes", "sceau.kernel", "sceau.serial"]);
    expect(isWhole(board)).toBe(true);
  });
});

describe.concurrent("nothing is changed on a board", () => {
  test.each<[string, StandInFaults, object]>([
    ["that is another one", { board: "PUCKJS" }, problem("other-board", "PUCKJS")],
    ["whose interpreter is too old", { version: "2v28" }, problem("too-old", "2v28")],
    ["whose interpreter is much too old", { version: "1v99.3" }, problem("too-old", "1v99.3")],
    ["that gives the same number again and again", { hasDeafNoise: true }, problem("no-noise")],
    ["whose pages are not free", { free: [{ addr: 0x2000, length: 0x7fff }] }, problem("flash-taken")],
    ["where a token has the port", { isToken: true }, problem("token-running")],
    ["that does not answer", { isSilent: true }, problem("no-answer")],
  ])("%s", async (_what, faults, error) => {
    const board = new ConsoleStandIn(faults);
    board.files.set(".bootcde", Buffer.from("old"));
    await expect(flash(board)).rejects.toMatchObject(error);
    expect([...board.files]).toEqual([[".bootcde", Buffer.from("old")]]);
  });

  test.each(["2v29", "2v29.31", "2v30", "3v00"])("but for one with %s", async (version) => {
    await expect(BoardSession.open(new ConsoleStandIn({ version }), WANTED, undefined)).resolves.toBeDefined();
  });
});

describe("an upload that ends early", () => {
  test("at any line leaves no script but a whole one, and the next upload completes it", async () => {
    const board = new ConsoleStandIn();
    board.files.set("sceau.kernel", Buffer.from("an older kernel")).set(".bootcde", Buffer.from("an older script"));
    await upload(board);
    const lines = board.lines;
    for (let line = 6; line < lines; line++) {
      const broken = new ConsoleStandIn({ unplugAtLine: line });
      broken.files.set("sceau.kernel", Buffer.from("an older kernel")).set(".bootcde", Buffer.from("an older script"));
      await expect(upload(broken)).rejects.toMatchObject({ problem: "interrupted" });
      const script = broken.files.get(".bootcde");
      // A script that was begun has not been closed: (()=>{ without })(), which no interpreter runs.
      const isHarmless =
        script === undefined || script.equals(Buffer.from("an older script")) || script.equals(BOOT) || script.includes(0xff);
      expect(isHarmless, `line ${line}`).toBe(true);
      if (script?.equals(Buffer.from("an older script"))) expect(broken.files.get("sceau.kernel")).toEqual(Buffer.from("an older kernel"));
      broken.faults = {};
      await upload(broken);
      expect(isWhole(broken)).toBe(true);
    }
  });

  test.each([".bootcde", "sceau.kernel", "sceau.serial"])("because a bit turned in %s leaves no script", async (name) => {
    const board = new ConsoleStandIn({ turnsBitIn: name });
    await expect(flash(board)).rejects.toMatchObject(problem("verification", name));
    expect(board.files.has(".bootcde")).toBe(false);
    expect(board.isStarted).toBe(false);
  });

  test("because a file is longer than it should be leaves no script", async () => {
    const board = new ConsoleStandIn({ growsFile: ".bootcde" });
    await expect(flash(board)).rejects.toMatchObject(problem("verification", ".bootcde"));
    expect(board.files.has(".bootcde")).toBe(false);
  });

  test("because there is no room tells what the interpreter says", async () => {
    await expect(flash(new ConsoleStandIn({ roomBytes: 5000 }))).rejects.toMatchObject({
      problem: "refused",
      detail: expect.stringContaining("Unable to find or create file"),
    });
  });
});

test("a script that does not start a token is told with what it printed", async () => {
  const board = new ConsoleStandIn({ bootError: "Uncaught KernelError\r\n at line 1" });
  await expect(flash(board)).rejects.toMatchObject(problem("not-started", "Uncaught KernelError"));
});

describe("a board's files", () => {
  const write = (name: string, changes: { manifest?: string; boot?: Buffer; told?: Buffer } = {}): string => {
    const path = join(folder, name);
    mkdirSync(path);
    const told = (storage: string, bytes: Buffer) => ({
      storage,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    const files = { "boot.js": told(".bootcde", changes.told ?? BOOT), "kernel.bin": told("sceau.kernel", KERNEL) };
    const { board, model, interpreter, flash: pages } = WANTED;
    const manifest = JSON.stringify({ board, model, interpreter, flash: pages, version: "0.1.0", files });
    writeFileSync(join(path, "manifest.json"), changes.manifest ?? manifest);
    writeFileSync(join(path, "boot.js"), changes.boot ?? BOOT);
    writeFileSync(join(path, "kernel.bin"), KERNEL);
    return path;
  };

  test("are read as the manifest tells them", () => {
    const read = readBoardPackage(write("whole"), "x");
    expect(read.interpreter).toBe("STANDIN");
    expect(read.files.map(({ storage, bytes }) => [storage, Buffer.from(bytes)])).toEqual(
      WANTED.files.map(({ storage, bytes }) => [storage, bytes]),
    );
  });

  test("that are not there, or not these, are refused", () => {
    expect(() => readBoardPackage(join(folder, "none"), "pico")).toThrow(expect.objectContaining(problem("not-built", "pico")));
    const turned = Buffer.from(BOOT);
    turned[100] = (turned[100] ?? 0) ^ 1;
    expect(() => readBoardPackage(write("turned", { boot: turned }), "x")).toThrow(
      expect.objectContaining(problem("damaged-files", "boot.js")),
    );
    const open = Buffer.from("print(1);print(2)");
    expect(() => readBoardPackage(write("open", { boot: open, told: open }), "x")).toThrow(
      expect.objectContaining(problem("damaged-files", "boot.js")),
    );
    for (const manifest of ["{", "{}", "null"]) {
      const path = write(`manifest-${manifest.length}`, { manifest });
      expect(() => readBoardPackage(path, "x")).toThrow(expect.objectContaining(problem("damaged-files", "manifest.json")));
    }
  });
});
