// The demonstration's mailbox: the office leaves its mails as files, and the tour reads the code or the number in the newest one to an address.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readMail } from "./read-mail.ts";

const LOOK_MS = 50;
const LIMIT_MS = 20_000;

/** @returns the first group of `pattern`, in the text of a mail to `email` @throws when none comes */
export async function readInMail(folder: string, email: string, pattern: RegExp): Promise<string> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".eml")) : [];
    for (const name of names.sort().reverse()) {
      const { to, text } = readMail(readFileSync(join(folder, name), "utf8"));
      // Not in its head: eight digits of a Message-ID pass for a code.
      const found = to.toLowerCase().includes(email.toLowerCase()) ? pattern.exec(text)?.[1] : undefined;
      if (found !== undefined) return found;
    }
  }
  throw new Error(`no mail to ${email} came in ${LIMIT_MS / 1000} s`);
}
