// What the command line refuses before it is too late, and what it does not disturb: over a token and a bridge that are running.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { type Outcome, run, SCEAU, sceau } from "../support/run.ts";
import { runMeanwhile } from "../support/run-meanwhile.ts";
import { pages } from "../support/sample-pdfs.ts";
import { bytes, MANAGEMENT_KEY, PIN, PUK, Workbench } from "../support/workbench.ts";

/** It fills a demonstration's office. */
const TOUR_LIMIT_MS = 150_000;

let bench: Workbench;
let document: string;

/** Lets `sceau token` manage the token of a workbench. */
async function keepSecrets(of: Workbench): Promise<void> {
  const client = await of.client();
  const path = of.state.secrets((await client.deviceInfo()).serial);
  client.close();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ puk: PUK, managementKey: MANAGEMENT_KEY }));
}

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  await bench.certify(SLOT_SIGNATURE);
  await keepSecrets(bench);
  document = bench.write("sound.pdf", await pages(2));
});

afterAll(() => bench.close());

/** Without a PIN and without a terminal: what is refused is refused before the PIN. */
const signWithoutPin = (...more: string[]): Outcome => sceau(["sign", document, "--state", bench.folder, ...more], { input: "" });
const token = (of: Workbench, ...args: string[]): Outcome =>
  sceau(["token", ...args, "--state", of.folder, ...(args[0] === "generate" ? ["--pin-file", of.path("pin.txt")] : [])]);

describe("before the PIN is asked for", () => {
  it("a page that is not there, and a place that is none, are refused", () => {
    for (const page of ["3", "-3"]) expect(signWithoutPin(`--visible=${page}`)).toMatchObject({ status: 3 });
    expect(signWithoutPin("--visible", "0")).toMatchObject({ status: 2 });
    expect(signWithoutPin("--visible=-2").stderr).toMatch(/--pin-file/);
  });

  it("an output that cannot be written is refused, and nothing is left of it", () => {
    const outcome = signWithoutPin("--out", join(bench.path("pin.txt"), "out.pdf"));
    expect(outcome).toMatchObject({ status: 2, stderr: expect.stringContaining("cannot be written") });
    expect(readdirSync(bench.folder).filter((name) => name.startsWith(".sceau"))).toEqual([]);
  });
});

it("sceau sign takes the token's name as well as its serial number", () => {
  expect(signWithoutPin("--token", bench.tokenName).stderr).toMatch(/PIN of Sceau \d+/);
  expect(signWithoutPin("--token", "other")).toMatchObject({ status: 4 });
});

it("sceau verify shows control characters of a reason, and never sends them", () => {
  const out = bench.path("loud.pdf");
  const options = ["--pin-file", bench.path("pin.txt"), "--out", out, "--state", bench.folder];
  expect(sceau(["sign", document, "--reason", "Fine\u001b[2J\u009b1m\u202eten", ...options])).toMatchObject({ status: 0 });
  for (const more of [[], ["--json"]]) {
    const { status, stdout } = sceau(["verify", out, "--state", bench.folder, ...more]);
    expect(status).toBe(0);
    expect(stdout).toContain("Fine\\u001b[2J\\u009b1m\\u202eten");
    for (const command of ["\u001b", "\u009b", "\u202e"]) expect(stdout).not.toContain(command);
  }
});

describe("sceau token", () => {
  it("writes no certificate that is another key's", async () => {
    const other = await Workbench.open({ withBridge: false });
    try {
      await other.initialise();
      const foreign = bench.savePem("foreign.pem", new Uint8Array((await other.certify(SLOT_SIGNATURE)).raw));
      expect(token(bench, "import", "9c", foreign)).toMatchObject({ status: 2, stderr: expect.stringContaining("another key") });
      const own = bench.write("own.pem", token(bench, "export", "9c").stdout);
      expect(token(bench, "import", "9c", own)).toMatchObject({ status: 0 });
    } finally {
      await other.close();
    }
  });

  it("says which words there are", () => {
    const out = bench.path("request.pem");
    expect(token(bench, "generate", "9a", "--out", out, "--button", "maybe").stderr).toMatch(/maybe \(never, always, cached\)/);
    expect(token(bench, "generate", "9a", "--out", out, "--pin-policy", "maybe").stderr).toMatch(/maybe \(never, once, always\)/);
    expect(sceau(["sim", "x", "--button", "maybe", "--state", bench.folder]).stderr).toMatch(/maybe \(auto, never\)/);
  });
});

describe("without anybody at the button", () => {
  let other: Workbench;
  let generated: Promise<Outcome>;

  // The token waits 15 s for it: meanwhile the tour below goes on.
  beforeAll(async () => {
    other = await Workbench.open({ sim: ["--button", "never"], withBridge: false });
    await other.initialise();
    await keepSecrets(other);
    const words = [
      "token",
      "generate",
      "9a",
      "--out",
      other.path("request.pem"),
      "--button",
      "always",
      "--pin-file",
      other.path("pin.txt"),
    ];
    generated = runMeanwhile(process.execPath, [SCEAU, ...words, "--state", other.folder], process.env);
  });

  afterAll(() => other.close());

  it(
    "a tour leaves a bridge that is running alone",
    async () => {
      expect(sceau(["tour", "--state", bench.folder], { input: "", timeout: TOUR_LIMIT_MS })).toMatchObject({ status: 0, stderr: "" });
      const options = ["--module", bench.module, "--list-objects", "--login", "--pin", PIN];
      expect(run("pkcs11-tool", options, { env: bench.environment }).stdout).toContain("Private Key Object; EC");
      expect(readdirSync(bench.folder).filter((name) => name.startsWith("run"))).toEqual(["run"]);
      const client = await bench.client();
      await client.verifyPin(bytes(PIN));
      client.close();
    },
    TOUR_LIMIT_MS,
  );

  it("says that the button was not pressed when a new key could not be proven", async () => {
    expect(await generated).toMatchObject({ status: 4, stderr: expect.stringMatching(/new key is in slot 9A.*button was not pressed/) });
    expect(existsSync(other.path("request.pem"))).toBe(false);
  });
});

it("a second bridge on the same folder is refused", () => {
  expect(sceau(["bridge", "--state", bench.folder])).toMatchObject({ status: 4, stderr: expect.stringContaining("already") });
});

it("output that nobody reads is no error", async () => {
  const child = spawn(process.execPath, [SCEAU, "token", "info", "--state", bench.folder]);
  child.stdout.destroy();
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += String(text);
  });
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(errors).toBe("");
});
