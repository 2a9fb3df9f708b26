// Officers, for administrators: list, invite, withdraw. Their codes: code-routes.ts.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Invitation, inviteOfficer, requirePermission, withdrawOfficer } from "../../registration/officers.ts";
import { addPerson, RegistrationError, type RegistrationRefusal } from "../../registration/organisations.ts";
import type { Database } from "../../store/store.ts";
import { officerPage } from "../edge/answering.ts";
import { type FieldProblems, FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { addCodeRoutes, oursOnly, showCode } from "./code-routes.ts";
import { KNOWN_INVITATION, NEW_INVITATION } from "./invitation-form.ts";
import { candidate, listOfficers, placesOf } from "./officer-records.ts";
import { invitationPage, officersPage, withdrawalPage } from "./officers-pages.ts";

/** What only the rules behind the edge see, beside the field that it is about. */
const REFUSED_FIELDS: Readonly<Partial<Record<RegistrationRefusal, FieldProblems>>> = {
  "number-known": { number: "known" },
  "organisation-not-open": { organisation: "choose" },
};

const CANDIDATE = z.object({ person: z.uuid() });

async function candidateOf({ store: { db } }: Edge, query: unknown, scope: readonly string[]) {
  const asked = (query as Record<string, unknown>)["person"];
  if (asked === undefined) return null;
  const { data } = CANDIDATE.safeParse(query);
  const person = data === undefined ? null : await candidate(db, data.person, scope);
  if (person === null) throw new NothingThereError();
  return { id: person.id, name: `${person.givenName} ${person.surname}`, email: person.email };
}

async function inviteNew(
  tx: Database,
  visit: OfficerVisit,
  data: z.infer<typeof NEW_INVITATION>,
  scope: readonly string[],
): Promise<Invitation> {
  const { organisation, office, roles, ...person } = data;
  const { organisations } = await placesOf(tx, scope);
  if (!organisations.some(({ id }) => id === organisation)) throw new RegistrationError("organisation-not-open");
  const personId = await addPerson(tx, { ...person, organisationId: organisation }, actingOf(visit));
  return inviteOfficer(
    tx,
    personId,
    roles.map((role) => ({ officeId: office, role })),
    actingOf(visit),
  );
}

type Invited = { readonly invitation: Invitation } | { readonly form: FormState };

async function invite(
  visit: OfficerVisit,
  { store }: Edge,
  body: unknown,
  personId: string | null,
  scope: readonly string[],
): Promise<Invited> {
  if (personId !== null) {
    const { data, form } = readForm(KNOWN_INVITATION, { ...(body as object), person: personId });
    if (data === null) return { form };
    requirePermission(visit.session.officer, "officers", data.office);
    const roles = data.roles.map((role) => ({ officeId: data.office, role }));
    return { invitation: await store.transaction((tx) => inviteOfficer(tx, personId, roles, actingOf(visit))) };
  }
  const { data, form } = readForm(NEW_INVITATION, body);
  if (data === null) return { form };
  requirePermission(visit.session.officer, "officers", data.office);
  try {
    return { invitation: await store.transaction((tx) => inviteNew(tx, visit, data, scope)) };
  } catch (error) {
    const problems = error instanceof RegistrationError ? REFUSED_FIELDS[error.refusal] : undefined;
    if (problems === undefined) throw error;
    return { form: form.with(problems) };
  }
}

export function addOfficersRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/officers",
    officerPage(edge, async (visit, { query }) => {
      const officers = await listOfficers(store.db, scopeOf(visit, "officers"));
      return officersPage(visit, officers, (query as Record<string, unknown>)["done"] === "withdrawn");
    }),
  );
  app.get(
    "/officers/invite",
    officerPage(edge, async (visit, { query }) => {
      const scope = scopeOf(visit, "officers");
      return invitationPage(
        visit,
        new FormState({ language: visit.language }),
        await placesOf(store.db, scope),
        await candidateOf(edge, query, scope),
      );
    }),
  );
  app.post(
    "/officers/invite",
    officerPage(edge, async (visit, { query, body, log }): Promise<Answer> => {
      const scope = scopeOf(visit, "officers");
      const person = await candidateOf(edge, query, scope);
      const invited = await invite(visit, edge, body, person?.id ?? null, scope);
      if ("invitation" in invited) return showCode(visit, edge, invited.invitation, true, log);
      return invitationPage(visit, invited.form, await placesOf(store.db, scope), person);
    }),
  );
  addCodeRoutes(app, edge);
  app.get(
    "/officers/:id/withdraw",
    officerPage(edge, async (visit, { params }) => withdrawalPage(visit, await oursOnly(visit, edge, idOf(params)))),
  );
  app.post(
    "/officers/:id/withdraw",
    officerPage(edge, async (visit, { params }) => {
      const { id } = await oursOnly(visit, edge, idOf(params));
      await store.transaction((tx) => withdrawOfficer(tx, id, actingOf(visit)));
      return { to: "/officers?done=withdrawn" };
    }),
  );
}
