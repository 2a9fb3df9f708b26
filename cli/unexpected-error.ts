// What is told of an error that nobody expected: its name, its message and where it was, with what caused it, for whoever has to find it. Never what a
// query carried (people's data), and no password of the database.

const PASSWORD_IN_URL = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi;
const HIDDEN = "…";

/** Passwords that this process was given. */
function secretsOf(environment: NodeJS.ProcessEnv): string[] {
  const url = environment["DATABASE_URL"] ?? "";
  const inUrl = /^[^:]+:\/\/[^:/?]*:([^/?]*)@/.exec(url)?.[1] ?? "";
  const inQuery = /[?&]password=([^&]*)/.exec(url)?.[1] ?? "";
  const written = [url, inUrl, inQuery, environment["PGPASSWORD"] ?? ""];
  return [...written, ...written.map(decoded)].filter((text) => text !== "").sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // then nobody decoded it
  }
}

function withoutSecrets(text: string, environment: NodeJS.ProcessEnv): string {
  let told = text.replaceAll(PASSWORD_IN_URL, `$1:${HIDDEN}@`);
  for (const secret of secretsOf(environment)) told = told.replaceAll(secret, HIDDEN);
  return told;
}

/** By what they carry: their classes are in the database's driver, which no other command loads. */
function isOfDatabase(error: Error): boolean {
  return "severity" in error || ("query" in error && "params" in error);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `${typeof error} was thrown`;
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  if (isOfDatabase(error)) return `the database refused a query${code}`;
  return error.message.includes(code.slice(2, -1)) ? error.message : `${error.message}${code}`;
}

/** One line. */
export function unexpectedMessage(error: unknown, environment: NodeJS.ProcessEnv = process.env): string {
  return withoutSecrets(messageOf(error), environment);
}

function framesOf(error: Error): string[] {
  const head = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  return (stack.startsWith(head) ? stack.slice(head.length) : stack).split("\n").filter((line) => /^\s+at \S/.test(line));
}

function linesOf(error: unknown, seen: Set<unknown>): string[] {
  if (!(error instanceof Error)) return [messageOf(error)];
  if (seen.has(error)) return [];
  seen.add(error);
  const causes = [...(error instanceof AggregateError ? error.errors : []), ...(error.cause === undefined ? [] : [error.cause])];
  const because = causes.flatMap((cause) => linesOf(cause, seen)).map((line) => `  ${line}`);
  return [`${error.name}: ${messageOf(error)}`, ...framesOf(error), ...because];
}

/** Name, message, code, where; its causes below it. */
export function describeUnexpected(error: unknown, environment: NodeJS.ProcessEnv = process.env): string {
  return withoutSecrets(linesOf(error, new Set()).join("\n"), environment);
}
