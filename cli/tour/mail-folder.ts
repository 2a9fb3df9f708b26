// The demonstration's mailbox: the office leaves its mails as files, and the tour reads the code or the number in the newest one to an address.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 50;
const LIMIT_MS = 20_000;

/** Soft line ends of quoted-printable (RFC 2045 §6.7) would cut a number in two. */
const unfolded = (mail: string): string => mail.replace(/=\r?\n/g, "");

/** @returns the first group of `pattern`, in a mail to `email` @throws when none comes */
export async function readInMail(folder: string, email: string, pattern: RegExp): Promise<string> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".eml")) : [];
    for (const name of names.sort().reverse()) {
      const mail = unfolded(readFileSync(join(folder, name), "utf8"));
      if (!new RegExp(`^To:.*${email.replace(/[.+]/g, "\\$&")}`, "im").test(mail)) continue;
      const found = pattern.exec(mail)?.[1];
      if (found !== undefined) return found;
    }
  }
  throw new Error(`no mail to ${email} came in ${LIMIT_MS / 1000} s`);
}
