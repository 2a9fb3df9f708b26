// The file that makes the bridge one of p11-kit's modules for this user: software that loads p11-kit-proxy.so, or asks p11-kit for all
// modules (GnuTLS, p11tool, OpenConnect, Firefox on some distributions), then sees the tokens without any setting of its own.

import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The first line of our own. */
export const MODULE_FILE_MARK = "# Written by «sceau bridge --register»; «sceau bridge --unregister» removes it.";

/** There is a file of that name that Sceau did not write. It is left alone. */
export class NotOurFileError extends Error {
  override readonly name = "NotOurFileError";
  readonly path: string;
  constructor(path: string) {
    super(path);
    this.path = path;
  }
}

/**
 * Where p11-kit reads a user's modules (expand_homedir() in its common/path.c): $XDG_CONFIG_HOME even when it is a relative path, else
 * .config in $HOME. Programs that run as root read no user's files.
 */
export function moduleFile(environment: NodeJS.ProcessEnv): string {
  const configured = environment["XDG_CONFIG_HOME"];
  const folder = configured !== undefined && configured !== "" ? configured : join(homedir(), ".config");
  return join(folder, "pkcs11", "modules", "sceau.module");
}

/** @param address of the bridge's socket, as P11_KIT_SERVER_ADDRESS has it */
export function moduleFileText(address: string): string {
  return `${MODULE_FILE_MARK}\n# See pkcs11.conf(5).\nremote: ${address}\n`;
}

/** @throws NotOurFileError */
function isThere(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (!found.isFile() || !readFileSync(path, "utf8").startsWith(`${MODULE_FILE_MARK}\n`)) throw new NotOurFileError(path);
  return true;
}

/** Whose socket the file leads to: as P11_KIT_SERVER_ADDRESS has it; undefined: there is no file. @throws NotOurFileError */
export function registeredAddress(path: string): string | undefined {
  return isThere(path) ? (/^remote: (.*)$/m.exec(readFileSync(path, "utf8"))?.[1] ?? "") : undefined;
}

/** Beside the folder of modules: p11-kit reads, or complains of, every file in that one. */
export const draftFolder = (path: string): string => dirname(dirname(path));

/**
 * Writes the file, or writes it anew.
 * @param address of the bridge's socket, as P11_KIT_SERVER_ADDRESS has it
 * @throws NotOurFileError; the system's error when it cannot be written
 */
export function register(path: string, address: string): void {
  isThere(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(draftFolder(path), `.sceau-${process.pid}`);
  writeFileSync(draft, moduleFileText(address), { mode: 0o600, flag: "wx" });
  renameSync(draft, path);
}

/** @returns false: there was none. @throws NotOurFileError */
export function unregister(path: string): boolean {
  if (!isThere(path)) return false;
  rmSync(path);
  return true;
}
