// The PIN prompt against a pinentry that the test scripts: each way in which one can answer, decline, hang or break.

import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../test/support/run.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { PinQuestion } from "./pin-prompt.ts";
import { PinentryPrompt, type PinTexts } from "./pinentry.ts";
import { PinPromptError } from "./pinentry-session.ts";

const PROGRAM = join(ROOT, "test", "support", "scripted-pinentry.py");
const LOGIN: PinQuestion = { what: "login", token: "40718225", isLastTry: false };
const NEW_PIN: PinQuestion = { ...LOGIN, what: "new-pin" };
const TEXTS: PinTexts = {
  question: ({ what, token, isLastTry }) => ({
    title: "Sceau",
    description: `PIN of ${token}\n100 % sûr`,
    prompt: `${what}:`,
    ...(isLastTry ? { warning: "LAST TRY" } : {}),
  }),
  again: "again:",
  notTheSame: "not the same",
};

const folder = temporaryFolder();
let count = 0;
let log: string;
const before = { ...process.env };

beforeEach(() => {
  log = join(folder, `log-${count++}`);
  Object.assign(process.env, { PINENTRY_LOG: log, GPG_TTY: "/dev/pts/77", TERM: "xterm", LC_ALL: "fr_FR.UTF-8" });
});

afterEach(() => {
  process.env = { ...before };
});

function ask(script: string, question = LOGIN, { answerMs = 10_000, signal }: { answerMs?: number; signal?: AbortSignal } = {}) {
  process.env["PINENTRY_SCRIPT"] = script;
  return new PinentryPrompt(PROGRAM, TEXTS, { answerMs, graceMs: 500 }).ask(question, signal);
}

const text = (pin: Uint8Array | null): string | null => (pin === null ? null : Buffer.from(pin).toString());
const lines = (): string[] => readFileSync(log, "utf8").split("\n").slice(1, -1);
const pid = (): number => Number(readFileSync(log, "utf8").split("\n")[0]);

async function expectEnded(): Promise<void> {
  const program = pid();
  await expect.poll(() => isRunning(program), { timeout: 5000 }).toBe(false);
}

function isRunning(program: number): boolean {
  try {
    process.kill(program, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a PIN", () => {
  test.each(["pin=73910462", "split=73910462", "hex=73910462"])("comes through (%s)", async (script) => {
    expect(text(await ask(script))).toBe("73910462");
    await expectEnded();
  });

  test("may be empty, or hold what Assuan escapes", async () => {
    expect(text(await ask("pin="))).toBe("");
    expect(text(await ask("pin=%25%0A"))).toBe("%\n");
  });

  test("is asked for with its purpose, on the terminal and in the language of the bridge", async () => {
    await ask("pin=1", { ...LOGIN, isLastTry: true });
    expect(lines().slice(0, 9)).toEqual([
      "OPTION ttyname=/dev/pts/77",
      "OPTION ttytype=xterm",
      "OPTION lc-ctype=fr_FR.UTF-8",
      "SETTIMEOUT 10",
      "SETTITLE Sceau",
      "SETDESC PIN of 40718225%0A100 %25 sûr",
      "SETPROMPT login:",
      "SETERROR LAST TRY",
      "GETPIN",
    ]);
  });

  test("comes through though the program asks something back", async () => {
    expect(text(await ask("inquire"))).toBe("123456");
    expect(lines()).toContain("CANCEL");
  });
});

describe("a new PIN", () => {
  test("is typed twice", async () => {
    expect(text(await ask("pin=558820 pin=558820", NEW_PIN))).toBe("558820");
    expect(lines().filter((line) => /GETPIN|SETPROMPT|SETERROR/.test(line))).toEqual([
      "SETPROMPT new-pin:",
      "GETPIN",
      "SETPROMPT again:",
      "GETPIN",
    ]);
  });

  test("that was mistyped is asked for again", async () => {
    expect(text(await ask("pin=558820 pin=558821 pin=558822 pin=558822", NEW_PIN))).toBe("558822");
    expect(lines()).toContain("SETERROR not the same");
  });

  test("that is never the same is none, and so is one that was declined the second time", async () => {
    expect(await ask("pin=1 pin=2 pin=3 pin=4 pin=5 pin=6", NEW_PIN)).toBeNull();
    expect(await ask("pin=1 err=83886179", NEW_PIN)).toBeNull();
  });
});

describe("no PIN", () => {
  test.each([
    ["cancelled", "err=83886179"],
    ["timeout", "err=83886142"],
    ["not confirmed", "err=83886194"],
    ["fully cancelled", "err=83886278"],
  ])("comes when it is %s", async (_what, script) => {
    expect(await ask(script)).toBeNull();
    await expectEnded();
  });

  test("comes when the person's time is over and the program does not see it", async () => {
    expect(await ask("hang", LOGIN, { answerMs: 500 })).toBeNull();
    await expectEnded();
  });

  test("comes when the application has gone: the program is ended at once", async () => {
    const gone = new AbortController();
    const asked = ask("hang", LOGIN, { signal: gone.signal });
    await expect.poll(() => lines().at(-1), { timeout: 5000 }).toBe("GETPIN");
    gone.abort();
    expect(await asked).toBeNull();
    await expectEnded();
  });

  test("is asked for when the application has gone before its turn", async () => {
    process.env["PINENTRY_SCRIPT"] = "hang";
    const prompt = new PinentryPrompt(PROGRAM, TEXTS);
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [prompt.ask(LOGIN, first.signal), prompt.ask({ ...LOGIN, token: "2" }, second.signal)];
    await expect.poll(() => lines().at(-1), { timeout: 5000 }).toBe("GETPIN");
    second.abort();
    first.abort();
    expect(await Promise.all(asked)).toEqual([null, null]);
    expect(lines().filter((line) => line === "GETPIN")).toHaveLength(1);
  });
});

test("two questions are asked one after the other", async () => {
  process.env["PINENTRY_SCRIPT"] = "pin=1111";
  const prompt = new PinentryPrompt(PROGRAM, TEXTS);
  expect((await Promise.all([prompt.ask(LOGIN), prompt.ask(LOGIN)])).map(text)).toEqual(["1111", "1111"]);
  const all = readFileSync(log, "utf8").split("\n");
  expect(all.filter((line) => /^\d+$/.test(line))).toHaveLength(2);
  expect(all.indexOf("GETPIN")).toBeLessThan(all.findLastIndex((line) => /^\d+$/.test(line)));
});

describe("a program", () => {
  test.each([
    ["ends in the middle", "die"],
    ["fails", "err=83918950"],
    ["says more than any PIN", "noise"],
    ["never ends its line", "flood"],
  ])("that %s is an error that tells nothing of what it said, and is ended", async (_what, script) => {
    const error = await ask(script).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PinPromptError);
    expect(String((error as Error).message)).not.toMatch(/7777|9999|Operation/);
    await expectEnded();
  });

  test("that is not there, or is no pinentry, is an error", async () => {
    await expect(new PinentryPrompt("/nowhere/pinentry", TEXTS).ask(LOGIN)).rejects.toBeInstanceOf(PinPromptError);
    const other = join(folder, "other");
    writeFileSync(other, "#!/bin/sh\nexit 0\n");
    chmodSync(other, 0o755);
    await expect(new PinentryPrompt(other, TEXTS).ask(LOGIN)).rejects.toBeInstanceOf(PinPromptError);
  });
});
