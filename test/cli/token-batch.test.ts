// Batch consent on the command line: the list that the holder has seen is signed with one PIN and one press, and nothing else is.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mustRun, type Outcome, SCEAU, sceau } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

let bench: Workbench;

function own(args: readonly string[], input = ""): Outcome {
  return sceau(["token", ...args, "--state", bench.folder], { cwd: bench.folder, input });
}
const succeed = (outcome: Outcome): Outcome => {
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return outcome;
};
const sums = (program: string, ...names: readonly string[]): string => mustRun(program, names, { cwd: bench.folder });
const counter = (): number => JSON.parse(own(["info", "--json"]).stdout).journalCounter;

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has said, once that has this in it. */
  output(part: RegExp): Promise<string>;
}

function start(...args: readonly string[]): Running {
  const program = [SCEAU, "token", ...args, "--state", bench.folder];
  const child = spawn(process.execPath, program, { cwd: bench.folder });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      said += String(text);
    });
  }
  return {
    child,
    output: (part) =>
      vi.waitFor(() => (part.test(said) ? said : expect.fail(`nothing like ${part} in: ${said}`)), { timeout: 20_000, interval: 5 }),
  };
}

function isSignedBy(request: string, hash: string, name: string, signature: string): boolean {
  const key = bench.write("key.pem", mustRun("openssl", ["req", "-in", bench.path(request), "-noout", "-pubkey"]));
  const args = ["dgst", `-${hash}`, "-verify", key, "-signature", bench.path(signature), bench.path(name)];
  return mustRun("openssl", args).includes("Verified OK");
}

beforeAll(async () => {
  bench = await Workbench.open({ withBridge: false });
  bench.write("pin.txt", `${PIN}\n`);
  succeed(own(["init", "--pin-file", "pin.txt"]));
  succeed(own(["generate", "9c", "--button", "always", "--out", "p256.pem", "--pin-file", "pin.txt"]));
  succeed(own(["generate", "9a", "--algorithm", "p384", "--out", "p384.pem", "--pin-file", "pin.txt"]));
  mkdirSync(bench.path("letters"));
  for (const name of ["one.txt", "two.txt", "letters/three.txt"]) bench.write(name, `This is ${name}.\n`);
});

afterAll(() => bench.close());

