// The server's side of the socket: mode 0600, in a folder of mode 0700.

import { createPublicKey, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { type FastifyInstance, fastify } from "fastify";
import { z } from "zod";
import { verifyAuditTrail } from "../audit/audit-trail.ts";
import { writeBackup } from "../backup/backup-lines.ts";
import { adoptAuthority } from "../issuance/authority-adoption.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { invitationMail } from "../mail/invitation-mail.ts";
import type { Mailer } from "../mail/mail.ts";
import type { OfficeFolder } from "../process/office-folder.ts";
import { countJobs } from "../process/office-jobs.ts";
import { OfficerError, withdrawOfficer } from "../registration/officers.ts";
import { RegistrationError } from "../registration/organisations.ts";
import { ROLES } from "../registration/roles.ts";
import { StateError } from "../states/state-table.ts";
import type { OfficeStatus } from "./admin-protocol.ts";
import { AdminError, inviteByAdmin, listOfficers, readFacts } from "./admin-records.ts";

export interface AdminOptions {
  readonly desk: IssuanceDesk;
  readonly folder: OfficeFolder;
  readonly auditKey: KeyObject;
  readonly publicUrl: string;
  readonly address: string;
  readonly mailer: Mailer;
}

/** Whoever is at the machine as the office's user. */
const ACTOR = "system";
const name = z.string().trim().min(1).max(64);
const INVITATION = z.strictObject({
  givenName: name.optional(),
  surname: name.optional(),
  email: z
    .string()
    .trim()
    .min(3)
    .max(255)
    .regex(/^[!-?A-~]+@[!-?A-~]+$/),
  language: z.enum(["fr", "en"]),
  roles: z.array(z.enum(ROLES)).max(ROLES.length),
});
const OFFICER = z.object({ id: z.uuid() });

function problemOf(error: unknown): string | null {
  if (error instanceof z.ZodError) return `bad-${String(error.issues[0]?.path[0] ?? "request")}`;
  if (error instanceof AdminError || error instanceof OfficerError || error instanceof RegistrationError) return error.refusal;
  return error instanceof StateError ? "state" : null;
}

function addOfficers(app: FastifyInstance, { desk, publicUrl, mailer }: AdminOptions): void {
  const { store, clock } = desk;
  app.get("/officers", () => listOfficers(store.db));
  app.post("/officers", async ({ body }) => {
    const request = INVITATION.parse(body);
    const { officerId, link: code, name } = await store.transaction((tx) => inviteByAdmin(tx, request, { actor: ACTOR, now: clock.now() }));
    await mailer.send(invitationMail({ ...request, name, publicUrl, code }));
    return { officerId, publicUrl, code };
  });
  app.post("/officers/:id/withdraw", async ({ params }) => {
    const { id } = OFFICER.parse(params);
    await store.transaction((tx) => withdrawOfficer(tx, id, { actor: ACTOR, now: clock.now() }));
    return {};
  });
}

function addBackup(app: FastifyInstance, { desk: { store, authority, clock }, folder }: AdminOptions): void {
  app.get("/backup", (_request, reply) => {
    const stream = new PassThrough();
    const write = async (text: string): Promise<void> => {
      if (!stream.write(text)) await once(stream, "drain");
      if (stream.destroyed) throw new Error("nobody reads any more");
    };
    writeBackup(store, { authorityFolder: authority.folder, officeFolder: folder.root }, clock.now(), write).then(
      () => stream.end(),
      (error) => stream.destroy(error),
    );
    return reply.type("application/x-ndjson").send(stream);
  });
}

function addRoutes(app: FastifyInstance, options: AdminOptions): void {
  const { desk, auditKey, publicUrl, address } = options;
  const { store, clock, trust } = desk;
  const since = clock.now().toISOString();
  app.get("/status", async (): Promise<OfficeStatus> => {
    const facts = await readFacts(store.db);
    const jobs = await countJobs(store, clock.now());
    return { pid: process.pid, publicUrl, address, kind: store.kind, isDemo: trust.isDemo, since, jobs, ...facts };
  });
  app.post("/audit/verify", () => verifyAuditTrail(store.db, createPublicKey(auditKey)));
  app.post("/authority/adopt", async () => {
    await adoptAuthority(desk);
    return {};
  });
  addOfficers(app, options);
  addBackup(app, options);
}

function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Null: another server of this folder, on the same PostgreSQL, has the socket. */
export async function addAdminSocket(options: AdminOptions): Promise<FastifyInstance | null> {
  const path = options.folder.socket;
  if (await isAnswering(path)) return null;
  rmSync(path, { force: true }); // of a server that was killed
  const app = fastify({ logger: false });
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    const text = error instanceof Error ? error.name : "unknown";
    return reply.status(problem === null ? 500 : 422).send({ problem: problem ?? `unexpected: ${text}` });
  });
  addRoutes(app, options);
  await app.listen({ path });
  chmodSync(path, 0o600);
  return app;
}
