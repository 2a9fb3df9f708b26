// Debian's own pinentry programs ask for the PIN, on a terminal that the test watches and types on.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fr } from "../../cli/messages/fr.ts";
import { pinTexts } from "../../cli/pin-texts.ts";
import { PinentryPrompt } from "../../host-bridge/pin-prompt/pinentry.ts";
import { ROOT } from "../support/run.ts";

const LIMITS = { answerMs: 20_000, graceMs: 1000 };
const before = { ...process.env };

let terminal: ChildProcessByStdio<Writable, Readable, null>;
let shown: string;

beforeEach(async () => {
  terminal = spawn("python3", [join(ROOT, "test", "support", "terminal.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const [path] = await once(terminal.stdout, "data");
  shown = "";
  terminal.stdout.on("data", (bytes) => {
    shown += String(bytes);
  });
  Object.assign(process.env, { GPG_TTY: String(path).trim(), TERM: "vt100", LC_ALL: "C.UTF-8" });
});

afterEach(async () => {
  process.env = { ...before };
  const ended = once(terminal, "exit");
  terminal.stdin.end();
  await ended;
});

describe.each(["pinentry-tty", "pinentry-curses"])("%s", (program) => {
  const prompt = (limits = LIMITS): PinentryPrompt => new PinentryPrompt(program, pinTexts(fr), limits);

  test("shows what the PIN is for, and gives what was typed", async () => {
    const asked = prompt().ask({ what: "signature", token: "40718225", key: "Sceau 9C", triesLeft: 1, isLastTry: true });
    await expect.poll(() => shown, { timeout: 10_000 }).toMatch(/UNE SIGNATURE[\s\S]*40718225[\s\S]*Sceau 9C/);
    expect(shown).toContain("DERNIER ESSAI");
    await expect.poll(() => shown, { timeout: 10_000 }).toContain("PIN :");
    terminal.stdin.write("73910462\r");
    expect(Buffer.from((await asked) ?? []).toString()).toBe("73910462");
    expect(shown).not.toContain("73910462");
  });

  test("gives none when nobody answers in time", async () => {
    expect(await prompt({ answerMs: 1000, graceMs: 5000 }).ask({ what: "login", token: "1", isLastTry: false })).toBeNull();
  });

  test("leaves the terminal when the application goes", async () => {
    const gone = new AbortController();
    const asked = prompt().ask({ what: "login", token: "1", isLastTry: false }, gone.signal);
    await expect.poll(() => shown, { timeout: 10_000 }).toContain("PIN :");
    gone.abort();
    expect(await asked).toBeNull();
  });
});
