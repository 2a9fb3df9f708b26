// The legal representative's own pages: the organisation's certificates, and revoking one (S6, S43).

import type { FastifyInstance } from "fastify";
import {
  type OrganisationCertificate,
  organisationCertificate,
  organisationCertificates,
} from "../../representatives/organisation-certificates.ts";
import { revokeForOrganisation } from "../../representatives/revoking.ts";
import { CERTIFICATE } from "../../states/certificate-states.ts";
import { StateError } from "../../states/state-table.ts";
import { revocationForm } from "../certificate/revocation-form.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, type Edge, NothingThereError } from "../edge/visit.ts";
import { stateNow } from "../frame/state-pills.ts";
import { certificatesPage, representativeRevocationPage } from "./certificates-page.ts";
import { addOfficersRepresentativeRoutes } from "./officer-routes.ts";
import { SEARCH } from "./representative-forms.ts";
import { type RepresentativeVisit, representativePage } from "./representative-visit.ts";
import { addRepresentativeSignInRoutes } from "./sign-in-routes.ts";

const BEFORE: Answer = { to: "/representative?done=before" };

/** @throws NothingThereError: another organisation's, too */
async function toRevoke({ store: { db } }: Edge, { seen }: RepresentativeVisit, params: unknown): Promise<OrganisationCertificate> {
  const found = await organisationCertificate(db, seen.organisation.id, idOf(params));
  if (found === null) throw new NothingThereError();
  return found;
}

/** @throws StateError */
function requireRevocable({ certificate }: OrganisationCertificate, now: Date): void {
  const state = stateNow(certificate.state, certificate.notAfter, now);
  if (!CERTIFICATE.allows(state, "revoke")) throw new StateError(CERTIFICATE.entity, state, "revoke");
}

export function addRepresentativeRoutes(app: FastifyInstance, edge: Edge): void {
  addRepresentativeSignInRoutes(app, edge);
  addOfficersRepresentativeRoutes(app, edge);
  app.get(
    "/representative",
    representativePage(edge, "revoke", async (visit, { query }) => {
      const { done, ...search } = SEARCH.parse(query);
      const found = await organisationCertificates(edge.store.db, visit.seen.organisation.id, search, visit.now);
      return certificatesPage(visit, { search, ...found, done });
    }),
  );
  app.get(
    "/representative/certificates/:id/revoke",
    representativePage(edge, "revoke", async (visit, { params }) => {
      const found = await toRevoke(edge, visit, params);
      if (found.certificate.state === "revoked") return BEFORE;
      requireRevocable(found, visit.now);
      return representativeRevocationPage(visit, found, new FormState());
    }),
  );
  app.post(
    "/representative/certificates/:id/revoke",
    representativePage(edge, "revoke", async (visit, { params, body }) => {
      const found = await toRevoke(edge, visit, params);
      const { id, serialNumber, state } = found.certificate;
      if (state === "revoked") return BEFORE;
      requireRevocable(found, visit.now);
      const { data, form } = readForm(revocationForm(serialNumber), body);
      if (data === null) return representativeRevocationPage(visit, found, form);
      const { isNew } = await revokeForOrganisation(edge, { secret: visit.secret, certificateId: id, reason: data.reason });
      return isNew ? { to: "/representative?done=revoked" } : BEFORE;
    }),
  );
}
