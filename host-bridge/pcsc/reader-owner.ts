// Whose program waits for a card. vpcd's ports are anybody's to take while pcscd does not run: whoever sits there can send the token commands, and use up
// the tries of its PIN. So a card is put only into a reader of the system's, or of this user's own.

import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { endianness } from "node:os";

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];
/** include/net/tcp_states.h: TCP_LISTEN. */
const LISTENING = "0A";
/** Below are the system's own accounts (Debian policy §9.2.2). */
const FIRST_PERSON = 1000;
const HEX = 16;

/** The kernel's lists of TCP sockets (proc(5)); "": not Linux. */
function kernelTables(): string {
  return TABLES.map((path) => {
    try {
      return readFileSync(path, "latin1");
    } catch {
      return "";
    }
  }).join("");
}

/** As /proc/net/tcp writes an IPv4 address: its 32 bits as this computer keeps them. */
function tableAddress(host: string): string {
  const bytes = host.split(".").map(Number);
  if (endianness() === "LE") bytes.reverse();
  return Buffer.from(bytes).toString("hex").toUpperCase();
}

/** The IPv4 address in IPv6 notation that a listener on both has its connections under (::ffff:0:0/96), as the list writes it. */
const MAPPED = `${"0".repeat(16)}${endianness() === "LE" ? "FFFF0000" : "0000FFFF"}`;

/** @param end in either list; @param ipv4 in the one for IPv4 */
const isSameEnd = (end: string, ipv4: string): boolean => end === ipv4 || end === MAPPED + ipv4;

/** An end of a connection, as the kernel's lists have it. */
const tableEnd = (address: string, port: number): string => `${address}:${port.toString(HEX).toUpperCase().padStart(4, "0")}`;

/** The ends of an IPv4 connection. */
export type Ends = Partial<Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">>;

/**
 * The user at the other end of a connection on this computer, unless it is the system or this user; null: it is one of them, or this computer does not
 * tell (not Linux). Both are looked at: who listens there, because a connection that nobody has accepted yet is nobody's; and whose the connection is,
 * because who has accepted it may have made room for another listener since.
 * @param uid this user's
 * @returns "nobody" when nobody listens there (any more), or the connection is not on this computer
 */
export function strangerAtReader(ends: Ends, uid: number, tables = kernelTables()): number | "nobody" | null {
  if (tables === "") return null;
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = ends;
  const theirs = tableEnd(tableAddress(remoteAddress), remotePort);
  const ours = tableEnd(tableAddress(localAddress), localPort);
  const listening = [theirs, tableEnd("00000000", remotePort), tableEnd("0".repeat(32), remotePort)];
  const rows = tables.split("\n").map((row) => row.trim().split(/\s+/));
  const listeners = rows.filter(([, local = "", , state]) => state === LISTENING && listening.includes(local));
  if (listeners.length === 0) return "nobody"; // it has stopped listening as soon as the connection was there: vpcd does not
  const accepted = rows.filter(([, local = "", remote = ""]) => isSameEnd(local, theirs) && isSameEnd(remote, ours));
  return [...listeners, ...accepted].map((row) => Number(row[7])).find((owner) => owner !== uid && owner >= FIRST_PERSON) ?? null;
}
