// Who listens on a port of this computer: on Linux, by the kernel's own list (proc(5)). Processes of other users have a number only, no name.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** include/net/tcp_states.h */
const LISTEN = "0A";
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;

export interface Listener {
  readonly uid: number;
  readonly pid: number | null;
  /** null: it is another user's. */
  readonly program: string | null;
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // not Linux, no IPv6, or a process that has gone
  }
};

function socketOf(port: number): { readonly uid: number; readonly inode: string } | null {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of TABLES.flatMap((path) => textOf(path).split("\n"))) {
    const [, local = "", , state, , , , uid, , inode = ""] = line.trim().split(/\s+/);
    if (local.endsWith(suffix) && state === LISTEN) return { uid: Number(uid), inode };
  }
  return null;
}

function has(pid: string, inode: string): boolean {
  const folder = join("/proc", pid, "fd");
  try {
    return readdirSync(folder).some((name) => readlinkSync(join(folder, name)) === `socket:[${inode}]`);
  } catch {
    return false; // another user's, or gone meanwhile
  }
}

function processNumbers(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // not Linux
  }
}

/** @returns null: nobody, or it can't be known here */
export function listenerAt(port: number): Listener | null {
  const socket = socketOf(port);
  if (socket === null) return null;
  const pid = processNumbers().find((number) => has(number, socket.inode));
  if (pid === undefined) return { uid: socket.uid, pid: null, program: null };
  return { uid: socket.uid, pid: Number(pid), program: textOf(join("/proc", pid, "comm")).trim() || null };
}
