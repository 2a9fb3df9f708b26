// Names of people out of certificates, for showing.

/** node:crypto escapes as RFC 2253 does: a backslash before a special character, or before two hexadecimal digits. */
function unescaped(value: string): string {
  return value.replace(/\\([0-9A-Fa-f]{2}|.)/g, (_whole, code: string) =>
    code.length === 2 ? String.fromCharCode(Number.parseInt(code, 16)) : code,
  );
}

/** For a certificate that names nobody: node:crypto then has no subject, though its types say otherwise. */
const NOBODY = "–";

/** The common name in a subject as node:crypto prints it («CN=…» a line); the whole subject when it has none. */
export function commonName(subject: string | undefined): string {
  if (subject === undefined || subject === "") return NOBODY;
  const line = subject.split("\n").find((each) => each.startsWith("CN="));
  return unescaped(line === undefined ? subject.replaceAll("\n", ", ") : line.slice("CN=".length));
}
