// The settings, for officers with `settings`: they hold for all of the offices of this server.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { changeDocument, changeHelp, changePeriods } from "../../settings/change-settings.ts";
import { documentVersions, readSettings } from "../../settings/settings.ts";
import { DOCUMENT_NAMES } from "../../settings/settings-schema.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { actingOf, type Edge, scopeOf } from "../edge/visit.ts";
import { DOCUMENT_FORM, HELP_FORM, helpFields, PERIODS_FORM } from "./settings-forms.ts";
import { documentSettingsPage, helpSettingsPage, periodsPage, settingsPage } from "./settings-pages.ts";

const DONE = z.object({ done: z.literal("saved") });
/** Two documents in two languages: longer than any other form. */
const LONG = { bodyLimit: 512 * 1024 };
const SAVED = { to: "/settings?done=saved" };

function addHelpSettings(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/settings/help",
    officerPage(edge, async (visit) => {
      scopeOf(visit, "settings");
      return helpSettingsPage(visit, new FormState(helpFields((await readSettings(store.db)).help)));
    }),
  );
  app.post(
    "/settings/help",
    LONG,
    officerPage(edge, async (visit, { body }) => {
      scopeOf(visit, "settings");
      const { data, form } = readForm(HELP_FORM, body);
      if (data === null) return helpSettingsPage(visit, form);
      await changeHelp(store, data, actingOf(visit));
      return SAVED;
    }),
  );
}

function addPeriods(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/settings/periods",
    officerPage(edge, async (visit) => {
      scopeOf(visit, "settings");
      const { evidenceDays, dossierDays, offersQcp } = await readSettings(store.db);
      const fields = { evidenceDays: String(evidenceDays), dossierDays: String(dossierDays), qcp: offersQcp ? "yes" : "no" };
      return periodsPage(visit, new FormState(fields));
    }),
  );
  app.post(
    "/settings/periods",
    officerPage(edge, async (visit, { body }) => {
      scopeOf(visit, "settings");
      const { data, form } = readForm(PERIODS_FORM, body);
      if (data === null) return periodsPage(visit, form);
      await changePeriods(store, data, actingOf(visit));
      return SAVED;
    }),
  );
}

function addDocuments(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  for (const name of DOCUMENT_NAMES) {
    app.get(
      `/settings/${name}`,
      officerPage(edge, async (visit) => {
        scopeOf(visit, "settings");
        const { version, fr, en } = (await readSettings(store.db)).consents[name];
        return documentSettingsPage(visit, name, version, new FormState({ fr, en }));
      }),
    );
    app.post(
      `/settings/${name}`,
      LONG,
      officerPage(edge, async (visit, { body }) => {
        scopeOf(visit, "settings");
        const { data, form } = readForm(DOCUMENT_FORM, body);
        if (data === null) return documentSettingsPage(visit, name, (await readSettings(store.db)).consents[name].version, form);
        await changeDocument(store, name, data, actingOf(visit));
        return SAVED;
      }),
    );
  }
}

export function addSettingsRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/settings",
    officerPage(edge, async (visit, { query }) => {
      scopeOf(visit, "settings");
      const isSaved = DONE.safeParse(query).success;
      return settingsPage(visit, await readSettings(store.db), await documentVersions(store.db), isSaved);
    }),
  );
  addHelpSettings(app, edge);
  addPeriods(app, edge);
  addDocuments(app, edge);
}
