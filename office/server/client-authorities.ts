// The CAs whose certificates sign officers in by TLS: all that the store knows. A ceremony may add one while the server runs, by this server or by
// another one of the same store; new connections then know it, and those of the former CAs stay good while they live.

import { createHash, X509Certificate } from "node:crypto";
import { Server as TlsServer } from "node:tls";
import type { FastifyInstance } from "fastify";
import { issuers } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";

/** How long a new CA may be unknown to a server. */
const LOOK_EVERY_MS = 2000;

/** Root and issuing CAs, PEM, in one order. */
export async function clientAuthorities(db: Database): Promise<string[]> {
  const rows = await db.select({ certificate: issuers.certificate }).from(issuers);
  return rows.map(({ certificate }) => new X509Certificate(certificate).toString()).sort();
}

const digestOf = (pems: readonly string[]): string => createHash("sha256").update(pems.join("")).digest("hex");

export interface ListenerKey {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/** Looks again and again until the server closes; a look that fails is told in the log, and the CAs stay as they are. */
export function followClientAuthorities(app: FastifyInstance, { db }: Store, { key, cert }: ListenerKey, everyMs = LOOK_EVERY_MS): void {
  const server: unknown = app.server;
  if (!(server instanceof TlsServer)) throw new Error("client certificates without TLS");
  let known = "";
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const ca = await clientAuthorities(db);
    const digest = digestOf(ca);
    if (digest === known || ca.length === 0) return;
    server.setSecureContext({ key, cert, ca });
    known = digest;
  };
  const again = (): void => {
    looking = look()
      .catch((error) => app.log.error({ err: error }, "the CAs of client certificates cannot be looked up"))
      .finally(() => {
        if (!isClosed) timer = setTimeout(again, everyMs).unref();
      });
  };
  app.addHook("onReady", async () => again());
  app.addHook("onClose", async () => {
    isClosed = true;
    if (timer !== null) clearTimeout(timer);
    await looking;
  });
}
