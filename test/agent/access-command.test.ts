// `sceau agent` as it is run: it says where it is, answers its own user only, and ends in order at a signal.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AgentVisitor } from "../support/agent-bench.ts";
import { SCEAU } from "../support/run.ts";
import { SimulatedToken } from "../support/simulated-token.ts";

const LIMIT_MS = 30_000;

let folder: string;
const children: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sceau-cmd-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  /** All of it. */
  output(): string;
  /** Resolves with the first line that has it. */
  told(text: string): Promise<string>;
}

function start(...args: readonly string[]): Started {
  const command = [SCEAU, "--state", folder, ...args];
  const child = spawn(process.execPath, command, { env: { ...process.env, HOME: folder }, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (bytes) => {
      output += String(bytes);
    });
  }
  const told = async (text: string): Promise<string> => {
    for (const end = Date.now() + LIMIT_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 30))) {
      const line = output.split("\n").find((each) => each.includes(text));
      if (line !== undefined) return line;
    }
    throw new Error(`not told: ${text}\n${output}`);
  };
  return { child, output: () => output, told };
}

const AGENT = ["agent", "--port", "0", "--no-open", "--no-hid", "--no-serial"] as const;

test("it tells its address, sees a simulated token, and ends at SIGTERM", { timeout: 60_000 }, async () => {
  const agent = start("--json", ...AGENT);
  const { address } = JSON.parse(await agent.told('"ready"')) as { address: string };
  expect(address).toMatch(process.platform === "linux" ? /^http:\/\/127\.[1-9]\d*\.\d+\.\d+:\d+$/ : /^http:\/\/127\.0\.0\.1:\d+$/);
  mkdirSync(join(folder, "run", "tokens"), { recursive: true });
  const plug = await (await SimulatedToken.initialised()).plugIn(join(folder, "run", "tokens", "trial.sock"));
  await agent.told('"token-in"');
  const visitor = new AgentVisitor(address);
  expect((await visitor.follow(await visitor.get("/tokens"))).title).toBe("Votre phrase");
  const saved = await visitor.submit("/phrase", { phrase: "three owls on a gate", next: "/tokens" });
  expect(saved.body).toContain("<span>4071</span>");
  expect(agent.output()).not.toContain("three owls");
  const ended = once(agent.child, "exit");
  agent.child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  await plug.close();
});

test("a port that is taken: said with what to do, in both languages", { timeout: 60_000 }, async () => {
  const first = start("--json", ...AGENT);
  const { address } = JSON.parse(await first.told('"ready"')) as { address: string };
  const { port } = new URL(address);
  for (const [language, text] of [
    ["fr", `Le port ${port} est pris`],
    ["en", `Port ${port} is taken`],
  ] as const) {
    const second = start("--lang", language, "agent", "--port", port, "--no-open", "--no-hid", "--no-serial");
    const [code] = (await once(second.child, "exit")) as [number];
    expect(code).toBe(4);
    await second.told(text);
  }
});
