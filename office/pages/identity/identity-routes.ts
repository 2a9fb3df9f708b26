// A verifier's day and the appointments that they offer.

import { asc, inArray } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import { checksBetween, offeredSlots, unfinishedChecks } from "../../identity/identity-records.ts";
import { offerSlots, withdrawSlot } from "../../identity/slots.ts";
import { zonedDay, zonedTime } from "../../identity/zoned-time.ts";
import { DAY_MS } from "../../issuance/clock.ts";
import { requirePermission } from "../../registration/officers.ts";
import { offices } from "../../store/schema.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { timeZoneOf } from "../edge/time-zone.ts";
import { type Answer, type Edge, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { addCheckRoutes } from "./check-routes.ts";
import { type Day, dayPage } from "./day-page.ts";
import { refusalText } from "./identity-fields.ts";
import { OFFER, type SlotsTold, slotsPage } from "./slots-page.ts";

const shifted = (day: string, days: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** @param asked 2026-12-01; anything else is today */
async function dayOf({ store: { db } }: Edge, visit: OfficerVisit, asked: unknown): Promise<Day> {
  const scope = scopeOf(visit, "identity");
  const timeZone = await timeZoneOf(db, scope);
  const today = zonedDay(visit.now, timeZone);
  const wanted = typeof asked === "string" && /^\d{4}-\d\d-\d\d$/.test(asked) ? asked : today;
  const begin = (day: string): Date | null => zonedTime(day, "00:00", timeZone) ?? zonedTime(day, "01:00", timeZone); // where midnight is skipped
  const day = begin(wanted) === null ? today : wanted;
  const from = begin(day) ?? visit.now;
  const to = begin(shifted(day, 1)) ?? new Date(from.getTime() + DAY_MS);
  const earlier = day === today ? await unfinishedChecks(db, scope, from) : [];
  return { from, previous: shifted(day, -1), next: shifted(day, 1), timeZone, checks: await checksBetween(db, scope, from, to), earlier };
}

async function showSlots({ store: { db } }: Edge, visit: OfficerVisit, form: FormState, told: SlotsTold): Promise<Answer> {
  const scope = scopeOf(visit, "identity");
  const own = await db
    .select({ id: offices.id, name: offices.name })
    .from(offices)
    .where(inArray(offices.id, scope))
    .orderBy(asc(offices.createdAt), asc(offices.id));
  const slots = await offeredSlots(db, visit.session.officer.id, visit.now);
  return slotsPage(visit, form, { timeZone: await timeZoneOf(db, scope), offices: own, slots }, told);
}

const NOTHING_TOLD: SlotsTold = { notice: null, refusal: null };

function toldBy(visit: OfficerVisit, query: unknown): SlotsTold {
  const { offered, done } = query as Readonly<Record<string, unknown>>;
  const count = typeof offered === "string" && /^\d{1,2}$/.test(offered) ? Number(offered) : null;
  const { checks } = visit.texts;
  if (count !== null) return { ...NOTHING_TOLD, notice: checks.offered(count) };
  return done === "withdrawn" ? { ...NOTHING_TOLD, notice: checks.withdrawn } : NOTHING_TOLD;
}

async function offer(edge: Edge, visit: OfficerVisit, body: unknown): Promise<Answer> {
  scopeOf(visit, "identity");
  const { data, form } = readForm(OFFER, body);
  if (data === null) return showSlots(edge, visit, form, NOTHING_TOLD);
  const { office, minutes, ...hours } = data;
  const { officer } = visit.session;
  requirePermission(officer, "identity", office);
  try {
    const count = await offerSlots(edge, { ...hours, officeId: office, officerId: officer.id, everyMinutes: minutes });
    return { to: `/identity/slots?offered=${count}` };
  } catch (error) {
    return showSlots(edge, visit, form, { notice: null, refusal: refusalText(error, visit) });
  }
}

export function addIdentityRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/identity",
    officerPage(edge, async (visit, { query }) => {
      const { day, done } = query as Readonly<Record<string, unknown>>;
      return dayPage(visit, await dayOf(edge, visit, day), typeof done === "string" ? done : null);
    }),
  );
  app.get(
    "/identity/slots",
    officerPage(edge, (visit, { query }) => showSlots(edge, visit, new FormState(), toldBy(visit, query))),
  );
  app.post(
    "/identity/slots",
    officerPage(edge, (visit, { body }) => offer(edge, visit, body)),
  );
  app.post(
    "/identity/slots/:id/withdraw",
    officerPage(edge, async (visit, { params }) => {
      scopeOf(visit, "identity");
      try {
        await withdrawSlot(edge, idOf(params), visit.session.officer.id);
      } catch (error) {
        return showSlots(edge, visit, new FormState(), { notice: null, refusal: refusalText(error, visit) });
      }
      return { to: "/identity/slots?done=withdrawn" };
    }),
  );
  addCheckRoutes(app, edge);
}
