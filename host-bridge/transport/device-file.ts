// A device's file in /dev: whether it is still the same, and whether this user may open it.

import { access, constants, readFile, stat } from "node:fs/promises";
import { type DeviceKind, PortForbiddenError } from "./port-error.ts";

export interface DeviceFile {
  /** Another after a replug: the file is made anew. */
  readonly identity: string;
  /** Another, too, when the file's mode, owner or access list was changed: udev does so after the file is there. */
  readonly mark: string;
}

/** null: there is no such file */
export async function deviceFile(path: string): Promise<DeviceFile | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : { identity: `${path}:${found.ino}`, mark: String(found.ctimeNs) };
}

async function groupName(gid: number): Promise<string> {
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  const line = groups.split("\n").find((entry) => entry.split(":")[2] === String(gid));
  return line?.split(":")[0] ?? String(gid);
}

/** @throws PortForbiddenError */
export async function checkMayOpen(kind: DeviceKind, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EACCES") return; // not there: opening tells it better
    const { gid } = await stat(path);
    throw new PortForbiddenError(kind, path, await groupName(gid), { cause });
  }
}
