// Who listens on a port of this computer, by the kernel's own list. Processes of other users have a number only, no name.

import { tcpSockets } from "../tcp-sockets.ts";
import { ownerOf } from "./socket-owner.ts";

export interface Listener {
  readonly uid: number;
  readonly pid: number | null;
  /** null: it is another user's. */
  readonly program: string | null;
}

/** @returns null: nobody, or it can't be known here */
export function listenerAt(port: number): Listener | null {
  const socket = tcpSockets().find(({ local, state }) => local.port === port && state === "listening");
  if (socket === undefined) return null;
  const owner = ownerOf(socket);
  return { uid: socket.uid, pid: owner?.pid ?? null, program: owner === null ? null : owner.name || null };
}
