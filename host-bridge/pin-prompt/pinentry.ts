// Asks the person for a PIN through pinentry, the program that GnuPG asks with: in a window or on the terminal, as the distribution has it.

import { readlinkSync } from "node:fs";
import type { PinPrompt, PinQuestion } from "./pin-prompt.ts";
import { PinentrySession } from "./pinentry-session.ts";

/** How long the person has, then it is as if they had declined; and how much longer a pinentry that does not keep the time itself. */
const LIMITS = { answerMs: 120_000, graceMs: 5000 };
/** How often a new PIN may be typed in two ways. */
const NEW_PIN_ROUNDS = 3;

/** What the person reads. */
export interface PinQuestionText {
  readonly title: string;
  /** What the PIN is for, and of which token. */
  readonly description: string;
  /** In front of the field. */
  readonly prompt: string;
  /** Shown apart: few tries are left. */
  readonly warning?: string;
}

export interface PinTexts {
  question(question: PinQuestion): PinQuestionText;
  /** In front of the field when a new PIN is asked for the second time. */
  readonly again: string;
  readonly notTheSame: string;
}

/** The terminal on which a pinentry without windows asks: pinentry's own standard input is not one. */
function terminal(environment: NodeJS.ProcessEnv): string | null {
  const named = environment["GPG_TTY"];
  if (named !== undefined && named !== "") return named;
  if (!process.stdin.isTTY) return null;
  try {
    return readlinkSync("/proc/self/fd/0");
  } catch {
    return null; // no Linux: the windows of pinentry-mac need none
  }
}

const locale = ({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): string | undefined => LC_ALL || LC_CTYPE || LANG;

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export class PinentryPrompt implements PinPrompt {
  private readonly program: string;
  private readonly texts: PinTexts;
  private readonly limits: typeof LIMITS;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(program: string, texts: PinTexts, limits = LIMITS) {
    this.program = program;
    this.texts = texts;
    this.limits = limits;
  }

  /** One question at a time: they share a screen. @throws PinPromptError when the program can't be run, or fails */
  ask(question: PinQuestion, signal?: AbortSignal): Promise<Uint8Array | null> {
    const asked = this.turn.then(() => (signal?.aborted === true ? null : this.askNow(question, signal)));
    this.turn = asked.catch(() => undefined); // the next in line does not care how this one ended
    return asked;
  }

  private async askNow(question: PinQuestion, signal: AbortSignal | undefined): Promise<Uint8Array | null> {
    const limit = AbortSignal.timeout(this.limits.answerMs + this.limits.graceMs);
    const ending = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const session = new PinentrySession(this.program, ending);
    try {
      await this.prepare(session, question);
      return question.what === "new-pin" ? await this.askTwice(session, question) : await session.getPin();
    } catch (error) {
      if (ending.aborted) return null; // nobody waits for the answer any more, or the person was asked for long enough
      throw error;
    } finally {
      session.end();
    }
  }

  private async prepare(session: PinentrySession, question: PinQuestion): Promise<void> {
    const { title, description, prompt, warning } = this.texts.question(question);
    await session.greeting();
    const [tty, lcCtype] = [terminal(process.env), locale(process.env)];
    if (tty !== null) await session.tell("OPTION", `ttyname=${tty}`);
    if (tty !== null && process.env["TERM"]) await session.tell("OPTION", `ttytype=${process.env["TERM"]}`);
    if (lcCtype) await session.tell("OPTION", `lc-ctype=${lcCtype}`);
    await session.tell("SETTIMEOUT", String(Math.ceil(this.limits.answerMs / 1000)));
    await session.tell("SETTITLE", title);
    await session.tell("SETDESC", description);
    await session.tell("SETPROMPT", prompt);
    if (warning !== undefined) await session.tell("SETERROR", warning);
  }

  /** A new PIN is typed twice: one that was mistyped would be known to nobody. */
  private async askTwice(session: PinentrySession, question: PinQuestion): Promise<Uint8Array | null> {
    for (let round = 0; round < NEW_PIN_ROUNDS; round++) {
      const first = await session.getPin();
      if (first === null) return null;
      await session.tell("SETPROMPT", this.texts.again);
      const second = await session.getPin();
      const isSame = second !== null && equal(first, second);
      second?.fill(0);
      if (isSame) return first;
      first.fill(0);
      if (second === null) return null;
      await session.tell("SETPROMPT", this.texts.question(question).prompt);
      await session.tell("SETERROR", this.texts.notTheSame);
    }
    return null;
  }
}
