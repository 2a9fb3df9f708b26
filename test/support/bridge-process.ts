// `sceau bridge --json` as a process of the test's own, with all that it tells.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";
import { nodeAs } from "./ordinary-user.ts";
import { SCEAU } from "./run.ts";

export interface ToldEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface BridgeStart {
  readonly args?: readonly string[];
  /** Beside, or instead of, the test's own; undefined takes one away. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Whom it runs as; absent: as the test. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What to put before the command: a program that becomes it. */
  readonly launcher?: readonly string[];
}

const WAIT = { timeout: 15_000, interval: 20 };

export class BridgeProcess {
  readonly child: ChildProcess;
  /** All of standard output and standard error. */
  output = "";

  private constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (bytes) => {
        this.output += String(bytes);
      });
    }
  }

  /** Starts it. */
  static launch({ args = [], environment = {}, user, launcher = [] }: BridgeStart): BridgeProcess {
    const [node, sceau] = nodeAs(user, [SCEAU, "bridge", "--json", ...args]);
    const [program = node, ...command] = [...launcher, node, ...sceau];
    const child = spawn(program, command, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    return new BridgeProcess(child);
  }

  /** Starts it and waits until it serves. */
  static async start(options: BridgeStart): Promise<BridgeProcess> {
    const bridge = BridgeProcess.launch(options);
    try {
      await bridge.told("ready");
    } catch (error) {
      await bridge.stop("SIGKILL"); // nobody else knows of it
      throw error;
    }
    return bridge;
  }

  get events(): ToldEvent[] {
    const lines = this.output.split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as ToldEvent);
  }

  of(kind: string): ToldEvent[] {
    return this.events.filter(({ event }) => event === kind);
  }

  /** Waits until it has told so many events of a kind; gives the last of them. */
  async told(kind: string, count = 1): Promise<ToldEvent> {
    await expect.poll(() => this.of(kind).length, { ...WAIT, message: `${kind}\n${this.output}` }).toBeGreaterThanOrEqual(count);
    return this.of(kind)[count - 1] as ToldEvent;
  }

  /** Resolves when it has told all. @returns the exit code; null: it had to be killed */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, "close");
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(timer);
    return this.child.exitCode;
  }
}
