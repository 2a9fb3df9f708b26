// A folder of the user's own: there or to be made, writable, nobody else's. Nothing is made to find that out, and owner or mode of what is not Sceau's
// own is no advice's business: `--state /srv` must not end in `chown -R … /srv`.

import { accessSync, constants, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { shellWord } from "../desktop/shell-word.ts";
import { asRoot } from "./as-root.ts";
import type { Facts, FolderCode } from "./finding.ts";
import type { Place } from "./place.ts";

export interface FolderState {
  readonly code: FolderCode;
  readonly facts: Facts<"state-folder">;
  readonly commands: readonly string[];
}

const MODE_BITS = 0o777;
const ROOT = "root";
/** What a state folder holds. */
const OURS = /^(?:run|run-tour-[0-9a-f]+|tokens|ca|office|office-demo|factory|secrets|enrolments|signed|agent|root-key\.pem)$/;

/** The path itself, or what is nearest to it on the way to the root. A file on the way is found, too. */
function nearest(path: string): { readonly at: string; readonly found: Stats } {
  const found = statSync(path, { throwIfNoEntry: false }) ?? danglingAt(path);
  return found === undefined ? nearest(dirname(path)) : { at: path, found };
}

/** A link that leads nowhere is in the way, as a file is. */
function danglingAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // below a file
  }
}

/** ENOTDIR: something on the way is a file. */
function safely(path: string): { readonly at: string; readonly found: Stats } {
  try {
    return nearest(path);
  } catch {
    return safely(dirname(path));
  }
}

function refusalOf(path: string): "not-writable" | "read-only" | null {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EROFS" ? "read-only" : "not-writable";
  }
}

/** A device, a pipe, a socket. */
const isOfSystem = (found: Stats): boolean => !found.isFile() && !found.isSymbolicLink();

/** Sceau's everyday folder, or a chosen one with our things in it and nothing else. An empty one tells nothing: /srv and /mnt are so on many computers. */
function isOurs({ state }: Place): boolean {
  if (state.option === "") return true;
  try {
    const names = readdirSync(state.root);
    return names.length > 0 && names.every((name) => OURS.test(name));
  } catch {
    return false;
  }
}

/** @param forbidden mode bits that others must not have */
export function folderState(place: Place, path: string, forbidden: number): FolderState {
  const { machine } = place;
  const { at, found } = safely(path);
  const mode = found.mode & MODE_BITS;
  const facts = { path, at, owner: machine.userName(found.uid), mode: mode.toString(8).padStart(4, "0") };
  const word = shellWord(at);
  const is = (code: FolderCode, ...commands: readonly string[]): FolderState => ({ code, facts, commands });
  if (!found.isDirectory()) {
    const isMovable = place.state.option === "" && !isOfSystem(found); // HOME=/dev/null: some accounts have that
    return isMovable ? is("not-a-folder", `mv ${word} ${word}.old`) : is("chosen-file");
  }
  const isThere = at === path;
  if (isThere && found.uid !== machine.uid) {
    const chown = asRoot(place, `chown -R ${shellWord(machine.userName(machine.uid))} ${word}`);
    return facts.owner === ROOT && isOurs(place) ? is("other-owner", chown) : is("others");
  }
  const refusal = refusalOf(at);
  if (refusal === "read-only") return is(refusal); // without a command: the kernel turns a disk that fails to read-only, and keeps what is on it so
  if (refusal !== null) {
    if (found.uid === machine.uid) return is(refusal, `chmod u+rwx ${word}`);
    const install = asRoot(place, `install -d -o ${shellWord(machine.userName(machine.uid))} -m 700 ${shellWord(path)}`);
    return facts.owner === ROOT ? is(refusal, install) : is(refusal);
  }
  if (!isThere) return is("to-be-made");
  if ((mode & forbidden) === 0) return is("fine");
  return isOurs(place) ? is("open-to-others", `chmod go-${forbidden === 0o077 ? "rwx" : "w"} ${word}`) : is("shared");
}

/** What only root mends. */
export const wantsRoot = (code: FolderCode, commands: readonly string[]): boolean =>
  code === "other-owner" || code === "read-only" || commands.some((command) => command.startsWith("sudo "));
