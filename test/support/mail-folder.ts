// The office's mails as files, read as their recipients do.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface ReadMail {
  readonly to: string;
  readonly subject: string;
  /** The plain text. */
  readonly text: string;
}

const header = (head: string, name: string): string => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";

function bytesOf(body: string, encoding: string): Buffer {
  if (encoding === "base64") return Buffer.from(body, "base64");
  if (encoding !== "quoted-printable") return Buffer.from(body);
  const text = body.replace(/=\r?\n/g, "");
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

/** RFC 2047. */
const words = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi, (_all, kind: string, word: string) =>
      (kind.toUpperCase() === "B" ? Buffer.from(word, "base64") : bytesOf(word.replace(/_/g, " "), "quoted-printable")).toString("utf8"),
    );

interface Part {
  readonly head: string;
  readonly body: string;
}

function partOf(text: string): Part {
  const end = text.indexOf("\r\n\r\n");
  return { head: text.slice(0, end).replace(/\r\n[ \t]+/g, " "), body: text.slice(end + 4) };
}

/** The first part that is plain text. */
function plainText({ head, body }: Part): string | null {
  const type = header(head, "content-type");
  const boundary = /boundary="([^"]+)"/.exec(type)?.[1];
  if (boundary === undefined) {
    const encoding = header(head, "content-transfer-encoding").toLowerCase();
    return type === "" || type.startsWith("text/plain") ? bytesOf(body, encoding).toString("utf8") : null;
  }
  const parts = body.split(`--${boundary}`).slice(1);
  for (const part of parts) {
    const text = plainText(partOf(part.replace(/^\r\n/, "")));
    if (text !== null) return text;
  }
  return null;
}

export function readMail(eml: string): ReadMail {
  const part = partOf(eml);
  return { to: header(part.head, "to"), subject: words(header(part.head, "subject")), text: plainText(part) ?? "" };
}

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
