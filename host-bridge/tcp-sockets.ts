// The kernel's own list of TCP sockets, /proc/net/tcp and tcp6 (proc(5)): who listens, and who is connected with whom. Elsewhere than on Linux it is empty.

import { readFileSync } from "node:fs";

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
  /** In hexadecimal, as it is sent: 7f000001. IPv4 in 8 digits, also where a socket that speaks both has it; IPv6 in 32. */
  readonly address: string;
  readonly port: number;
}

export interface TcpSocket {
  readonly local: TcpEnd;
  readonly remote: TcpEnd;
  readonly state: TcpState;
  /** A socket that nobody has open any more is written down as root's, with inode 0. */
  readonly uid: number;
  readonly inode: string;
}

/** Its words are in the order of this computer's bytes. */
const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const asSent = (word: string): string => (IS_LITTLE ? (word.match(/../g)?.reverse().join("") ?? "") : word).toLowerCase();

function endOf(text: string): TcpEnd {
  const [address = "", port = ""] = text.split(":");
  const words = Array.from({ length: address.length / WORD_DIGITS }, (_, at) => address.slice(at * WORD_DIGITS, (at + 1) * WORD_DIGITS));
  const sent = words.map(asSent).join("");
  return { address: sent.startsWith(MAPPED) ? sent.slice(MAPPED.length) : sent, port: Number.parseInt(port, HEX) };
}

/** @param text content of one of the two files, or of both */
export function tcpSocketsIn(text: string): TcpSocket[] {
  return text
    .split("\n")
    .map((row) => row.trim().split(/\s+/))
    .filter(([number = "", , , , , , , uid]) => /^\d+:$/.test(number) && uid !== undefined)
    .map(([, local = "", remote = "", state = "", , , , uid, , inode = ""]) => ({
      local: endOf(local),
      remote: endOf(remote),
      state: STATES[state] ?? "other",
      uid: Number(uid),
      inode,
    }));
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // not Linux, or a kernel without IPv6
  }
};

export const tcpSockets = (): TcpSocket[] => tcpSocketsIn(TABLES.map(textOf).join(""));

/** @param address 192.0.2.7 */
export const ipv4End = (address: string, port: number): TcpEnd => ({
  address: Buffer.from(address.split(".").map(Number)).toString("hex"),
  port,
});

export const isSameEnd = (one: TcpEnd, other: TcpEnd): boolean => one.address === other.address && one.port === other.port;

export const isLoopback = ({ address }: TcpEnd): boolean =>
  address === LOOPBACK_6 || (address.length === WORD_DIGITS && address.startsWith("7f"));

/** 192.0.2.7, or the hexadecimal digits of IPv6 by fours. */
export const addressText = ({ address }: TcpEnd): string =>
  address.length === WORD_DIGITS
    ? (address.match(/../g) ?? []).map((byte) => Number.parseInt(byte, HEX)).join(".")
    : (address.match(/..../g) ?? []).join(":");
