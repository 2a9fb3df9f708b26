// Whose program waits for a card. vpcd's ports are anybody's to take while pcscd does not run: whoever sits there can send the token commands, and use up
// the tries of its PIN. So a card is put only into a reader of the system's, or of this user's own.

import { readFileSync } from "node:fs";
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

/**
 * The user whose program listens where a connection went, unless it is the system or this user; null: it is one of them, or another computer's, or this
 * system does not tell.
 * @param host an IPv4 address, as a connection has it
 * @param uid this user's
 */
export function strangerAtReader(host: string, port: number, uid: number, tables = kernelTables()): number | "nobody" | null {
  if (tables === "" || !host.startsWith("127.")) return null;
  const ends = [tableAddress(host), "00000000", "0".repeat(32)].map(
    (address) => `${address}:${port.toString(HEX).toUpperCase().padStart(4, "0")}`,
  );
  const rows = tables.split("\n").map((row) => row.trim().split(/\s+/));
  const listeners = rows.filter(([, local = "", , state]) => state === LISTENING && ends.includes(local)).map((row) => Number(row[7]));
  if (listeners.length === 0) return "nobody"; // it has stopped listening as soon as the connection was there: vpcd does not
  return listeners.find((owner) => owner !== uid && owner >= FIRST_PERSON) ?? null;
}
