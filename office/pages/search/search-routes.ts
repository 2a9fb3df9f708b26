// The search.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { officerPage } from "../edge/answering.ts";
import { readForm, says } from "../edge/form.ts";
import { pageNumber } from "../edge/page-number.ts";
import { timeZoneOf } from "../edge/time-zone.ts";
import { type Edge, scopeOf } from "../edge/visit.ts";
import { searchPage } from "./search-page.ts";
import { find, SEARCH_KINDS, type Search } from "./search-records.ts";

const SEARCH = z.object({
  q: z.string(says("unreadable")).max(100, says("too-long")).default(""),
  kind: z.enum(SEARCH_KINDS, says("unreadable")).default("all"),
  page: pageNumber,
});

export function addSearchRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/search",
    officerPage(edge, async (visit, { query }) => {
      const scope = scopeOf(visit, "search");
      const { data, form } = readForm(SEARCH, query);
      const search: Search = { text: data?.q ?? "", kind: data?.kind ?? "all", page: data?.page ?? 1 };
      const isAsked = data !== null && Object.keys(query as object).length > 0;
      const result = isAsked ? await find(edge.store.db, search, scope, visit.now) : null;
      return searchPage(visit, form, search, result, await timeZoneOf(edge.store.db, scope));
    }),
  );
}
