// One run of a pinentry program: a process of its own, spoken to over its standard input and output.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { escapeArgument, LineCutter, unescapeData } from "./assuan.ts";

/** gpg-error's codes with pinentry as their source (5 << 24): cancelled, timeout, not confirmed, fully cancelled. */
const DECLINED: readonly string[] = ["83886179", "83886142", "83886194", "83886278"];
/** Longer than any PIN. */
const MAX_PIN_BYTES = 255;
const KILL_MS = 1000;

/** The program could not be run, or does not speak as pinentry does. The message never holds what it said. */
export class PinPromptError extends Error {
  override readonly name = "PinPromptError";
}

const startsWith = (line: Uint8Array, text: string): boolean => Buffer.from(line.subarray(0, text.length)).equals(Buffer.from(text));

/** What came in answer to a command: an error's code (null: OK), and data. */
interface Answer {
  readonly errorCode: string | null;
  readonly data: Uint8Array;
}

export class PinentrySession {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly cutter = new LineCutter();
  private data: Uint8Array = new Uint8Array(0);
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;
  private failure: Error | null = null;

  /** @param signal ends the program, and with it what is being asked */
  constructor(program: string, signal: AbortSignal) {
    this.child = spawn(program, [], { stdio: ["pipe", "pipe", "pipe"], env: process.env });
    this.child.stdin.on("error", () => {}); // it has gone; `close` follows
    this.child.stderr.resume(); // read, so that it does not block; never told: nobody knows what is in it
    this.child.on("error", (cause) => this.fail(new PinPromptError(`${program} cannot be run`, { cause })));
    this.child.on("close", () => this.fail(new PinPromptError(`${program} ended without an answer`)));
    this.child.stdout.on("data", (bytes: Buffer) => this.take(bytes));
    signal.addEventListener("abort", () => this.end(), { once: true });
    if (signal.aborted) this.end();
  }

  /** What it says when it is ready. @throws PinPromptError */
  async greeting(): Promise<void> {
    await this.answer();
  }

  /** Sends a command whose answer is OK, or an error that changes nothing: not every pinentry knows every one. @throws PinPromptError */
  async tell(command: string, argument: string): Promise<void> {
    const { data } = await this.ask(`${command} ${escapeArgument(argument)}`);
    data.fill(0);
  }

  /** @returns null: the person declined, or did not answer in time. @throws PinPromptError */
  async getPin(): Promise<Uint8Array | null> {
    const { errorCode, data } = await this.ask("GETPIN");
    if (errorCode === null) return data;
    data.fill(0);
    if (DECLINED.includes(errorCode)) return null;
    throw new PinPromptError(`the PIN prompt failed with code ${errorCode}`);
  }

  /** Ends the program, politely first. */
  end(): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.stdin.end("BYE\n");
    this.child.kill("SIGTERM"); // in the middle of a question it does not read
    const timer = setTimeout(() => this.child.kill("SIGKILL"), KILL_MS);
    this.child.once("close", () => clearTimeout(timer));
  }

  private ask(line: string): Promise<Answer> {
    const answered = this.answer();
    this.child.stdin.write(`${line}\n`);
    return answered;
  }

  private answer(): Promise<Answer> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  private take(bytes: Buffer): void {
    try {
      for (const line of this.cutter.accept(bytes)) {
        this.takeLine(line);
        line.fill(0);
      }
    } catch (cause) {
      this.fail(new PinPromptError("the PIN prompt says what no pinentry says", { cause }));
    }
  }

  private takeLine(line: Uint8Array): void {
    if (startsWith(line, "D ")) this.takeData(unescapeData(line.subarray(2)));
    else if (startsWith(line, "OK")) this.finish(null);
    else if (startsWith(line, "ERR ")) this.finish(/^ERR (\d+)/.exec(Buffer.from(line).toString("latin1"))?.[1] ?? "unknown");
    else if (startsWith(line, "INQUIRE")) this.child.stdin.write("CANCEL\n"); // nothing that pinentry could ask is known here
    // Comments (#) and status lines (S) tell nothing that matters.
  }

  private takeData(part: Uint8Array): void {
    const joined = new Uint8Array(this.data.length + part.length);
    joined.set(this.data);
    joined.set(part, this.data.length);
    this.data.fill(0);
    part.fill(0);
    this.data = joined;
    if (joined.length > MAX_PIN_BYTES) throw new RangeError("more than a PIN");
  }

  private finish(errorCode: string | null): void {
    const { data } = this;
    this.data = new Uint8Array(0);
    const { waiting } = this;
    this.waiting = null;
    if (waiting === null) data.fill(0);
    else waiting.resolve({ errorCode, data });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.cutter.wipe();
    this.data.fill(0);
    this.waiting?.reject(this.failure);
    this.waiting = null;
    this.end();
  }
}
