// The kernel's own list of TCP sockets (proc(5)): who listens, and who is connected with whom. Elsewhere than on Linux it is empty.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** include/net/tcp_states.h */
const STATES: Readonly<Record<string, TcpState>> = { "01": "established", "0A": "listening" };
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;
const WORD_DIGITS = 8;
const HEX = 16;
/** An IPv4 address as IPv6 writes it: ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
const MAPPED = "00000000000000000000ffff";
const LOOPBACK_6 = "00000000000000000000000000000001";

export type TcpState = "established" | "listening" | "other";

export interface TcpEnd {
  /** In hexadecimal, as it is sent: 7f000001. IPv4 in 8 digits, IPv6 in 32. */
  readonly address: string;
  readonly port: number;
}

export interface TcpSocket {
  readonly local: TcpEnd;
  readonly remote: TcpEnd;
  readonly state: TcpState;
  readonly uid: number;
  readonly inode: string;
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // not Linux, no IPv6, or a process that has gone
  }
};

/** Its words are in the order of this computer's bytes. */
const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const asSent = (word: string): string => (IS_LITTLE ? (word.match(/../g)?.reverse().join("") ?? "") : word).toLowerCase();

function endOf(text: string): TcpEnd {
  const [address = "", port = ""] = text.split(":");
  const words = Array.from({ length: address.length / WORD_DIGITS }, (_, at) => address.slice(at * WORD_DIGITS, (at + 1) * WORD_DIGITS));
  const sent = words.map(asSent).join("");
  return { address: sent.startsWith(MAPPED) ? sent.slice(MAPPED.length) : sent, port: Number.parseInt(port, HEX) };
}

export function tcpSockets(): TcpSocket[] {
  const rows = TABLES.flatMap((path) => textOf(path).split("\n").slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((words) => words.length > 1)
    .map(([, local = "", remote = "", state = "", , , , uid, , inode = ""]) => ({
      local: endOf(local),
      remote: endOf(remote),
      state: STATES[state] ?? "other",
      uid: Number(uid),
      inode,
    }));
}

export const isLoopback = ({ address }: TcpEnd): boolean =>
  address === LOOPBACK_6 || (address.length === WORD_DIGITS && address.startsWith("7f"));

/** 192.0.2.7, or the hexadecimal digits of IPv6 by fours. */
export const addressText = ({ address }: TcpEnd): string =>
  address.length === WORD_DIGITS
    ? (address.match(/../g) ?? []).map((byte) => Number.parseInt(byte, HEX)).join(".")
    : (address.match(/..../g) ?? []).join(":");

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
