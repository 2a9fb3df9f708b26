// `sceau activate` as a process, on a demonstration's whole office: killed as soon as it tells a step, and started again, it goes on where it was.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_PIN } from "../../cli/demo-tokens.ts";
import { en } from "../../cli/messages/en.ts";
import { StateFolder } from "../../cli/state-folder.ts";
import { TOUR_ANSWERS, TourApplication } from "../../cli/tour/application.ts";
import { type Child, startChild } from "../../cli/tour/children.ts";
import type { OfficeVisitor } from "../../cli/tour/office-visitor.ts";
import { freePort, OFFICE_START_LIMIT_MS } from "../support/office-process.ts";
import { mustRun, SCEAU, sceau } from "../support/run.ts";

const PIN = "730194";
const LIMIT_MS = 120_000;
let folder: string;
let url: string;
let children: Child[] = [];
let reference: string;

const state = (): StateFolder => new StateFolder(folder, {});
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const start = async (args: readonly string[], event: string): Promise<void> => {
  children.push(await startChild(state(), args, [event], { program: SCEAU }));
};

async function officer(application: TourApplication, name: string): Promise<OfficeVisitor> {
  await start(["sim", name, "--button-delay", "0"], "plugged-in");
  const words = [
    "office",
    "sign-in",
    url,
    "--token",
    name,
    "--pin-file",
    file("demo-pin.txt", `${DEMO_PIN}\n`),
    "--json",
    "--state",
    folder,
  ];
  const { link } = JSON.parse(mustRun(process.execPath, [SCEAU, ...words])) as { link: string };
  return application.officer(link);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-activate-"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await start(["office", "--demo", "--port", String(port), "--log", "error"], "ready");
  await start(["sim", "mine", "--button-delay", "0"], "plugged-in");
  const who = { email: "camille@example.org", language: "en" as const, mails: join(folder, "office-demo", "mails") };
  const application = new TourApplication(url, who, en.tour.application);
  const dossier = await application.apply();
  await application.check(dossier, await officer(application, "demo-verifier"), new Date());
  reference = await application.approve(dossier, await officer(application, "demo-approver"));
}, 2 * OFFICE_START_LIMIT_MS);

afterAll(async () => {
  for (const child of children.reverse()) await child.stop();
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

const answers = (): string =>
  file(
    "answers.txt",
    Object.entries(TOUR_ANSWERS)
      .map(([question, answer]) => `${question}: ${answer.toUpperCase()}\n`)
      .join(""),
  );
const words = (pin = PIN): string[] => {
  const files = [
    "--reference-file",
    file("reference.txt", `${reference}\n`),
    "--answers-file",
    answers(),
    "--pin-file",
    file("pin.txt", `${pin}\n`),
  ];
  return ["activate", "--office", url, "--token", "mine", ...files, "--state", folder];
};

/** Kills it with the first word of a step; the step may have happened or not. @returns the steps that it told */
async function killedAt(step: string): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [SCEAU, ...words()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: string[] = [];
  if (child.stdout === null) throw new Error("no output");
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes(step)) child.kill("SIGKILL");
  }
  expect(await exited, lines.join("\n")).toEqual([null, "SIGKILL"]);
  return lines;
}

describe("S15: sceau activate", () => {
  it("wrong answers: says how many tries are left, and nothing happens to the token", () => {
    const wrong = file(
      "wrong.txt",
      Object.keys(TOUR_ANSWERS)
        .map((question) => `${question}: something else\n`)
        .join(""),
    );
    const given = words();
    given[given.indexOf("--answers-file") + 1] = wrong;
    const { status, stderr } = sceau(given);
    expect([status, stderr]).toEqual([5, expect.stringContaining("Tries left: 4.")]);
    expect(JSON.parse(sceau(["token", "info", "--token", "mine", "--json", "--state", folder]).stdout)).toMatchObject({
      isInitialised: false,
    });
  });

  it("a reference number that the office does not know, an unreadable line, a missing answer", () => {
    const other = words();
    other[other.indexOf("--reference-file") + 1] = file("unknown.txt", "AAAA-AAAA-AAAA-AAAA\n");
    expect(sceau(other)).toMatchObject({ status: 5, stderr: expect.stringContaining("does not know this reference number") });
    for (const [text, message] of [
      ["no answer here\n", "Line 1 of the answers"],
      ["first-pet: Rex\n", "has no answer to"],
    ] as const) {
      const given = words();
      given[given.indexOf("--answers-file") + 1] = file("other.txt", text);
      expect(sceau(given)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
    }
  });

  it(
    "killed at each step and started again, it ends active: one key, one certificate, and the possession proven",
    async () => {
      const before = JSON.parse(sceau(["office", "status", "--demo", "--json", "--state", folder]).stdout).certificates.active as number;
      for (const step of Object.values(en.activate.step)) await killedAt(step);
      // The last one may have been through before the signal came: then there is nothing left to do, and the office says so.
      const outcome = sceau([...words(), "--json"]);
      expect([0, 5]).toContain(outcome.status);
      if (outcome.status === 5) expect(outcome.stdout).toContain('"used"');
      const path = join(folder, "certificate.pem");
      const exported = mustRun(process.execPath, [SCEAU, "token", "export", "9c", "--token", "mine", "--state", folder]);
      writeFileSync(path, exported);
      const text = mustRun("openssl", ["x509", "-in", path, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus_space"]);
      for (const part of ["Camille Durand", "Chartered accountant", "10-4217"]) expect(text).toContain(part);
      const chain = join(folder, "office-demo", "ca", "root.pem");
      const issuing = join(folder, "issuing.pem");
      writeFileSync(issuing, await (await fetch(`${url}/ca/issuing.pem`)).text());
      expect(mustRun("openssl", ["verify", "-CAfile", chain, "-untrusted", issuing, path])).toContain("OK");
      const { certificates } = JSON.parse(sceau(["office", "status", "--demo", "--json", "--state", folder]).stdout);
      expect(certificates.active).toBe(before + 1);
      // Once more changes nothing, but says that the number has served.
      expect(sceau(words())).toMatchObject({ status: 5, stderr: expect.stringContaining("was used") });
    },
    LIMIT_MS,
  );
});