describe("sceau token batch", () => {
  it("signs what sha256sum printed, with one press, each to be verified by openssl", () => {
    const names = ["one.txt", "two.txt", "letters/three.txt"];
    const before = counter();
    const outcome = succeed(own(["batch", "9c", "-", "--out", "signed", "--pin-file", "pin.txt"], sums("sha256sum", ...names)));
    expect(outcome.stdout.match(/Press the token's button/g)).toHaveLength(1);
    expect(outcome.stdout).toContain("3 signatures are in signed");
    expect(readdirSync(bench.path("signed")).sort()).toEqual(["one.txt.sig", "three.txt.sig", "two.txt.sig"]);
    expect(isSignedBy("p256.pem", "sha256", "one.txt", "signed/one.txt.sig")).toBe(true);
    expect(isSignedBy("p256.pem", "sha256", "two.txt", "signed/two.txt.sig")).toBe(true);
    expect(isSignedBy("p256.pem", "sha256", "letters/three.txt", "signed/three.txt.sig")).toBe(true);
    expect(counter()).toBe(before + 3);
  });

  it("refuses a name that is a folder's, and a list that is none, in a few words", () => {
    const digest = "00".repeat(32);
    const batch = (list: string): Outcome => own(["batch", "9c", "-", "--out", "none", "--pin-file", "pin.txt"], list);
    for (const name of ["..", "../..", "letters/."]) {
      expect(batch(`${digest}  ${name}\n`)).toMatchObject({ status: 2, stderr: expect.stringContaining("no digest for this key") });
    }
    expect(batch("x".repeat(100_000)).stderr.length).toBeLessThan(400);
    const ofFolder = mustRun("sh", [
      "-c",
      `"$@" < . 2>&1; echo $?`,
      "sh",
      process.execPath,
      SCEAU,
      "token",
      "batch",
      "9c",
      "-",
      "--out",
      "none",
      "--state",
      bench.folder,
    ]);
    expect(ofFolder).toMatch(/cannot be read[\s\S]*\n2\n$/);
    expect(existsSync(bench.path("none"))).toBe(false);
  });

  it("signs what sha384sum printed with a P-384 key, from a file, and says so to machines", () => {
    bench.write("list", sums("sha384sum", "one.txt", "two.txt"));
    const outcome = succeed(own(["batch", "9a", "list", "--out", "signed-384", "--pin-file", "pin.txt"]));
    expect(outcome.stdout).toContain("2 signatures");
    expect(isSignedBy("p384.pem", "sha384", "two.txt", "signed-384/two.txt.sig")).toBe(true);
    const machine = own(["batch", "9a", "list", "--out", "signed-json", "--pin-file", "pin.txt", "--json"]);
    expect(JSON.parse(machine.stdout)).toEqual({ slot: "9A", signatures: ["signed-json/one.txt.sig", "signed-json/two.txt.sig"] });
    expect(machine.stderr).toContain("two.txt");
  });

  it("takes an empty folder, and none with something in it", () => {
    const list = sums("sha256sum", "one.txt");
    mkdirSync(bench.path("empty"));
    succeed(own(["batch", "9c", "-", "--out", "empty", "--pin-file", "pin.txt"], list));
    const again = own(["batch", "9c", "-", "--out", "empty", "--pin-file", "pin.txt"], list);
    expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining("something in empty") });
    expect(own(["batch", "9c", "-", "--out", "one.txt", "--pin-file", "pin.txt"], list).status).toBe(2);
  });

  it("shows the list before it asks for the PIN, with commands to the terminal written out", () => {
    const outcome = own(["batch", "9c", "-", "--out", "never"], `${"ab".repeat(32)}  \u001b[2Jletter\n`);
    expect(outcome).toMatchObject({ status: 2, stderr: expect.stringContaining("to sign this digest with the key in 9C") });
    expect(outcome.stdout).toContain(`${"ab".repeat(32)}  \\u001b[2Jletter`);
    expect(existsSync(bench.path("never"))).toBe(false);
  });

  it.each([
    ["nothing", "", /1 to 64/],
    ["65 digests", Array.from({ length: 65 }, (_, index) => `${"ab".repeat(32)}  letter${index}\n`).join(""), /this one has 65/],
    ["digests of another length", `${"ab".repeat(48)}  letter\n`, /sha384sum/],
    ["lines that are none", "a letter\n", /no digest/],
    ["an escaped name", `\\${"ab".repeat(32)}  two\\nlines\n`, /no digest/],
    ["a name that is too long for a file", `${"ab".repeat(32)}  ${"long".repeat(63)}\n`, /no digest/],
    ["one name twice", `${"ab".repeat(32)}  a/letter\n${"cd".repeat(32)}  b/letter\n`, /two files named letter/],
  ])("refuses %s before the PIN is asked for", (_, list, message) => {
    const before = counter();
    const outcome = own(["batch", "9c", "-", "--out", "never", "--pin-file", "pin.txt"], list);
    expect(outcome).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
    expect([existsSync(bench.path("never")), counter()]).toEqual([false, before]);
  });

  it("refuses a slot without a key, a wrong PIN, and two things from one standard input", () => {
    const list = sums("sha256sum", "one.txt");
    bench.write("wrong.txt", "00000000\n");
    expect(own(["batch", "9d", "-", "--out", "never", "--pin-file", "pin.txt"], list)).toMatchObject({ status: 2 });
    expect(own(["batch", "9c", "-", "--out", "never", "--pin-file", "wrong.txt"], list)).toMatchObject({
      status: 4,
      stderr: expect.stringContaining("2 tries"),
    });
    expect(own(["batch", "9c", "-", "--out", "never", "--pin-file", "-"], list)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Only one thing can come from standard input"),
    });
    expect(existsSync(bench.path("never"))).toBe(false);
    succeed(own(["batch", "9c", "-", "--out", "right", "--pin-file", "pin.txt"], list));
  });

  it("says which signatures there are when it cannot go on", async () => {
    const list = Array.from({ length: 64 }, (_, index) => `${index.toString(16).padStart(96, "0")}  letter-${index}\n`).join("");
    const { child, output } = start("batch", "9a", "-", "--out", "partly", "--pin-file", "pin.txt");
    child.stdin.end(list);
    await output(/Signed: .*letter-1\./);
    await bench.stop("sim");
    expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(4);
    const text = await output(/Only \d+ of 64 signatures are written/);
    const written = readdirSync(bench.path("partly"));
    expect(Number(/Only (\d+) of/.exec(text)?.[1])).toBe(written.length);
    for (const name of written) expect(text).toContain(`partly/${name}`);
    await bench.plugIn();
  });

  it("signs nothing when nobody presses the button, or the token is unplugged meanwhile", async () => {
    await bench.stop("sim");
    await bench.plugIn(["--button", "never"]);
    const { child, output } = start("batch", "9c", "-", "--out", "unpressed", "--pin-file", "pin.txt");
    child.stdin.end(sums("sha256sum", "one.txt"));
    await output(/Press the token's button/);
    await bench.stop("sim");
    expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(4);
    expect(existsSync(bench.path("unpressed"))).toBe(false);
  });
});
