// The codes by which officers enrol a token, for administrators: another one for somebody who was invited, is active or was withdrawn. A code stands
// on the page that answers the form which made it, and, since that page has no address, on the same page in the other language.

import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { z } from "zod";
import { invitationMail } from "../../mail/invitation-mail.ts";
import { holdLink, type Invitation, OfficerError, officer, reinstateOfficer, renewInvitation } from "../../registration/officers.ts";
import { NotPermittedError } from "../../registration/roles.ts";
import { StateError } from "../../states/state-table.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, actingOf, type Edge, NothingThereError, type OfficerVisit, type PageAnswer, scopeOf } from "../edge/visit.ts";
import { type ListedOfficer, listOfficers } from "./officer-records.ts";
import { codePage, newCodePage } from "./officers-pages.ts";

/** `state`: what the page said of the officer. */
const STATE = z.enum(["invited", "active", "withdrawn"], says("unreadable"));
const ORDER = z.union([
  z.object({ state: z.literal("active"), token: z.enum(["held", "lost"], says("choose")) }),
  z.object({ state: z.enum(["invited", "withdrawn"]) }),
]);
const ACTIVE_ORDER = z.object({ state: STATE, token: z.enum(["held", "lost"], says("choose")) });
const SHOWN = z.object({
  code: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  of: z.enum(["invitation", "renewal"]),
  sent: z.literal("yes").optional(),
});

/** @throws NothingThereError; NotPermittedError: other offices have to do with them, too */
export async function oursOnly(visit: OfficerVisit, { store: { db } }: Edge, id: string): Promise<ListedOfficer> {
  const [officer] = await listOfficers(db, scopeOf(visit, "officers"), id);
  if (officer === undefined) throw new NothingThereError();
  if (!officer.isOurs) throw new NotPermittedError("officers");
  return officer;
}

/** Once the code is on record: when no mail leaves, the page shows it all the same. @returns to whom; null: none has left */
async function mailCode(
  { store, mailer, publicUrl }: Edge,
  { officerId, link: code }: Invitation,
  isRenewal: boolean,
  log: FastifyBaseLogger,
): Promise<string | null> {
  if (mailer === null) return null;
  const { email, name, language } = await officer(store.db, officerId);
  try {
    await mailer.send(invitationMail({ email, name, language, publicUrl, code, isRenewal }));
    return email;
  } catch (error) {
    log.error({ err: error }, "an invitation was not mailed");
    return null;
  }
}

export async function showCode(
  visit: OfficerVisit,
  edge: Edge,
  invitation: Invitation,
  isInvitation: boolean,
  log: FastifyBaseLogger,
): Promise<PageAnswer> {
  const { officerId, link: code } = invitation;
  const sentTo = await mailCode(edge, invitation, !isInvitation, log);
  return codePage(visit, { officerId, code, isInvitation, sentTo }, edge.publicUrl);
}

type Order = z.infer<typeof ORDER>;

/** @throws StateError: they are not any more what the page said */
function newCode(visit: OfficerVisit, { store }: Edge, { id, state }: ListedOfficer, order: Order): Promise<Invitation> {
  if (order.state !== state) throw new StateError("officer", state, "renew");
  const acting = actingOf(visit);
  return store.transaction((tx) =>
    order.state === "withdrawn"
      ? reinstateOfficer(tx, id, acting)
      : renewInvitation(tx, id, order.state === "active" && order.token === "lost", acting),
  );
}

export function addCodeRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/officers/:id/code",
    officerPage(edge, async (visit, { params }) => newCodePage(visit, new FormState(), await oursOnly(visit, edge, idOf(params)))),
  );
  app.post(
    "/officers/:id/code",
    officerPage(edge, async (visit, { params, body, log }): Promise<Answer> => {
      const officer = await oursOnly(visit, edge, idOf(params));
      const { data } = readForm(ORDER, body);
      if (data === null) return newCodePage(visit, readForm(ACTIVE_ORDER, body).form, officer);
      return showCode(visit, edge, await newCode(visit, edge, officer, data), false, log);
    }),
  );
  app.post(
    "/officers/:id/code/shown",
    officerPage(edge, async (visit, { params, body }) => {
      const { id, email } = await oursOnly(visit, edge, idOf(params));
      const { data } = readForm(SHOWN, body);
      if (data === null) throw new OfficerError("link-unknown");
      const { code, of, sent } = data;
      const officerId = await edge.store.transaction((tx) => holdLink(tx, code, "enrol", visit.now));
      if (officerId !== id) throw new OfficerError("link-unknown");
      return codePage(
        visit,
        { officerId, code, isInvitation: of === "invitation", sentTo: sent === undefined ? null : email },
        edge.publicUrl,
      );
    }),
  );
}
