// Corporate accounts, for their managers (S2, S9).

import { asc, inArray } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { endInvitation, inviteToApply, requestCorporateAccount } from "../../dossiers/corporate-accounts.ts";
import { invitationsOf, managedBy, peopleOf } from "../../dossiers/corporate-records.ts";
import { offices } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { accountPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type AccountVisit, type Edge, NothingThereError } from "../edge/visit.ts";
import { CORPORATE_REQUEST, INVITATION } from "./corporate-forms.ts";
import { type ManagersRecord, managersPage, type NamedOffices, requestPage } from "./corporate-pages.ts";

/** @param ids null: all of them */
export function officesIn(db: Database, ids: readonly string[] | null): Promise<NamedOffices> {
  const rows = db.select({ id: offices.id, name: offices.name }).from(offices);
  return (ids === null ? rows : rows.where(inArray(offices.id, [...ids]))).orderBy(asc(offices.createdAt), asc(offices.id));
}

/** @throws NothingThereError there is none, or somebody else manages it */
async function managed({ store: { db } }: Edge, { account }: AccountVisit, id: string): Promise<ManagersRecord> {
  const organisation = (await managedBy(db, account.id)).find((own) => own.id === id);
  if (organisation === undefined) throw new NothingThereError();
  return { organisation, people: await peopleOf(db, id), invitations: await invitationsOf(db, id) };
}

const DONE = z.enum(["sent", "ended"]).nullable().catch(null);
const ENDED = z.object({ invitation: z.uuid() });

export function addCorporateRoutes(app: FastifyInstance, edge: Edge): void {
  const { db } = edge.store;
  app.get(
    "/my/organisations/request",
    accountPage(edge, async (visit) => requestPage(visit, new FormState(), await officesIn(db, null))),
  );
  app.post(
    "/my/organisations/request",
    accountPage(edge, async (visit, { body }) => {
      const { data, form } = readForm(CORPORATE_REQUEST, body);
      if (data === null) return requestPage(visit, form, await officesIn(db, null));
      const { office: officeId, representativeName, representativeEmail, ...order } = data;
      const representative = representativeName === "" ? null : { name: representativeName, email: representativeEmail };
      const id = await requestCorporateAccount(edge, { ...order, officeId, representative, accountId: visit.account.id });
      return { to: `/my/organisations/${id}` };
    }),
  );
  app.get(
    "/my/organisations/:id",
    accountPage(edge, async (visit, { params, query }) => {
      const done = DONE.parse((query as Record<string, unknown>)["done"] ?? null);
      return managersPage(visit, new FormState({ language: visit.language }), await managed(edge, visit, idOf(params)), done);
    }),
  );
  app.post(
    "/my/organisations/:id/invite",
    accountPage(edge, async (visit, { params, body }) => {
      const record = await managed(edge, visit, idOf(params));
      const { data, form } = readForm(INVITATION, body);
      if (data === null) return managersPage(visit, form, record, null);
      const { id } = record.organisation;
      await inviteToApply(edge, { ...data, organisationId: id, accountId: visit.account.id });
      return { to: `/my/organisations/${id}?done=sent` };
    }),
  );
  app.post(
    "/my/organisations/:id/end-invitation",
    accountPage(edge, async (visit, { params, body }) => {
      const { organisation } = await managed(edge, visit, idOf(params));
      const { data } = ENDED.safeParse(body);
      if (data === undefined) throw new NothingThereError();
      await endInvitation(edge, { invitationId: data.invitation, accountId: visit.account.id });
      return { to: `/my/organisations/${organisation.id}?done=ended` };
    }),
  );
}
