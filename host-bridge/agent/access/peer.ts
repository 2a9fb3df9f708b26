// Which user of this computer is at the other end of a connection: on Linux, by the kernel's own list of sockets, /proc/net/tcp and tcp6 (proc(5)).

import { connect, createServer, isIPv4, type Socket } from "node:net";
import { ipv4End, isSameEnd, type TcpSocket, tcpSockets } from "../../tcp-sockets.ts";
import { AGENT_HOST } from "../agent-address.ts";

/** A list that changes while it is read may leave a line out. */
const LOOKS = 3;

/** The two ends of a connection, as the process at the other end sees them. IPv4. */
export interface ConnectionEnds {
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
}

/**
 * Who has the connection's other end. A socket that nobody has open any more is written down as root's, with inode 0: it is nobody's.
 * @returns uids; empty: it is not in this list
 */
export function ownersIn(sockets: readonly TcpSocket[], { local, remote }: ConnectionEnds): number[] {
  const theirs = ipv4End(local.address, local.port);
  const ours = ipv4End(remote.address, remote.port);
  return sockets
    .filter((socket) => isSameEnd(socket.local, theirs) && isSameEnd(socket.remote, ours))
    .filter(({ state, inode }) => state === "established" && inode !== "" && inode !== "0")
    .map(({ uid }) => uid);
}

/** @returns null: it can't be found out, or the other end has gone */
export function peerUid(socket: Socket): number | null {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined || localAddress === undefined || localPort === undefined) return null;
  if (!isIPv4(remoteAddress) || !isIPv4(localAddress)) return null;
  const ends = { local: { address: remoteAddress, port: remotePort }, remote: { address: localAddress, port: localPort } };
  for (let looks = 0; looks < LOOKS; looks++) {
    const [uid, ...more] = new Set(ownersIn(tcpSockets(), ends));
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
