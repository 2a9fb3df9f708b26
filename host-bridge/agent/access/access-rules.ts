// Who may ask the agent, and for what: checked before a body is read.

import type { Socket } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AccessError } from "./access-error.ts";
import { peerUid } from "./peer.ts";
import { requireOwnHost, requireOwnOrigin, requireOwnOrLink } from "./request-origin.ts";

export const changesNothing = ({ method }: FastifyRequest): boolean => method === "GET" || method === "HEAD";

const pathOf = ({ url }: FastifyRequest): string => url.split("?")[0] ?? "";

/** @param isAnyUser other users of this computer may ask, too */
export function addAccessRules(app: FastifyInstance, isAnyUser: boolean): void {
  const own = process.getuid?.();
  const isOwnPeer = new WeakMap<Socket, boolean>();
  // At once: whoever closes the connection before it is looked up has no name in the list any more.
  if (!isAnyUser) app.server.on("connection", (socket: Socket) => isOwnPeer.set(socket, own !== undefined && peerUid(socket) === own));
  app.addHook("onRequest", async (request, reply) => {
    const { localAddress = "", localPort = 0 } = request.socket;
    if (!isAnyUser && isOwnPeer.get(request.socket) !== true) {
      reply.header("connection", "close"); // theirs hold no places
      throw new AccessError("other-user");
    }
    requireOwnHost(request.headers, localAddress, localPort);
    if (changesNothing(request)) requireOwnOrLink(request.headers, pathOf(request));
    else requireOwnOrigin(request.headers);
  });
}
