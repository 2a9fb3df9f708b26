// Files that `sceau install` writes carry a mark on their first line: only such a file is ever changed or removed.

import { lstatSync, readFileSync, type Stats } from "node:fs";

/** The first line of each, a comment for systemd as for udev. */
export const MARK = "# Written by «sceau install»; «sceau install --uninstall» removes it.";

/** `foreign`: somebody else's, or something that is no file. `other`: ours, with another content. */
export type FileState = "absent" | "same" | "other" | "foreign";

/** null: there is no such file. @throws the system's error when it may not be read */
export function readIfThere(path: string): string | null {
  return look(path)?.isFile() === true ? readFileSync(path, "utf8") : null;
}

/** null: it may not be read. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return null;
    throw error;
  }
}

/** The way to it leads through a file, or in a circle: whoever writes it is told so by the system. */
const NO_WAY: ReadonlySet<string> = new Set(["ENOTDIR", "ELOOP"]);

/** undefined: it is not there; null: it may not be looked for. */
export function look(path: string): Stats | null | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (NO_WAY.has(code)) return undefined;
    if (code === "EACCES") return null;
    throw error;
  }
}

/** What this user may not read is somebody else's. @param mark the first line of our own */
export function fileState(path: string, wanted: string, mark: string = MARK): FileState {
  const found = look(path);
  if (found === undefined) return "absent";
  const text = found?.isFile() === true ? textOf(path) : null;
  if (text === null || !text.startsWith(`${mark}\n`)) return "foreign";
  return text === wanted ? "same" : "other";
}

/** Whether there is a file of ours, whatever its content. */
export function isOurs(path: string, mark: string = MARK): boolean {
  const state = fileState(path, "", mark);
  return state === "same" || state === "other";
}
