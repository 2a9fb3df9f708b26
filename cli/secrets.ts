// PINs and keys: from a file, from standard input, or from a hidden prompt that says what for. Never from the command line, where every
// process of the machine can read them.

import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  readonly puk: string;
  /** Hexadecimal. */
  readonly managementKey: string;
}

function newTokenSecrets(): TokenSecrets {
  const puk = Array.from({ length: PUK_DIGITS }, () => randomInt(10)).join("");
  return { puk, managementKey: randomBytes(MANAGEMENT_KEY_BYTES).toString("hex") };
}

/**
 * The secrets that are kept for a token; new ones when there are none yet. They are kept (mode 0600, in a folder of mode 0700) before the
 * token is told them, so that no secret of a token is ever unknown.
 */
export function keepTokenSecrets(state: StateFolder, serial: string): TokenSecrets & { readonly keptIn: string } {
  const keptIn = state.secrets(serial);
  if (existsSync(keptIn)) return { ...loadTokenSecrets(state, serial), keptIn };
  const secrets = newTokenSecrets();
  mkdirSync(dirname(keptIn), { recursive: true, mode: 0o700 });
  writeFileSync(keptIn, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  return { ...secrets, keptIn };
}

/** @throws UsageError no-management-key */
export function loadTokenSecrets(state: StateFolder, serial: string): TokenSecrets {
  try {
    return JSON.parse(readFileSync(state.secrets(serial), "utf8")) as TokenSecrets;
  } catch (cause) {
    throw new UsageError("no-management-key", state.secrets(serial), { cause });
  }
}

/** The management key of a token: 24 bytes. @throws UsageError no-management-key */
export function loadManagementKey(state: StateFolder, serial: string): Uint8Array {
  return new Uint8Array(Buffer.from(loadTokenSecrets(state, serial).managementKey, "hex"));
}

/** Whether the secrets of a token are kept here. */
export function hasTokenSecrets(state: StateFolder, serial: string): boolean {
  return existsSync(state.secrets(serial));
}

/** After a reset of the token. */
export function forgetTokenSecrets(state: StateFolder, serial: string): void {
  rmSync(state.secrets(serial), { force: true });
}
