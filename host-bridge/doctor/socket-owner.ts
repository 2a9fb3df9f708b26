// Which program has a socket, by the folders of its processes (proc(5)). Elsewhere than on Linux there are none.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { TcpSocket } from "../tcp-sockets.ts";

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // a process that has gone
  }
};

export interface Program {
  readonly pid: number;
  /** proc(5): comm */
  readonly name: string;
  readonly words: readonly string[];
}

function has(pid: string, inode: string): boolean {
  const folder = join("/proc", pid, "fd");
  try {
    return readdirSync(folder).some((name) => readlinkSync(join(folder, name)) === `socket:[${inode}]`);
  } catch {
    return false; // another user's, or gone meanwhile
  }
}

export function processNumbers(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // not Linux
  }
}

export const commOf = (pid: string): string => textOf(join("/proc", pid, "comm")).trim();

/** @returns null: it is another user's, or has gone */
export function ownerOf({ inode }: TcpSocket): Program | null {
  const pid = processNumbers().find((number) => has(number, inode));
  if (pid === undefined) return null;
  const words = textOf(join("/proc", pid, "cmdline"))
    .split("\0")
    .filter((word) => word !== "");
  return { pid: Number(pid), name: commOf(pid), words };
}
