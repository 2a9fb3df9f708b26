// A PKCS#11 application in another process (pkcs11js-program.ts, graphene-program.ts, as they were built), asked call by call.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type AnswerLine, fromJson, toJson } from "./call-lines.ts";
import { ROOT } from "./run.ts";
import type { Workbench } from "./workbench.ts";

const CALL_LIMIT_MS = 20_000;

/** What the application was told instead of an answer. */
export class CallError extends Error {
  /** A CKR; null: the error is the application's own. */
  readonly code: number | null;

  constructor(message: string, code: number | null) {
    super(message);
    this.code = code;
  }
}

export class Pkcs11Program {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly exited: Promise<unknown[]>;

  constructor(bench: Pick<Workbench, "module" | "environment">, program: "pkcs11js-program" | "graphene-program") {
    const script = join(ROOT, "dist", "test", "support", `${program}.js`);
    const child = spawn(process.execPath, [script, bench.module], { env: bench.environment, stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.on("error", () => {}); // it has ended: `call` sees that by what it doesn't answer
    this.child = child;
    this.exited = once(child, "exit");
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws CallError */
  async call<T>(name: string, ...args: unknown[]): Promise<T> {
    this.child.stdin?.write(`${JSON.stringify({ name, args: toJson(args) })}\n`);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), CALL_LIMIT_MS);
    const { value: line, done } = await this.lines.next();
    clearTimeout(timer);
    if (done) throw new Error(`the application ended in ${name}: ${JSON.stringify([this.child.exitCode, this.child.signalCode])}`);
    const answer = JSON.parse(line) as AnswerLine;
    if ("error" in answer) throw new CallError(answer.error, answer.code ?? null);
    return fromJson(answer.value) as T;
  }

  /** The CKR that a call ends in; 0: it succeeds. */
  async ckr(name: string, ...args: unknown[]): Promise<number> {
    try {
      await this.call(name, ...args);
      return 0;
    } catch (error) {
      if (error instanceof CallError && error.code !== null) return error.code;
      throw error;
    }
  }

  /** Lets the application come to its end. The answer is its exit code and signal. */
  async end(): Promise<unknown[]> {
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill("SIGKILL"), CALL_LIMIT_MS);
    const outcome = await this.exited;
    clearTimeout(timer);
    return outcome;
  }
}
