// Whose program waits for a card. vpcd's ports are anybody's to take while pcscd does not run: whoever sits there can send the token commands, and use up
// the tries of its PIN. So a card is put only into a reader of the system's, or of this user's own.

import type { Socket } from "node:net";
import { ipv4End, isSameEnd, type TcpSocket, tcpSockets } from "../tcp-sockets.ts";

/** Below are the system's own accounts (Debian policy §9.2.2). */
const FIRST_PERSON = 1000;
/** Of who listens on every address, by IPv4 or by both. */
const ANY_ADDRESS = ["0".repeat(8), "0".repeat(32)];

/** The ends of an IPv4 connection. */
export type Ends = Partial<Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">>;

/** Who listens at an IPv4 address, itself or with all others. */
function listenersAt(host: string, port: number, sockets: readonly TcpSocket[]): TcpSocket[] {
  const ends = [ipv4End(host, port), ...ANY_ADDRESS.map((address) => ({ address, port }))];
  return sockets.filter(({ local, state }) => state === "listening" && ends.some((end) => isSameEnd(end, local)));
}

const isStrangers = (owner: number, uid: number): boolean => owner !== uid && owner >= FIRST_PERSON;

/**
 * The sockets that listen at the reader, as one word: another word is another program, or pcscd that has come. Asked of the kernel, so that nobody is
 * dialled for it.
 * @param uid this user's
 * @returns "" when nobody listens there, or a stranger does
 */
export function ownReaderAt(host: string, port: number, uid: number, sockets: readonly TcpSocket[] = tcpSockets()): string {
  const listeners = listenersAt(host, port, sockets);
  return listeners.some((socket) => isStrangers(socket.uid, uid)) ? "" : listeners.map(({ inode }) => inode).join(" ");
}

/**
 * The user at the other end of a connection on this computer, unless it is the system or this user; null: it is one of them, or this computer does not
 * tell (not Linux). Both are looked at: who listens there, because a connection that nobody has accepted yet is nobody's; and whose the connection is,
 * because who has accepted it may have made room for another listener since.
 * @param uid this user's
 * @returns "nobody" when nobody listens there (any more), or the connection is not on this computer
 */
export function strangerAtReader(ends: Ends, uid: number, sockets: readonly TcpSocket[] = tcpSockets()): number | "nobody" | null {
  if (sockets.length === 0) return null;
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = ends;
  const theirs = ipv4End(remoteAddress, remotePort);
  const ours = ipv4End(localAddress, localPort);
  const listeners = listenersAt(remoteAddress, remotePort, sockets);
  if (listeners.length === 0) return "nobody"; // it has stopped listening as soon as the connection was there: vpcd does not
  const accepted = sockets.filter(({ local, remote }) => isSameEnd(local, theirs) && isSameEnd(remote, ours));
  return [...listeners, ...accepted].map((socket) => socket.uid).find((owner) => isStrangers(owner, uid)) ?? null;
}
