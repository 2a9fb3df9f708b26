// The audit trail, for auditors.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { newestHead } from "../../audit/audit-heads.ts";
import { type AuditReport, verifyAuditTrail } from "../../audit/audit-verification.ts";
import { spendTry } from "../../registration/limits.ts";
import { officerPage } from "../edge/answering.ts";
import { readForm, says } from "../edge/form.ts";
import { pageNumber } from "../edge/page-number.ts";
import { timeZoneOf } from "../edge/time-zone.ts";
import { type Edge, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { auditTrailPage } from "./audit-page.ts";
import { auditPage } from "./audit-records.ts";

const DAY_MS = 86_400_000;
/** The whole trail is read each time. */
const VERIFICATIONS = { count: 20, windowMs: 10 * 60_000 };

const day = z
  .string(says("unreadable"))
  .trim()
  .default("")
  .refine((text) => text === "" || z.iso.date().safeParse(text).success, says("not-a-day"))
  .transform((text) => (text === "" ? null : new Date(`${text}T00:00:00Z`)));

const FILTER = z.object({
  q: z.string(says("unreadable")).max(100, says("too-long")).default(""),
  from: day,
  until: day,
  page: pageNumber,
});

async function show({ store: { db } }: Edge, visit: OfficerVisit, query: unknown, report: AuditReport | null) {
  const scope = scopeOf(visit, "audit");
  const { data, form } = readForm(FILTER, query);
  const { q = "", from = null, until = null, page = 1 } = data ?? {};
  const filter = { text: q, from, until: until && new Date(until.getTime() + DAY_MS), page };
  const events = data === null ? null : await auditPage(db, filter, scope);
  const lastHead = await newestHead(db);
  return auditTrailPage(visit, { form, page, events, timeZone: await timeZoneOf(db, scope), report, lastHeadAt: lastHead?.at ?? null });
}

export function addAuditRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/audit",
    officerPage(edge, (visit, { query }) => show(edge, visit, query, null)),
  );
  // For whoever reloads the result, or asks for it in the other language.
  app.get(
    "/audit/verify",
    officerPage(edge, () => ({ to: "/audit" })),
  );
  app.post(
    "/audit/verify",
    officerPage(edge, async (visit) => {
      scopeOf(visit, "audit");
      await spendTry(edge.store, [{ subject: `audit verification by ${visit.session.officer.id}`, ...VERIFICATIONS }], visit.now);
      const file = edge.headFile?.read();
      const report = await verifyAuditTrail(edge.store.db, edge.auditKey, { now: visit.now, ...(file !== undefined && { file }) });
      return show(edge, { ...visit, path: "/audit" }, {}, report);
    }),
  );
}
