// A folder of the user's own: there or to be made, writable, nobody else's. Nothing is made to find that out.

import { accessSync, constants, lstatSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { shellWord } from "../desktop/shell-word.ts";
import { asRoot } from "./as-root.ts";
import type { Facts } from "./finding.ts";
import type { Place } from "./place.ts";

export type FolderCode = "fine" | "to-be-made" | "not-writable" | "read-only" | "not-a-folder" | "other-owner" | "open-to-others";

export interface FolderState {
  readonly code: FolderCode;
  readonly facts: Facts<"state-folder">;
  readonly commands: readonly string[];
}

const MODE_BITS = 0o777;

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

/** @param forbidden mode bits that others must not have */
export function folderState(place: Place, path: string, forbidden: number): FolderState {
  const { machine } = place;
  const { at, found } = safely(path);
  const mode = found.mode & MODE_BITS;
  const facts = { path, at, owner: machine.userName(found.uid), mode: mode.toString(8).padStart(4, "0") };
  const word = shellWord(at);
  const is = (code: FolderCode, ...commands: readonly string[]): FolderState => ({ code, facts, commands });
  if (!found.isDirectory()) return is("not-a-folder", `mv ${word} ${word}.old`);
  const isThere = at === path;
  if (isThere && found.uid !== machine.uid)
    return is("other-owner", asRoot(place, `chown -R ${shellWord(machine.userName(machine.uid))} ${word}`));
  const refusal = refusalOf(at);
  if (refusal === "read-only") return is(refusal, asRoot(place, `mount -o remount,rw ${word}`));
  if (refusal !== null) {
    const isOwn = found.uid === machine.uid;
    return is(
      refusal,
      isOwn ? `chmod u+rwx ${word}` : asRoot(place, `install -d -o ${shellWord(machine.userName(machine.uid))} -m 700 ${shellWord(path)}`),
    );
  }
  if (!isThere) return is("to-be-made");
  return (mode & forbidden) === 0 ? is("fine") : is("open-to-others", `chmod go-${forbidden === 0o077 ? "rwx" : "w"} ${word}`);
}

/** What only root mends. */
export const wantsRoot = (code: FolderCode, commands: readonly string[]): boolean =>
  code === "other-owner" || code === "read-only" || commands.some((command) => command.startsWith("sudo "));
