// An Espruino board's console: expressions in, values out. Each goes as one line that is not echoed (DLE in front), and its value comes back between
// marks of its own, so that prompts and whatever else the board prints are passed over.

import { randomBytes } from "node:crypto";
import { z } from "zod";
import { FlashingError } from "./flashing-error.ts";

/** What is used of a serial port. */
export interface ConsolePort {
  readonly isOpen: boolean;
  write(text: string, encoding: "latin1"): unknown;
  on(event: "data", take: (bytes: Buffer) => void): unknown;
  on(event: "error", take: (error: Error) => void): unknown;
  once(event: "close", take: () => void): unknown;
}

/** Ctrl-C. */
const INTERRUPT = "\u0003";
const SILENTLY = "\u0010";
const ANSWER_LIMIT_MS = 10_000;
const MARK_BYTES = 6;
/** Far more than an answer has. */
const KEPT_CHARACTERS = 32_768;

const ANSWER = z.union([z.object({ value: z.unknown() }), z.object({ error: z.string() })]);

export class BoardConsole {
  private readonly port: ConsolePort;
  private printed = "";
  private isGone = false;
  private look: () => void = () => {};

  constructor(port: ConsolePort) {
    this.port = port;
    port.on("data", (bytes) => {
      this.printed = (this.printed + bytes.toString("latin1")).slice(-KEPT_CHARACTERS);
      this.look();
    });
    port.on("error", () => this.leave());
    port.once("close", () => this.leave());
  }

  /**
   * Whether a console answers.
   * @param isForced what runs there is interrupted, and a line that was begun is forgotten
   */
  async isThere(limitMs: number, isForced: boolean): Promise<boolean> {
    if (isForced) this.port.write(INTERRUPT, "latin1");
    try {
      return (await this.evaluate("6*7", limitMs)) === 42;
    } catch (error) {
      if (error instanceof FlashingError && error.problem === "interrupted" && !this.isGone) return false;
      throw error;
    }
  }

  /**
   * The value of an expression, as JSON has it.
   * @throws FlashingError `refused` with what the interpreter says, `interrupted`
   */
  async evaluate(expression: string, limitMs = ANSWER_LIMIT_MS): Promise<unknown> {
    const mark = randomBytes(MARK_BYTES).toString("hex");
    const print = (value: string): string => `print("<"+"${mark}"+JSON.stringify(${value})+"${mark}"+">")`;
    this.printed = "";
    const answered = this.waitFor(new RegExp(`<${mark}(.*)${mark}>`), limitMs);
    this.port.write(`${SILENTLY}try{${print(`{value:${expression}}`)}}catch(e){${print("{error:e.toString()}")}}\n`, "latin1");
    const answer = ANSWER.safeParse(parsed(await answered));
    if (!answer.success) throw new FlashingError("refused", "an answer that makes no sense");
    if ("error" in answer.data) throw new FlashingError("refused", answer.data.error);
    return answer.data.value;
  }

  /** Sends a line whose value nobody waits for, and listens; what was printed by then. */
  async leaveWith(line: string, listenMs: number): Promise<string> {
    this.printed = "";
    this.port.write(`${SILENTLY}${line}\n`, "latin1");
    await new Promise((resolve) => setTimeout(resolve, listenMs));
    return this.printed;
  }

  private waitFor(pattern: RegExp, limitMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        this.look = () => {};
        act();
      };
      const interrupted = (why: string): void => finish(() => reject(new FlashingError("interrupted", why)));
      const timer = setTimeout(() => interrupted("the board does not answer"), limitMs);
      this.look = () => {
        const [, found] = pattern.exec(this.printed) ?? [];
        if (found !== undefined) finish(() => resolve(found));
        else if (this.isGone) interrupted("the board was unplugged");
      };
      this.look();
    });
  }

  private leave(): void {
    this.isGone = true;
    this.look();
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
