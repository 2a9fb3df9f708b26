// My sessions: which are open, and ending them.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { IDLE_MS } from "../../registration/sign-in.ts";
import { officerPage } from "../edge/answering.ts";
import { timeZoneOf } from "../edge/time-zone.ts";
import { actingOf, type Edge, NothingThereError, type OfficerVisit, type PageAnswer } from "../edge/visit.ts";
import { csrfField } from "../frame/frame.ts";
import { notice, time } from "../frame/parts.ts";
import { endSession, type OwnSession, ownSessions } from "./session-records.ts";

const SESSION = z.object({ session: z.string().regex(/^[0-9a-f]{32}$/) });

function sessionsPage(visit: OfficerVisit, sessions: readonly OwnSession[], timeZone: string, isDone: boolean): PageAnswer {
  const { sessions: texts } = visit.texts;
  const moment = (at: Date) => html`<span class="nowrap">${time(at, visit, timeZone)}</span>`;
  const rows = sessions.map(({ id, createdAt, lastUsedAt, expiresAt, isThis }) => [
    moment(createdAt),
    moment(lastUsedAt),
    moment(expiresAt),
    isThis
      ? texts.this
      : html`<form method="post" action="/sessions/end">${csrfField(visit)}<input type="hidden" name="session" value="${id}"><button class="quiet">${texts.end}<span class="unseen"> (${time(createdAt, visit, timeZone)})</span></button></form>`,
  ]);
  return {
    title: texts.title,
    body: html`${isDone ? notice(texts.ended) : null}<p>${texts.text}</p>
${table({ caption: texts.title, columns: texts.columns, rows, none: "" })}`,
  };
}

export function addSessionRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/sessions",
    officerPage(edge, async (visit, { query }) => {
      const { officer, secret } = visit.session;
      const sessions = await ownSessions(store.db, officer.id, secret, visit.now, IDLE_MS);
      const zone = await timeZoneOf(
        store.db,
        officer.assignments.map(({ officeId }) => officeId),
      );
      return sessionsPage(visit, sessions, zone, (query as Record<string, unknown>)["done"] === "ended");
    }),
  );
  app.post(
    "/sessions/end",
    officerPage(edge, async (visit, { body }) => {
      const result = SESSION.safeParse(body);
      if (!result.success) throw new NothingThereError();
      await store.transaction((tx) => endSession(tx, visit.session.officer.id, result.data.session, actingOf(visit)));
      return { to: "/sessions?done=ended" };
    }),
  );
}
