// The sheet of a certificate, its file, and its revocation.

import type { FastifyInstance } from "fastify";
import { requirePermission } from "../../registration/officers.ts";
import { CERTIFICATE } from "../../states/certificate-states.ts";
import { StateError } from "../../states/state-table.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, actingOf, type Edge, type OfficerVisit, scopeOf, visitOf } from "../edge/visit.ts";
import { stateNow } from "../frame/state-pills.ts";
import { certificatePage } from "./certificate-page.ts";
import { type CertificateRecord, certificateRecord } from "./certificate-record.ts";
import { revocationForm } from "./revocation-form.ts";
import { revocationPage } from "./revocation-page.ts";

interface Done {
  readonly done?: unknown;
}

/** The certificate, when this officer may revoke it in its office. @throws NothingThereError, NotPermittedError */
async function toRevoke(visit: OfficerVisit, { store }: Edge, id: string): Promise<CertificateRecord> {
  const record = await certificateRecord(store.db, id, scopeOf(visit, "search"));
  requirePermission(visit.session.officer, "revoke", record.office.id);
  return record;
}

const revokedBefore = (id: string): Answer => ({ to: `/certificates/${id}?done=revoked-before` });

/** @throws StateError */
function requireRevocable({ certificate }: CertificateRecord, now: Date): void {
  const state = stateNow(certificate.state, certificate.notAfter, now);
  if (!CERTIFICATE.allows(state, "revoke")) throw new StateError(CERTIFICATE.entity, state, "revoke");
}

export function addCertificateRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, revoking } = edge;
  app.get(
    "/certificates/:id",
    officerPage(edge, async (visit, { params, query }) => {
      const record = await certificateRecord(store.db, idOf(params), scopeOf(visit, "search"));
      const { done } = query as Done;
      return certificatePage(visit, record, typeof done === "string" ? done : null);
    }),
  );
  app.get(
    "/certificates/:id/revoke",
    officerPage(edge, async (visit, { params }) => {
      const record = await toRevoke(visit, edge, idOf(params));
      if (record.certificate.state === "revoked") return revokedBefore(record.certificate.id);
      requireRevocable(record, visit.now);
      return revocationPage(visit, record, new FormState());
    }),
  );
  app.post(
    "/certificates/:id/revoke",
    officerPage(edge, async (visit, { params, body }) => {
      const record = await toRevoke(visit, edge, idOf(params));
      const { id, serialNumber, state } = record.certificate;
      if (state === "revoked") return revokedBefore(id);
      requireRevocable(record, visit.now);
      const { data, form } = readForm(revocationForm(serialNumber), body);
      if (data === null) return revocationPage(visit, record, form);
      const { actor } = actingOf(visit);
      const order = { reason: data.reason, channel: "officer", officerId: visit.session.officer.id, actor } as const;
      const { isNew } = await revoking.revoke(id, order);
      return isNew ? { to: `/certificates/${id}?done=revoked` } : revokedBefore(id);
    }),
  );
  app.get("/certificates/:id/certificate.cer", async (request, reply) => {
    const visit = await visitOf(request, edge);
    if (visit.session === null) return reply.redirect(`/certificates/${idOf(request.params)}`, 303);
    const { certificate } = await certificateRecord(
      store.db,
      idOf(request.params),
      scopeOf({ ...visit, session: visit.session }, "search"),
    );
    return reply
      .header("cache-control", "no-store")
      .header("content-disposition", `attachment; filename="${certificate.serialNumber}.cer"`)
      .type("application/pkix-cert")
      .send(Buffer.from(certificate.der));
  });
}
