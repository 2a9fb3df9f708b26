// The codes by which officers enrol a token, for administrators: another one for somebody who was invited, is active or was withdrawn. A code goes to
// its officer by mail; or it stands on the page that answers the form which made it, and, since that page has no address, on the same page in the
// other language.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type HandoverOrder, handOver, seenBy } from "../../enrolment/code-handover.ts";
import { holdLink, type Invitation, OfficerError, reinstateOfficer, renewInvitation } from "../../registration/officers.ts";
import { NotPermittedError } from "../../registration/roles.ts";
import { StateError } from "../../states/state-table.ts";
import type { Database } from "../../store/store.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { HANDOVER } from "./invitation-form.ts";
import { type ListedOfficer, listOfficers } from "./officer-records.ts";
import { codePage, newCodePage } from "./officers-pages.ts";

/** `state`: what the page said of the officer. */
const STATE = z.enum(["invited", "active", "withdrawn"], says("unreadable"));
const TOKEN = z.enum(["held", "lost"], says("choose"));
const ORDER = z.union([
  z.object({ state: z.literal("active"), token: TOKEN, handover: HANDOVER }),
  z.object({ state: z.enum(["invited", "withdrawn"]), handover: HANDOVER }),
]);
const ACTIVE_ORDER = z.object({ state: STATE, token: TOKEN, handover: HANDOVER });
const SHOWN = z.object({
  code: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  of: z.enum(["invitation", "renewal"]),
});

/** @throws NothingThereError; NotPermittedError: other offices have to do with them, too */
export async function oursOnly(visit: OfficerVisit, { store: { db } }: Edge, id: string): Promise<ListedOfficer> {
  const [officer] = await listOfficers(db, scopeOf(visit, "officers"), id);
  if (officer === undefined) throw new NothingThereError();
  if (!officer.isOurs) throw new NotPermittedError("officers");
  return officer;
}

/**
 * Makes a code and hands it over, in one transaction.
 * @param make is given the officer who is shown the code, or null
 */
export async function makeCode(
  visit: OfficerVisit,
  edge: Edge,
  order: Pick<HandoverOrder, "handover" | "isRenewal">,
  make: (tx: Database, seenBy: string | null) => Promise<Invitation>,
): Promise<Answer> {
  const { id, name } = visit.session.officer;
  const whole: HandoverOrder = { ...order, by: { id, name } };
  const invitation = await edge.store.transaction(async (tx) => {
    const made = await make(tx, seenBy(whole));
    await handOver(tx, edge, made, whole, visit.now);
    return made;
  });
  if (order.handover === "mail") return { to: `/officers?done=${order.isRenewal ? "mailed" : "invited"}` };
  return codePage(visit, { officerId: invitation.officerId, code: invitation.link, isInvitation: !order.isRenewal }, edge.publicUrl);
}

type Order = z.infer<typeof ORDER>;

/** @throws StateError: they are not any more what the page said */
function newCode(visit: OfficerVisit, edge: Edge, { id, state }: ListedOfficer, order: Order): Promise<Answer> {
  if (order.state !== state) throw new StateError("officer", state, "renew");
  const acting = actingOf(visit);
  return makeCode(visit, edge, { handover: order.handover, isRenewal: true }, (tx, seen) =>
    order.state === "withdrawn"
      ? reinstateOfficer(tx, id, acting, seen)
      : renewInvitation(tx, id, order.state === "active" && order.token === "lost", acting, seen),
  );
}

export function addCodeRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/officers/:id/code",
    officerPage(edge, async (visit, { params }) =>
      newCodePage(visit, new FormState({ handover: "mail" }), await oursOnly(visit, edge, idOf(params))),
    ),
  );
  app.post(
    "/officers/:id/code",
    officerPage(edge, async (visit, { params, body }): Promise<Answer> => {
      const officer = await oursOnly(visit, edge, idOf(params));
      const { data } = readForm(ORDER, body);
      if (data === null) return newCodePage(visit, readForm(ACTIVE_ORDER, body).form, officer);
      return newCode(visit, edge, officer, data);
    }),
  );
  app.post(
    "/officers/:id/code/shown",
    officerPage(edge, async (visit, { params, body }) => {
      const { id } = await oursOnly(visit, edge, idOf(params));
      const { data } = readForm(SHOWN, body);
      if (data === null) throw new OfficerError("link-unknown");
      const { code, of } = data;
      const officerId = await edge.store.transaction((tx) => holdLink(tx, code, "enrol", visit.now));
      if (officerId !== id) throw new OfficerError("link-unknown");
      return codePage(visit, { officerId, code, isInvitation: of === "invitation" }, edge.publicUrl);
    }),
  );
}
