// Names of people out of certificates, for showing.

/** The common name in a subject as node:crypto prints it («CN=…» a line); the whole subject when it has none. */
export function commonName(subject: string): string {
  const line = subject.split("\n").find((each) => each.startsWith("CN="));
  return line === undefined ? subject.replaceAll("\n", ", ") : line.slice("CN=".length);
}
