// `sceau sim --engine`: a token that is the interpreter, behind the bridge, as a person uses one.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { startEngineToken } from "../../simulator/engine/engine-token.ts";
import { PRESSED_AT_ONCE } from "../../simulator/scripted-button.ts";
import { type Outcome, ROOT, sceau } from "../support/run.ts";
import { pages } from "../support/sample-pdfs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { Workbench } from "../support/workbench.ts";
import { builtJoltJs, engineAtHand, withEngine } from "./interpreter.ts";

const folder = temporaryFolder();
const sim = (...more: string[]): Outcome => sceau(["sim", "--state", join(folder, "refused"), ...more], { input: "" });

describe("refused", () => {
  test("is what is no interpreter, in the user's language; exit code 2", () => {
    expect(sim("--engine", "/nowhere/espruino", "--lang", "fr")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Impossible de lancer"),
    });
    const outcome = sim("--engine", "/bin/true", "--json");
    expect(outcome.status).toBe(2);
    expect(JSON.parse(outcome.stdout || outcome.stderr)).toMatchObject({ error: "not-espruino" });
  });

  test("is another profile with it", () => {
    const refused = sim("--engine", "/bin/true", "--profile", "compat");
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("--profile compat") });
  });
});

describe.skipIf(engineAtHand === null)(`sceau sim --engine (${withEngine})`, () => {
  const interpreter = engineAtHand?.path ?? "";
  let bench: Workbench;
  const own = (...args: string[]): Outcome => sceau([...args, "--state", bench.folder], { cwd: bench.folder, input: "" });

  beforeAll(async () => {
    await builtJoltJs();
    bench = await Workbench.open({ sim: ["--engine", interpreter] });
  });
  afterAll(() => bench.close());

  test("sceau token info knows it; a PDF is signed through the bridge, and verified", async () => {
    await bench.initialise();
    const certificate = await bench.certify(SLOT_SIGNATURE);
    expect(JSON.parse(own("token", "info", "--json").stdout)).toMatchObject({ model: "Sceau Jolt.js" });
    bench.write("letter.pdf", await pages(1));
    expect(own("sign", "letter.pdf", "--pin-file", "pin.txt", "--out", "signed.pdf")).toMatchObject({ status: 0 });
    const verified = own("verify", "signed.pdf", "--json");
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true });
    expect(verified.stdout).toContain(certificate.serialNumber);
  });

  test("the plug pulled and put back: the same token, key and certificate", async () => {
    const before = JSON.parse(own("token", "info", "--json").stdout);
    await bench.stop("sim");
    await bench.plugIn(["--engine", interpreter]);
    expect(JSON.parse(own("token", "info", "--json").stdout)).toEqual(before);
    expect(own("sign", "letter.pdf", "--pin-file", "pin.txt", "--out", "again.pdf")).toMatchObject({ status: 0 });
  });

  test("a simulator that is killed takes its interpreter along", async () => {
    const [pidFile, witness] = [join(folder, "pid"), join(folder, "told.sh")];
    writeFileSync(witness, `#!/bin/sh\necho $$ > '${pidFile}'\nexec '${interpreter}' "$1"\n`, { mode: 0o700 });
    const args = [join(ROOT, "cli", "sceau.mjs"), "sim", "--json", "--engine", witness, "--state", join(folder, "killed")];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let told = "";
    child.stdout.on("data", (bytes) => {
      told += String(bytes);
    });
    await expect.poll(() => told, { timeout: 20_000 }).toContain("plugged-in");
    const pid = Number(readFileSync(pidFile, "utf8"));
    const isRunning = (): boolean => existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    expect(isRunning()).toBe(true);
    child.kill("SIGKILL");
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
  });

  test("what it runs is the board's very script, behind the prelude; ended by itself it is an unplugged token, with its last words", async () => {
    const place = { folder: join(folder, "token"), socketPath: join(folder, "run", "token.sock") };
    const [seen, witness] = [join(folder, "seen.js"), join(folder, "witness.sh")];
    writeFileSync(witness, `#!/bin/sh\ncp "$1" '${seen}'\nexec '${interpreter}' "$1"\n`, { mode: 0o700 });
    const boardFolder = await builtJoltJs();
    const token = await startEngineToken({ ...place, button: PRESSED_AT_ONCE, interpreter: witness, boardFolder });
    const { bytes, sha256 } = JSON.parse(readFileSync(join(boardFolder, "manifest.json"), "utf8")).files["boot.js"];
    const script = readFileSync(seen);
    expect(createHash("sha256").update(script.subarray(-bytes)).digest("hex")).toBe(sha256);
    const prelude = script.subarray(0, -bytes).toString("latin1");
    expect([prelude.startsWith("(function (settings) {"), prelude.endsWith("});\n")]).toEqual([true, true]);
    const transport = await openSocketTransport(place.socketPath, "test");
    const channel = await transport.openChannel();
    token.engine.type("print('last words')\n");
    await expect.poll(() => token.engine.printed).toContain("last words");
    token.engine.type("\u0004");
    expect(await token.gone).toContain("last words");
    await transport.gone;
    await expect(channel.transmit(new Uint8Array([0, 0xfd, 0, 0]))).rejects.toMatchObject({ failure: "gone" });
    await token.close();
  });
});
