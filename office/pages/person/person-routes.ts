// The sheet of a person.

import type { FastifyInstance } from "fastify";
import { officerPage } from "../edge/answering.ts";
import { idOf } from "../edge/record-id.ts";
import { type Edge, scopeOf } from "../edge/visit.ts";
import { personPage } from "./person-page.ts";
import { personRecord } from "./person-record.ts";

export function addPersonRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/people/:id",
    officerPage(edge, async (visit, { params }) =>
      personPage(visit, await personRecord(edge.store.db, idOf(params), scopeOf(visit, "search"))),
    ),
  );
}
