// All that the status service answers, over plain http (RFC 5280 §8: with https, whoever checks a certificate would first have to check another
// one): OCSP, CRLs, certificates of the authorities. Reads the store; changes nothing in it.

import type { FastifyPluginAsync } from "fastify";
import type { Store } from "../store/store.ts";
import type { OcspKey } from "./ocsp-key.ts";
import { OcspResponder, type StatusClock } from "./ocsp-responder.ts";
import { ocspRoutes } from "./ocsp-routes.ts";
import { sendFile } from "./published-file.ts";
import { readCertificate, readCrl, StaleCrlError } from "./published-issuers.ts";

export interface StatusOptions {
  /** Reading issuers, crls, certificates, revocations and responder_certificates is enough. */
  readonly store: Pick<Store, "db">;
  readonly ocspKey: OcspKey;
  readonly clock: StatusClock;
}

interface FileRoute {
  readonly Params: { readonly file: string };
}

const CRL_FILE = /^([a-z0-9-]{1,40})\.crl$/;
const CERTIFICATE_FILE = /^([a-z0-9-]{1,40})\.(cer|pem)$/;
const RETRY_AFTER_SECONDS = 60;

export const statusRoutes: FastifyPluginAsync<StatusOptions> = async (server, { store: { db }, ocspKey, clock }) => {
  await server.register(ocspRoutes, { responder: new OcspResponder(db, ocspKey, clock) });

  server.get<FileRoute>("/crl/:file", async (request, reply) => {
    const [, name] = CRL_FILE.exec(request.params.file) ?? [];
    if (name === undefined) return reply.callNotFound();
    try {
      const crl = await readCrl(db, name, clock.now());
      return crl === null ? reply.callNotFound() : sendFile(request, reply, crl);
    } catch (error) {
      if (!(error instanceof StaleCrlError)) throw error;
      // A list that is over would be believed by the careless and blamed on the holder by the strict: better none, and the log tells.
      request.log.error({ err: error }, "CRL not published");
      return reply
        .code(503)
        .header("retry-after", RETRY_AFTER_SECONDS)
        .header("cache-control", "no-store")
        .type("text/plain")
        .send(`${error.message}\n`);
    }
  });

  server.get<FileRoute>("/ca/:file", async (request, reply) => {
    const [, name, form] = CERTIFICATE_FILE.exec(request.params.file) ?? [];
    if (name === undefined) return reply.callNotFound();
    const certificate = await readCertificate(db, name, form === "pem" ? "pem" : "cer");
    return certificate === null ? reply.callNotFound() : sendFile(request, reply, certificate);
  });
};
