// The help page and the documents, for everybody.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { readSettings } from "../../settings/settings.ts";
import { DOCUMENT_NAMES } from "../../settings/settings-schema.ts";
import { publicPage } from "../edge/answering.ts";
import { type Edge, NothingThereError } from "../edge/visit.ts";
import { documentPage, helpPage } from "./help-page.ts";

const NAME = z.object({ name: z.enum(DOCUMENT_NAMES) });

export function addHelpRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/help",
    publicPage(edge, async (visit) => helpPage(visit, await readSettings(edge.store.db), edge.publicUrl)),
  );
  app.get(
    "/help/:name",
    publicPage(edge, async (visit, { params }) => {
      const result = NAME.safeParse(params);
      if (!result.success) throw new NothingThereError();
      const { name } = result.data;
      return documentPage(visit, name, (await readSettings(edge.store.db)).consents[name]);
    }),
  );
}
