// Addresses of token secrets and their release.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  askRelease,
  decideRelease,
  MAX_REASON_CHARACTERS,
  MIN_REASON_CHARACTERS,
  SecretReleaseError,
  secretsKept,
  showRelease,
} from "../../activation/secret-release.ts";
import { requirePermission } from "../../registration/officers.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { idOf, serialOf } from "../edge/record-id.ts";
import { type Answer, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { tokenRecord } from "../token/token-record.ts";
import { askPage, type Done, releaseAddress, releasePage, releasesPage, shownPage } from "./secret-pages.ts";
import { type ReleaseRecord, releaseRecord, releaseRecords } from "./secret-records.ts";

const REASON = z.object({
  reason: z
    .string(says("required"))
    .max(MAX_REASON_CHARACTERS, says("too-long"))
    .refine((text) => text.trim() !== "", says("required"))
    .refine((text) => text.trim() === "" || text.trim().length >= MIN_REASON_CHARACTERS, says("reason-short")),
});
const DONE: readonly Done[] = ["ask", "agree", "refuse"];

/** What a refusal says. @throws whatever is none */
function refusalText({ texts }: OfficerVisit, error: unknown): string {
  if (!(error instanceof SecretReleaseError)) throw error;
  return texts.tokenSecrets.refusals[error.refusal];
}

export function addTokenSecretRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  const recordOf = (visit: OfficerVisit, params: unknown): Promise<ReleaseRecord> =>
    releaseRecord(store.db, idOf(params), scopeOf(visit, "secrets"), visit.now);

  /** The token, when this officer may ask for its secrets. @throws NothingThereError, NotPermittedError */
  async function tokenOf(visit: OfficerVisit, params: unknown): Promise<string> {
    const { token, office } = await tokenRecord(store.db, serialOf(params), scopeOf(visit, "search"));
    requirePermission(visit.session.officer, "secrets", office.id);
    return token.serial;
  }

  /** The sheet again, with what was against it. */
  async function tried(visit: OfficerVisit, params: unknown, work: () => Promise<Answer>): Promise<Answer> {
    await recordOf(visit, params);
    try {
      return await work();
    } catch (error) {
      const text = refusalText(visit, error);
      return releasePage(visit, await recordOf(visit, params), null, text);
    }
  }

  app.get(
    "/tokens/:serial/secrets",
    officerPage(edge, async (visit, { params }) => {
      const serial = await tokenOf(visit, params);
      const { refusals } = visit.texts.tokenSecrets;
      const kept = await secretsKept(store.db, serial);
      const refusal = kept === "kept" ? null : refusals[kept === "none" ? "no-secrets" : "released"];
      return askPage(visit, serial, new FormState(), refusal);
    }),
  );
  app.post(
    "/tokens/:serial/secrets",
    officerPage(edge, async (visit, { params, body }) => {
      const serial = await tokenOf(visit, params);
      const { data, form } = readForm(REASON, body);
      if (data === null) return askPage(visit, serial, form);
      try {
        return { to: `${releaseAddress(await askRelease(edge, serial, data.reason, visit.session.officer))}?done=ask` };
      } catch (error) {
        return askPage(visit, serial, form, refusalText(visit, error));
      }
    }),
  );
  app.get(
    "/token-secrets",
    officerPage(edge, async (visit) => releasesPage(visit, await releaseRecords(store.db, scopeOf(visit, "secrets"), visit.now))),
  );
  app.get(
    "/token-secrets/:id",
    officerPage(edge, async (visit, { params, query }) => {
      const { done } = query as { readonly done?: unknown };
      return releasePage(visit, await recordOf(visit, params), DONE.find((known) => known === done) ?? null);
    }),
  );
  // What the link to the other language leads to: they were shown.
  app.get(
    "/token-secrets/:id/show",
    officerPage(edge, async (visit, { params }) => ({ to: releaseAddress((await recordOf(visit, params)).release.id) })),
  );
  app.post(
    "/token-secrets/:id/show",
    officerPage(edge, (visit, { params }) =>
      tried(visit, params, async () => {
        const { release } = await recordOf(visit, params);
        return shownPage(visit, release.tokenSerial, await showRelease(edge, release.id, visit.session.officer));
      }),
    ),
  );
  app.post(
    "/token-secrets/:id/:decision",
    officerPage(edge, (visit, { params }) => {
      const { decision } = params as { readonly decision: string };
      if (decision !== "agree" && decision !== "refuse") throw new NothingThereError();
      return tried(visit, params, async () => {
        const id = idOf(params);
        await decideRelease(edge, id, decision, visit.session.officer);
        return { to: `${releaseAddress(id)}?done=${decision}` };
      });
    }),
  );
}
