// The sheet of a token.

import type { FastifyInstance } from "fastify";
import { officerPage } from "../edge/answering.ts";
import { serialOf } from "../edge/record-id.ts";
import { type Edge, scopeOf } from "../edge/visit.ts";
import { tokenPage } from "./token-page.ts";
import { tokenRecord } from "./token-record.ts";

export function addTokenRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/tokens/:serial",
    officerPage(edge, async (visit, { params }) =>
      tokenPage(visit, await tokenRecord(edge.store.db, serialOf(params), scopeOf(visit, "search"))),
    ),
  );
}
