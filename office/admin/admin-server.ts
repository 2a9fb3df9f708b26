// What the server answers on the socket for `sceau office …`.

import type { KeyObject } from "node:crypto";
import { type FastifyInstance, fastify } from "fastify";
import { z } from "zod";
import type { HeadFile } from "../audit/head-file.ts";
import { adoptAuthority } from "../issuance/authority-adoption.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import type { OfficeFolder } from "../process/office-folder.ts";
import { countJobs } from "../process/office-jobs.ts";
import { OfficerError } from "../registration/officers.ts";
import { RegistrationError } from "../registration/organisations.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { StateError } from "../states/state-table.ts";
import { addAudit } from "./admin-audit.ts";
import { addBackup } from "./admin-backup.ts";
import { addOfficers } from "./admin-officers.ts";
import type { OfficeStatus } from "./admin-protocol.ts";
import { AdminError, readFacts } from "./admin-records.ts";
import { type AdminSocket, openAdminSocket } from "./admin-socket.ts";

export interface AdminOptions {
  readonly desk: IssuanceDesk;
  readonly folder: OfficeFolder;
  readonly auditKey: KeyObject;
  readonly headFile: HeadFile;
  readonly publicUrl: string;
  readonly address: string;
  /** When the server started, ISO 8601. */
  readonly since: string;
  readonly sealing: Sealing;
  /** For the log. */
  failed(error: unknown, what: string): void;
}

function problemOf(error: unknown): string | null {
  if (error instanceof z.ZodError) return `bad-${String(error.issues[0]?.path[0] ?? "request")}`;
  if (error instanceof AdminError || error instanceof OfficerError || error instanceof RegistrationError) return error.refusal;
  return error instanceof StateError ? "state" : null;
}

function addRoutes(app: FastifyInstance, options: AdminOptions): void {
  const { desk, folder, publicUrl, address, since, failed } = options;
  const { store, authority, clock, trust } = desk;
  app.get("/status", async (): Promise<OfficeStatus> => {
    const facts = await readFacts(store.db);
    const jobs = await countJobs(store, clock.now());
    return { pid: process.pid, publicUrl, address, kind: store.kind, isDemo: trust.isDemo, since, jobs, ...facts };
  });
  app.post("/authority/adopt", async () => {
    await adoptAuthority(desk);
    return {};
  });
  addAudit(app, options);
  addOfficers(app, options);
  const places = { authorityFolder: authority.folder, officeFolder: folder.root };
  addBackup(app, { store, places, now: () => clock.now(), failed });
}

/** A server for the commands; it listens nowhere yet. */
function adminServer(options: AdminOptions): FastifyInstance {
  const app = fastify({ logger: false });
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    if (problem === null) options.failed(error, "a command failed");
    const text = error instanceof Error ? error.name : "unknown";
    return reply.status(problem === null ? 500 : 422).send({ problem: problem ?? `unexpected: ${text}` });
  });
  addRoutes(app, options);
  return app;
}

/** Of the servers that share the folder one answers, and the next one when that is gone. */
export function addAdminSocket(options: AdminOptions): Promise<AdminSocket> {
  const { folder, failed } = options;
  return openAdminSocket({
    path: folder.socket,
    serve: () => adminServer(options),
    failed: (error) => failed(error, "the socket for commands cannot be had"),
  });
}
