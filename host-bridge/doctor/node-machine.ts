// The machine that this runs on.

import { lookup } from "node:dns/promises";
import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { tcpSockets } from "../tcp-sockets.ts";
import type { Administrators, Machine } from "./place.ts";
import { commOf, processNumbers } from "./socket-owner.ts";

/** Where there are no users: as nobody's. */
const NO_UID = -1;

function userName(uid: number): string {
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((entry) => entry.split(":")[2] === String(uid));
    return line?.split(":")[0] ?? String(uid);
  } catch {
    return String(uid);
  }
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch (error) {
    if (dirname(path) === path) throw error;
    return freeBytes(dirname(path));
  }
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return !existsSync(path); // udev has not made it yet, or it has just gone
  }
}

/** The first line: the rest names every path that was tried. */
const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

/** node-hid loads its native part when it is first asked for something. */
interface MaybeHid {
  readonly getHidapiVersion?: () => string;
}

function loadNative(checkout: string, name: string): string | null {
  try {
    const loaded = createRequire(join(checkout, "package.json"))(name) as MaybeHid;
    loaded.getHidapiVersion?.();
    return null;
  } catch (error) {
    return firstLine(error);
  }
}

function connectWithin(host: string, port: number, timeLimitMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })), timeLimitMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) => all.filter(({ internal }) => !internal).map(({ address }) => address));
}

/** Debian and Ubuntu; older Ubuntus; Fedora and others. */
const ADMINISTRATORS = ["sudo", "admin", "wheel"] as const;

/**
 * The members that a directory service has are not in the file: of this user the kernel knows.
 * @param text of /etc/group, group(5)
 * @param own numbers of this user's groups
 */
export function administratorsIn(text: string, own: readonly number[]): Administrators {
  const lines = text.split("\n").map((line) => line.split(":"));
  const groups = ADMINISTRATORS.flatMap((name) => lines.filter(([group]) => group === name));
  const names = groups.flatMap(([, , , members = ""]) => members.split(",").filter((name) => name !== ""));
  const isOne = groups.some(([, , id]) => own.includes(Number(id)));
  return { group: groups[0]?.[0] ?? null, names: [...new Set(names)], isOne };
}

const GROUPS = "/etc/group";
const administrators = (): Administrators =>
  administratorsIn(existsSync(GROUPS) ? readFileSync(GROUPS, "utf8") : "", process.getgroups?.() ?? []);

export const NODE_MACHINE: Machine = {
  nodeVersion: process.versions.node,
  uid: process.getuid?.() ?? NO_UID,
  userName,
  mayOpen,
  freeBytes,
  loadNative,
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  connect: connectWithin,
  tcpSockets,
  addresses,
  isRunning: (program) => processNumbers().some((pid) => commOf(pid) === program),
  administrators,
};
