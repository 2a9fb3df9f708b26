// The tour, which is what `npm start` runs: the whole picture in one command, without a terminal.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findP11KitClient } from "../../host-bridge/signing/pkcs11-module.ts";
import { nssDatabase, pdfsig } from "../support/pdf-judges.ts";
import { NODE_FLAGS, ROOT, run, sceau } from "../support/run.ts";
import { pages } from "../support/sample-pdfs.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sceau-tour-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sockets are in such folders. */
const runFolders = (): string[] => readdirSync(folder).filter((name) => name.startsWith("run"));

/** The first one fills the demonstration's office. */
const LIMIT_MS = 150_000;

describe("the tour", () => {
  it(
    "S9 to S15: applies, is checked and approved by two officers, activates, signs a letter of three pages and says where it is",
    () => {
      const outcome = sceau(["tour", "--state", folder], { input: "", timeout: LIMIT_MS });
      expect(outcome).toMatchObject({ status: 0, stderr: "" });
      const steps = [
        "plug in a new simulated token",
        "apply",
        "a verifier",
        "another officer approves",
        "activate",
        "through PKCS#11",
        "verify the",
      ];
      for (const step of steps) {
        expect(outcome.stdout).toMatch(new RegExp(`✔ .*${step}.* \\[\\d+\\.\\d{3} s\\]`));
      }
      const signed = /Signed file\s+(\S+)/.exec(outcome.stdout)?.[1] ?? "";
      const report = pdfsig(nssDatabase(folder, join(folder, "office-demo", "ca", "root.pem")), signed);
      expect(report).toContain("Signature is Valid");
      expect(report).toContain("Certificate is Trusted");
      expect(run("pdfinfo", [signed]).stdout).toMatch(/Pages:\s+3/);
      // What the activation learnt: the agent's pages know the office's authority, and say whose it is.
      const { authorities } = JSON.parse(readFileSync(join(folder, "agent", "authorities", "learned.json"), "utf8"));
      expect(authorities).toMatchObject([{ office: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }, {}]);
    },
    LIMIT_MS,
  );

  it("leaves nothing plugged in, and no secret of the token that it made", () => {
    const tokens = readdirSync(join(folder, "tokens"));
    expect(tokens.filter((name) => !name.startsWith("demo-"))).toEqual([]);
    expect(readdirSync(join(folder, "secrets"))).toHaveLength(tokens.length);
    expect(runFolders()).toEqual([]);
  });

  it(
    "signs a document of the user's into a file of the user's",
    async () => {
      const document = join(folder, "mine.pdf");
      const out = join(folder, "mine signed.pdf");
      writeFileSync(document, await pages(5));
      const outcome = sceau(["tour", "--document", document, "--out", out, "--json", "--state", folder], { input: "", timeout: LIMIT_MS });
      expect(outcome.status).toBe(0);
      const result = JSON.parse(outcome.stdout);
      expect(result).toMatchObject({ signedFile: out, isValid: true, signatures: [{ signer: "Camille Durand", problems: [] }] });
      expect(readFileSync(out).subarray(0, readFileSync(document).length)).toEqual(readFileSync(document));
    },
    LIMIT_MS,
  );

  it.each([
    ["a document that is none", "not a pdf", 3],
    ["an output that exists", null, 2],
  ])("ends with an exit code for %s, and leaves nothing plugged in", async (_name, content, exitCode) => {
    const document = join(folder, "given.pdf");
    writeFileSync(document, content ?? (await pages(1)));
    const out = content === null ? document : join(folder, "never.pdf");
    expect(sceau(["tour", "--document", document, "--out", out, "--state", folder]).status).toBe(exitCode);
    expect(existsSync(join(folder, "never.pdf"))).toBe(false);
    expect(runFolders()).toEqual([]);
  });

  it(
    "stays plugged in for other software until it is stopped",
    async () => {
      const child = spawn(process.execPath, [...NODE_FLAGS, join(ROOT, "cli", "sceau.mjs"), "tour", "--stay", "--state", folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const lines: string[] = [];
      const reader = createInterface({ input: child.stdout });
      for await (const line of reader) {
        lines.push(line);
        if (line.startsWith("Ctrl-C")) break;
      }
      const text = lines.join("\n");
      const office = /The demonstration's office: (http:\S+)/.exec(text)?.[1] ?? "";
      expect((await fetch(`${office}/activate`)).status).toBe(200);
      const address = /export P11_KIT_SERVER_ADDRESS=(\S+)/.exec(text)?.[1];
      const pin = readFileSync(/Its PIN is in (\S+)/.exec(text)?.[1] ?? "", "utf8").trim();
      const env = { ...process.env, P11_KIT_SERVER_ADDRESS: address };
      const options = ["--module", findP11KitClient() ?? "", "--list-objects", "--login", "--pin", pin];
      expect(run("pkcs11-tool", options, { env }).stdout).toContain("Private Key Object; EC");
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
      expect(runFolders()).toEqual([]);
    },
    LIMIT_MS,
  );
});
