// Which user of this computer is at the other end of a connection: on Linux, by the kernel's own list of sockets, /proc/net/tcp and tcp6 (proc(5)).

import { readFileSync } from "node:fs";
import { connect, createServer, isIPv4, type Socket } from "node:net";
import { endianness } from "node:os";
import { AGENT_HOST } from "../agent-address.ts";

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;
/** include/net/tcp_states.h */
const ESTABLISHED = "01";
/** ::ffff:0:0/96: an IPv4 connection of a socket that speaks both. */
const MAPPED_WORDS = ["00000000", "00000000", "0000FFFF"] as const;
/** A list that changes while it is read may leave a line out. */
const LOOKS = 3;

/** The two ends of a connection, as the process at the other end sees them. IPv4. */
export interface ConnectionEnds {
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
}

/** Words of addresses are written as the machine has them in memory. */
function word(bytes: readonly number[]): string {
  const ordered = endianness() === "LE" ? [...bytes].reverse() : bytes;
  return Buffer.from(ordered).toString("hex").toUpperCase();
}

const wordOfText = (hex: string): string => word([...Buffer.from(hex, "hex")]);

/** As the two tables have it. */
function written({ address, port }: ConnectionEnds["local"]): readonly string[] {
  const v4 = word(address.split(".").map(Number));
  const at = port.toString(16).toUpperCase().padStart(4, "0");
  return [`${v4}:${at}`, `${MAPPED_WORDS.map(wordOfText).join("")}${v4}:${at}`];
}

/**
 * Who has the connection's other end. A socket that nobody has open any more is written down as root's, with inode 0: it is nobody's.
 * @param table content of /proc/net/tcp or tcp6
 * @returns uids; empty: it is not in this table
 */
export function ownersIn(table: string, ends: ConnectionEnds): number[] {
  const locals = written(ends.local);
  const remotes = written(ends.remote);
  return table.split("\n").flatMap((line) => {
    const [, local = "", remote = "", state, , , , uid, , inode] = line.trim().split(/\s+/);
    const isIt = locals.includes(local) && remotes.includes(remote);
    return isIt && state === ESTABLISHED && inode !== undefined && inode !== "0" ? [Number(uid)] : [];
  });
}

function look(ends: ConnectionEnds): number[] {
  return TABLES.flatMap((path) => {
    try {
      return ownersIn(readFileSync(path, "latin1"), ends);
    } catch {
      return []; // a kernel without IPv6 has no tcp6; without any table nobody is found
    }
  });
}

/** @returns null: it can't be found out, or the other end has gone */
export function peerUid(socket: Socket): number | null {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined || localAddress === undefined || localPort === undefined) return null;
  if (!isIPv4(remoteAddress) || !isIPv4(localAddress)) return null;
  const ends = { local: { address: remoteAddress, port: remotePort }, remote: { address: localAddress, port: localPort } };
  for (let looks = 0; looks < LOOKS; looks++) {
    const [uid, ...more] = new Set(look(ends));
    if (uid !== undefined) return more.length === 0 ? uid : null;
  }
  return null;
}

/** Whether peers can be told apart here: tried with a connection of one's own. */
export async function canTellPeers(): Promise<boolean> {
  if (process.getuid === undefined) return false;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, AGENT_HOST, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") return false;
    const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
    const client = connect(address.port, AGENT_HOST);
    try {
      const socket = await accepted;
      const uid = peerUid(socket);
      socket.destroy();
      return uid === process.getuid();
    } finally {
      client.destroy();
    }
  } finally {
    server.close();
  }
}
