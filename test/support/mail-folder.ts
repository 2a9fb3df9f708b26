// The office's mails as files, read as their recipients do.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ReadMail, readMail } from "../../cli/tour/read-mail.ts";

/** Those to one address, the oldest first. */
export function mailsTo(folder: string, email: string): ReadMail[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // none has left yet
    throw error;
  }
  const mails = names
    .filter((name) => name.endsWith(".eml"))
    .sort()
    .map((name) => readMail(readFileSync(join(folder, name), "utf8")));
  return mails.filter(({ to }) => to.toLowerCase().includes(email.toLowerCase()));
}

const LOOK_MS = 100;

/**
 * Waits for a mail in whose text the pattern is.
 * @param after so many of this recipient's are older
 * @returns what the pattern's first group (or all of it) found
 */
export async function mailed(folder: string, email: string, pattern: RegExp, { after = 0, limitMs = 30_000 } = {}): Promise<string> {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    for (const { text } of mailsTo(folder, email).slice(after)) {
      const found = pattern.exec(text);
      if (found !== null) return found[1] ?? found[0];
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`no mail to ${email} has ${pattern}: ${mailsTo(folder, email).map(({ subject }) => subject)}`);
}
