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
import { addCodeRoutes, makeCode, oursOnly } from "./code-routes.ts";
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
  { organisation, office, roles, handover: _, ...person }: z.infer<typeof NEW_INVITATION>,
  scope: readonly string[],
  seenBy: string | null,
): Promise<Invitation> {
  const { organisations } = await placesOf(tx, scope);
  if (!organisations.some(({ id }) => id === organisation)) throw new RegistrationError("organisation-not-open");
  const personId = await addPerson(tx, { ...person, organisationId: organisation }, actingOf(visit));
  return inviteOfficer(
    tx,
    personId,
    roles.map((role) => ({ officeId: office, role })),
    actingOf(visit),
    seenBy,
  );
}

type Invited = { readonly answer: Answer } | { readonly form: FormState };

async function invite(visit: OfficerVisit, edge: Edge, body: unknown, personId: string | null, scope: readonly string[]): Promise<Invited> {
  if (personId !== null) {
    const { data, form } = readForm(KNOWN_INVITATION, { ...(body as object), person: personId });
    if (data === null) return { form };
    requirePermission(visit.session.officer, "officers", data.office);
    const roles = data.roles.map((role) => ({ officeId: data.office, role }));
    const order = { handover: data.handover, isRenewal: false };
    return { answer: await makeCode(visit, edge, order, (tx, seen) => inviteOfficer(tx, personId, roles, actingOf(visit), seen)) };
  }
  const { data, form } = readForm(NEW_INVITATION, body);
  if (data === null) return { form };
  requirePermission(visit.session.officer, "officers", data.office);
  try {
    const order = { handover: data.handover, isRenewal: false };
    return { answer: await makeCode(visit, edge, order, (tx, seen) => inviteNew(tx, visit, data, scope, seen)) };
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
      return officersPage(visit, officers, (query as Record<string, unknown>)["done"]);
    }),
  );
  app.get(
    "/officers/invite",
    officerPage(edge, async (visit, { query }) => {
      const scope = scopeOf(visit, "officers");
      return invitationPage(
        visit,
        new FormState({ language: visit.language, handover: "mail" }),
        await placesOf(store.db, scope),
        await candidateOf(edge, query, scope),
      );
    }),
  );
  app.post(
    "/officers/invite",
    officerPage(edge, async (visit, { query, body }): Promise<Answer> => {
      const scope = scopeOf(visit, "officers");
      const person = await candidateOf(edge, query, scope);
      const invited = await invite(visit, edge, body, person?.id ?? null, scope);
      if ("answer" in invited) return invited.answer;
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
