// A conversation with a program of the test's own: one line of JSON asks for a call, one line answers it. PKCS#11 bindings are synchronous and
// end with their process, so they never run in the process that tests. This is the side that calls.

import { createInterface } from "node:readline";

export interface CallLine {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** `code`: the CKR, where there is one. */
export type AnswerLine = { readonly value: unknown } | { readonly error: string; readonly code?: number };

/** Bytes travel as { hex }; pkcs11js gives CK_UNAVAILABLE_INFORMATION as a bigint, which travels as { integer }. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") };
  if (typeof value === "bigint") return { integer: String(value) };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
}

export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object" || value === null) return value;
  if ("hex" in value && typeof value.hex === "string") return Buffer.from(value.hex, "hex");
  if ("integer" in value && typeof value.integer === "string") return BigInt(value.integer);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fromJson(member)]));
}

function answer(call: (name: string, args: readonly unknown[]) => unknown, line: string): AnswerLine {
  try {
    const { name, args } = JSON.parse(line) as CallLine;
    return { value: toJson(call(name, args.map(fromJson)) ?? null) };
  } catch (error) {
    const code = error instanceof Error && "code" in error && typeof error.code === "number" ? { code: error.code } : {};
    return { error: String(error), ...code };
  }
}

/** Answers every line of standard input, until it ends. */
export async function answerLines(call: (name: string, args: readonly unknown[]) => unknown): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(answer(call, line))}\n`);
}
