// One mail of a folder of .eml files (RFC 5322, MIME), as its recipient reads it: enough for the mails that the office writes.

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
