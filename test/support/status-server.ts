// The status routes behind http on a free port, and nothing else; a clock that a test may move.

import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import type { OcspKey } from "../../office/status/ocsp-key.ts";
import type { StatusClock } from "../../office/status/ocsp-responder.ts";
import { statusRoutes } from "../../office/status/status-routes.ts";
import type { Database } from "../../office/store/store.ts";

const HOST = "127.0.0.1";

/** The machine's time, and something added to it. */
export class TestClock {
  offsetMs = 0;
  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }
}

export interface StatusServer {
  readonly app: FastifyInstance;
  /** http://…, without a slash at its end. */
  readonly address: string;
  /** What was logged as a warning or worse, one line each. */
  readonly log: string[];
}

export async function startStatusServer(db: Database, ocspKey: OcspKey, clock: StatusClock): Promise<StatusServer> {
  const log: string[] = [];
  const app = fastify({ logger: { level: "warn", stream: { write: (line: string) => void log.push(line) } }, forceCloseConnections: true });
  await app.register(statusRoutes, { store: { db }, ocspKey, clock });
  await app.listen({ host: HOST, port: 0 });
  return { app, log, address: `http://${HOST}:${(app.server.address() as AddressInfo).port}` };
}
