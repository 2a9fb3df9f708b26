// How many connections one address may have open at a time: whoever opens thousands and sends a byte a minute on each uses up the server's files and memory,
// and keeps nobody else from being answered until then.

import type { Server, Socket } from "node:net";
import { network } from "../pages/sign-in/sign-in-limits.ts";

/** An organisation behind one address, with several connections for each browser. */
export const MAX_CONNECTIONS = 256;

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;
/** This machine itself: its proxy, its own programs. */
export const isThisMachine = (address: string): boolean => LOOPBACK.test(address);

/**
 * The connection that is too much is closed without a word: no byte of it was read.
 * @param isExempt addresses that are many people's
 */
export function limitConnections(server: Server, max: number, isExempt: (address: string) => boolean): void {
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const { remoteAddress = "" } = socket;
    if (isExempt(remoteAddress)) return;
    const from = network(remoteAddress);
    const count = (open.get(from) ?? 0) + 1;
    if (count > max) {
      socket.destroy();
      return;
    }
    open.set(from, count);
    socket.once("close", () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left === 0) open.delete(from);
      else open.set(from, left);
    });
  });
}
