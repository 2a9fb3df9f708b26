// Appointments for applicants: booked, changed, given up. Only the session of the dossier's own mailbox does.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { bookCheck, cancelBooking } from "../../identity/booking.ts";
import { checksOfDossier, freeSlots } from "../../identity/identity-records.ts";
import { OPEN_CHECKS } from "../../identity/identity-states.ts";
import { ownDossier } from "../application/application-records.ts";
import { accountPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import type { AccountVisit, Answer, Edge } from "../edge/visit.ts";
import { refusalText } from "../identity/identity-fields.ts";
import { type AppointmentFacts, appointmentPage } from "./appointment-page.ts";

const SLOT = z.object({ slot: z.uuid(says("choose")) });

async function factsOf({ store: { db } }: Edge, visit: AccountVisit, params: unknown): Promise<AppointmentFacts> {
  const own = await ownDossier(db, idOf(params), visit);
  const checks = await checksOfDossier(db, own.dossier.id);
  const open = checks.find(({ check }) => OPEN_CHECKS.some((state) => state === check.state)) ?? null;
  return { ...own, open, free: await freeSlots(db, own.dossier.officeId, visit.now) };
}

async function show(edge: Edge, visit: AccountVisit, params: unknown, form: FormState, refusal: string | null): Promise<Answer> {
  return appointmentPage(visit, form, await factsOf(edge, visit, params), { done: null, refusal });
}

export function addAppointmentRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/my/dossiers/:id/appointment",
    accountPage(edge, async (visit, { params, query }) => {
      const { done } = query as { readonly done?: unknown };
      const told = { done: typeof done === "string" ? done : null, refusal: null };
      return appointmentPage(visit, new FormState(), await factsOf(edge, visit, params), told);
    }),
  );
  app.post(
    "/my/dossiers/:id/appointment",
    accountPage(edge, async (visit, { params, body }) => {
      const { data, form } = readForm(SLOT, body);
      if (data === null) return show(edge, visit, params, form, visit.texts.problems.choose);
      try {
        await bookCheck(edge, { dossierId: idOf(params), accountId: visit.account.id, slotId: data.slot });
      } catch (error) {
        return show(edge, visit, params, form, refusalText(error, visit));
      }
      return { to: `/my/dossiers/${idOf(params)}/appointment?done=booked` };
    }),
  );
  app.post(
    "/my/dossiers/:id/appointment/cancel",
    accountPage(edge, async (visit, { params }) => {
      try {
        await cancelBooking(edge, { dossierId: idOf(params), accountId: visit.account.id });
      } catch (error) {
        return show(edge, visit, params, new FormState(), refusalText(error, visit));
      }
      return { to: `/my/dossiers/${idOf(params)}/appointment?done=cancelled` };
    }),
  );
}
