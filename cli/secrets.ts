// PINs and keys: from a file, from standard input, or from a hidden prompt that says what for. Never from the command line, where every
// process of the machine can read them.

import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readInput } from "./files.ts";
import type { StateFolder } from "./state-folder.ts";
import { UsageError } from "./usage-error.ts";

const STANDARD_INPUT = "-";
const PUK_DIGITS = 8;
const MANAGEMENT_KEY_BYTES = 24;

/**
 * A PIN or PUK: the first line of `file` («-»: standard input), or asked for on the terminal.
 * @throws UsageError no-pin-source when there is neither a file nor a terminal
 */
export async function readPin(file: string | undefined, prompt: string): Promise<string> {
  if (file !== undefined) {
    const text = file === STANDARD_INPUT ? readFileSync(0, "utf8") : Buffer.from(readInput(file)).toString("utf8");
    return text.split(/\r?\n/, 1)[0] ?? "";
  }
  if (!process.stdin.isTTY) throw new UsageError("no-pin-source", prompt);
  const { password } = await import("@inquirer/prompts");
  return password({ message: prompt, mask: "•" }, { output: process.stderr });
}

export interface TokenSecrets {
  /** null: the officer set it through PKCS#11 (C_InitToken), and keeps it. */
  readonly puk: string | null;
  /** Hexadecimal. */
  readonly managementKey: string;
  /** Addresses of the offices to which they went. */
  readonly offices: readonly string[];
}

const newPuk = (): string => Array.from({ length: PUK_DIGITS }, () => randomInt(10)).join("");
const newManagementKey = (): string => randomBytes(MANAGEMENT_KEY_BYTES).toString("hex");

const written = (secrets: TokenSecrets): string => `${JSON.stringify(secrets, null, 2)}\n`;

/** Never over what another process has just kept. */
function writeNew(path: string, secrets: TokenSecrets): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, written(secrets), { mode: 0o600, flag: "wx", flush: true });
}

/** Another PUK for the same management key. The file is whole at any time. */
function rewrite(path: string, secrets: TokenSecrets): void {
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(fresh, written(secrets), { mode: 0o600, flag: "wx", flush: true });
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/**
 * The secrets that are kept for a token; new ones where there are none yet. They are kept (mode 0600, in a folder of mode 0700) before the
 * token is told them, so that no secret of a token is ever unknown.
 * @param needsPuk the token has the factory's PUK: one must be kept for it. Without, a PUK that is not known stays so
 * @throws UsageError bad-secrets
 */
export function keepTokenSecrets(state: StateFolder, serial: string, needsPuk: boolean): TokenSecrets & { readonly keptIn: string } {
  const keptIn = state.secrets(serial);
  const kept = existsSync(keptIn) ? loadTokenSecrets(state, serial) : null;
  const puk = kept?.puk ?? (needsPuk ? newPuk() : null);
  const secrets = { puk, managementKey: kept?.managementKey ?? newManagementKey(), offices: kept?.offices ?? [] };
  if (kept === null) writeNew(keptIn, secrets);
  else if (kept.puk !== puk) rewrite(keptIn, secrets);
  return { ...secrets, keptIn };
}

/** Before they go to an office. @throws UsageError no-management-key, bad-secrets */
export function entrustTokenSecrets(state: StateFolder, serial: string, office: string): void {
  const kept = loadTokenSecrets(state, serial);
  if (!kept.offices.includes(office)) rewrite(state.secrets(serial), { ...kept, offices: [...kept.offices, office] });
}

/** For C_InitToken: the officer's PUK takes the place of one that was kept. @throws UsageError bad-secrets */
export function keepManagementKey(state: StateFolder, serial: string): Uint8Array {
  const kept = keepTokenSecrets(state, serial, false);
  if (kept.puk !== null) rewrite(kept.keptIn, { puk: null, managementKey: kept.managementKey, offices: kept.offices });
  return bytesOf(kept);
}

const PUK_FORM = /^[^\n]{8}$/;
const KEY_FORM = /^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i;

/** @returns null: the text is not what is written here */
function parseSecrets(text: string): TokenSecrets | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { puk, managementKey, offices = [] } = value as Record<string, unknown>; // the first files had no offices
  if (typeof managementKey !== "string" || !KEY_FORM.test(managementKey)) return null;
  if (puk !== null && (typeof puk !== "string" || !PUK_FORM.test(puk))) return null;
  if (!Array.isArray(offices) || !offices.every((office): office is string => typeof office === "string")) return null;
  return { puk, managementKey, offices };
}

/** @throws UsageError no-management-key: there is no such file; bad-secrets: it is not one of ours, or damaged */
export function loadTokenSecrets(state: StateFolder, serial: string): TokenSecrets {
  const path = state.secrets(serial);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UsageError("no-management-key", path, { cause });
  }
  const secrets = parseSecrets(text);
  if (secrets === null) throw new UsageError("bad-secrets", path);
  return secrets;
}

const bytesOf = ({ managementKey }: TokenSecrets): Uint8Array => new Uint8Array(Buffer.from(managementKey, "hex"));

/** The management key of a token: 16, 24 or 32 bytes. @throws UsageError no-management-key, bad-secrets */
export function loadManagementKey(state: StateFolder, serial: string): Uint8Array {
  return bytesOf(loadTokenSecrets(state, serial));
}

/** Whether the secrets of a token are kept here. */
export function hasTokenSecrets(state: StateFolder, serial: string): boolean {
  return existsSync(state.secrets(serial));
}

/** After a reset of the token. */
export function forgetTokenSecrets(state: StateFolder, serial: string): void {
  rmSync(state.secrets(serial), { force: true });
}
