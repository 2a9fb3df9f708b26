// `sceau flash`: what it says when a port, a board or its files are not as they should be. The upload itself is judged in host-bridge/flashing and test/engine.

import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeSerialPort, openSerialPort } from "../../host-bridge/transport/serial-library.ts";
import { ROOT, SCEAU, sceau } from "../support/run.ts";
import { runMeanwhile } from "../support/run-meanwhile.ts";
import { SerialCable } from "../support/serial-cable.ts";
import { SimulatedToken } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const BOARD = `test-${process.pid}`;
const boards = join(ROOT, "dist", "boards", BOARD);
const folder = temporaryFolder();

beforeAll(() => {
  mkdirSync(boards, { recursive: true });
  const script = Buffer.from("(()=>{})();");
  const sha256 = createHash("sha256").update(script).digest("hex");
  const files = { "boot.js": { storage: ".bootcde", bytes: script.length, sha256 } };
  const manifest = { board: BOARD, model: "Test", interpreter: "TEST", flash: { address: 0, pageBytes: 4096, pages: 8 }, files };
  writeFileSync(join(boards, "boot.js"), script);
  writeFileSync(join(boards, "manifest.json"), JSON.stringify(manifest));
});

afterAll(() => rmSync(boards, { recursive: true, force: true }));

describe("sceau flash refuses, and says what to do:", () => {
  test.each([
    ["a board that is not built", ["/dev/null", "--board", "pico"], 2, "There is no firmware for pico"],
    ["a board's name that is a path", ["/dev/null", "--board", "../.."], 2, "hardware/boards"],
    ["a serial number of seven digits", ["/dev/null", "--board", BOARD, "--serial", "1234567"], 2, "eight digits"],
    ["a serial number that begins with 0", ["/dev/null", "--board", BOARD, "--serial", "01234567"], 2, "eight digits"],
    ["a port that is not there", [join(folder, "none"), "--board", BOARD], 2, "ls /dev/ttyACM*"],
  ])("%s", (_what, args, status, text) => {
    const run = sceau(["--lang", "en", "flash", ...args]);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(text);
  });

  test("a port that another program has, in French too", async () => {
    const port = join(folder, "busy");
    const cable = await SerialCable.plugIn(null, port);
    const held = await openSerialPort(port);
    const run = sceau(["--lang", "fr", "flash", port, "--board", BOARD]);
    expect(run).toMatchObject({ status: 4, stderr: expect.stringContaining("sceau bridge") });
    expect(run.stderr).toContain("Un autre programme occupe ce port");
    expect(run.stdout).toBe(`… Examiner la carte sur ${port}\n✘ Examiner la carte sur ${port}\n`); // no library's words, no colour
    await closeSerialPort(held);
    await cable.unplug();
  });

  test("a port where a token runs already", async () => {
    const [socket, port] = [join(folder, "token.sock"), join(folder, "token")];
    const token = await new SimulatedToken().plugIn(socket);
    const cable = await SerialCable.plugIn(socket, port);
    const args = [SCEAU, "--lang", "en", "--json", "flash", port, "--board", BOARD];
    const run = await runMeanwhile(process.execPath, args, process.env);
    expect(run.status).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: "token-running", message: expect.stringContaining("three seconds") });
    await cable.unplug();
    await token.close();
  });
});
