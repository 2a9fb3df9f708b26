// The office's mails as their recipients get them: each file is read once, and whoever waits for it has it. 50 mailboxes that each read the whole folder
// would be what is measured.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ReadMail, readMail } from "../../cli/tour/read-mail.ts";

const LOOK_MS = 25;
const LIMIT_MS = 240_000;
/** A mail in two forms ends with its last boundary; until then it is being written. */
const IS_WHOLE = /--\r\n$/;

interface Waiting {
  readonly email: string;
  readonly pattern: RegExp;
  readonly untilMs: number;
  resolve(found: string): void;
  reject(error: Error): void;
}

export class MailRoom {
  readonly #folder: string;
  /** Those that were there before: nobody's here. */
  readonly #before: ReadonlySet<string>;
  readonly #read = new Map<string, ReadMail>();
  readonly #timer: NodeJS.Timeout;
  #waiting: Waiting[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#before = new Set(readdirSync(folder));
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** What the pattern's first group found, in any mail to this mailbox. */
  wait(email: string, pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ email, pattern, untilMs: Date.now() + LIMIT_MS, resolve, reject });
    });
  }

  /** All that came. */
  get mails(): readonly ReadMail[] {
    return [...this.#read.values()];
  }

  look(): void {
    for (const name of readdirSync(this.#folder)) {
      if (!name.endsWith(".eml") || this.#before.has(name) || this.#read.has(name)) continue;
      const text = readFileSync(join(this.#folder, name), "utf8");
      if (IS_WHOLE.test(text)) this.#read.set(name, readMail(text));
    }
    this.#waiting = this.#waiting.filter((waiting) => !this.#tell(waiting));
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { email, reject } of this.#waiting.splice(0)) reject(new Error(`the mail room is closed, and ${email} still waits`));
  }

  /** @returns whether it waits no more */
  #tell({ email, pattern, untilMs, resolve, reject }: Waiting): boolean {
    for (const { to, text } of this.#read.values()) {
      const found = to === email ? pattern.exec(text)?.[1] : undefined;
      if (found === undefined) continue;
      resolve(found);
      return true;
    }
    if (Date.now() < untilMs) return false;
    reject(new Error(`no mail to ${email} has ${pattern}`));
    return true;
  }
}
