// `sceau office` as a process of its own, for tests that stop it, kill it, and start it again.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { StateFolder } from "../../cli/state-folder.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import { copyTemplate } from "./pglite-template.ts";
import { NODE_FLAGS, SCEAU } from "./run.ts";

/** PGlite's first start takes some seconds, longer on a machine with much to do. */
export const OFFICE_START_LIMIT_MS = 150_000;

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

export interface OfficeEvent {
  readonly event: string;
  readonly url: string;
  readonly code: string;
  readonly [name: string]: unknown;
}

export interface OfficeProcessOptions {
  readonly state: string;
  readonly port: number;
  readonly isDemo?: boolean;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** It makes its PGlite itself; else a new folder begins with a copy of one that is made and migrated. */
  readonly isFromNothing?: boolean;
}

export class OfficeProcess {
  /** All that it said on standard output, by event. */
  readonly told = new Map<string, OfficeEvent>();
  /** All that it wrote on standard error: its log. */
  log = "";
  /** The last line on standard output that was no event: why it ended. */
  #lastWord = "";
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  }

  /** Resolves when it listens. */
  static async start(options: OfficeProcessOptions): Promise<OfficeProcess> {
    const { state, port, isDemo = false, args = [], env = {}, isFromNothing = false } = options;
    const { database } = new OfficeFolder(new StateFolder(state, {}).office(isDemo));
    if (!isFromNothing && env["DATABASE_URL"] === undefined && !existsSync(database)) await copyTemplate(database);
    const demo = isDemo ? ["--demo"] : [];
    const words = ["office", ...demo, "--port", String(port), "--state", state, "--json", "--log", "info", ...args];
    const { DATABASE_URL: _, ...own } = process.env;
    const child = spawn(process.execPath, [...NODE_FLAGS, SCEAU, ...words], { stdio: ["ignore", "pipe", "pipe"], env: { ...own, ...env } });
    const office = new OfficeProcess(child);
    await office.#ready();
    return office;
  }

  get ready(): OfficeEvent {
    const event = this.told.get("ready");
    if (event === undefined) throw new Error("it is not ready");
    return event;
  }

  /** As `kill` or Ctrl-C do. @returns its exit code */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }

  /** As a cut of power does to a process: it gets to do nothing any more. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async #ready(): Promise<void> {
    this.#child.stderr?.on("data", (bytes) => (this.log += String(bytes)));
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#child.kill("SIGKILL");
        reject(new Error(`sceau office did not start in time: ${this.log}`));
      }, OFFICE_START_LIMIT_MS);
      // All that it wrote has been read by then.
      this.#child.once("close", (code) => {
        clearTimeout(timer);
        reject(new Error(`sceau office ended with ${code}: ${this.#lastWord}\n${this.log}`));
      });
      lines.on("line", (line) => {
        const value = JSON.parse(line) as Partial<OfficeEvent>;
        if (value.event === undefined) this.#lastWord = line;
        else this.told.set(value.event, value as OfficeEvent);
        if (value.event === "ready") {
          clearTimeout(timer);
          resolve();
        }
      });
    });
  }
}
