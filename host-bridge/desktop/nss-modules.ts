// Which PKCS#11 modules an NSS database has: pkcs11.txt, as NSS writes it (lib/util/utilmod.c), read without NSS.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What our entry is called, as software lists it. */
export const MODULE_NAME = "Sceau";
const CLIENT = "p11-kit-client.so";
const PROXY = "p11-kit-proxy.so";

/**
 * `there`: our entry, with this library. `moved`: our entry, with a p11-kit client elsewhere. `other-library`: an entry with our name that leads to another
 * library. `other-name`: somebody entered p11-kit's client under a name of their own. `proxy`: p11-kit's proxy is entered, which shows the bridge too, by
 * its module file. `unreadable`: no pkcs11.txt, or none that NSS would read.
 */
export type ModuleState = "missing" | "there" | "moved" | "other-library" | "other-name" | "proxy" | "unreadable";

interface Entry {
  readonly name: string;
  readonly library: string;
  /** As it stands in the file. */
  readonly text: string;
}

const unquoted = (value: string): string => value.trim().replace(/^"(.*)"$/s, "$1");

function entries(text: string): Entry[] {
  return text
    .split(/\n\s*\n/)
    .map((stanza) => {
      const value = (key: string): string => unquoted(new RegExp(`^${key}=(.*)$`, "m").exec(stanza)?.[1] ?? "");
      return { name: value("name"), library: value("library"), text: stanza.trim() };
    })
    .filter(({ name }) => name !== "");
}

export const modulesFile = (folder: string): string => join(folder, "pkcs11.txt");

/** null: there is none, or it may not be read. */
function readModules(folder: string): string | null {
  try {
    return readFileSync(modulesFile(folder), "utf8");
  } catch {
    return null;
  }
}

/**
 * @param folder of an NSS database
 * @param library p11-kit's client on this computer; null: it is not installed
 */
export function moduleState(folder: string, library: string | null): ModuleState {
  const text = readModules(folder);
  if (text === null) return "unreadable";
  const all = entries(text);
  if (all.length === 0) return "unreadable";
  const own = all.find(({ name }) => name === MODULE_NAME);
  if (own !== undefined) {
    if (basename(own.library) !== CLIENT) return "other-library";
    return library === null || own.library === library ? "there" : "moved";
  }
  if (all.some((entry) => basename(entry.library) === CLIENT)) return "other-name";
  return all.some((entry) => basename(entry.library) === PROXY) ? "proxy" : "missing";
}

/**
 * Whether all entries but ours are still there, word for word, as NSS leaves them: on a full disk it drops them, and says that all went well.
 * @param before the list, before it was changed
 */
export function hasOthersStill(folder: string, before: string): boolean {
  const now = new Set(entries(readModules(folder) ?? "").map(({ text }) => text));
  return entries(before).every(({ name, text }) => name === MODULE_NAME || now.has(text));
}
