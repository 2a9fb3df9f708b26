// Signing in by the agent on the officer's own computer: the page has a link with a request that works once; the agent asks for the challenge, signs,
// and opens the one-time link.

import { asc } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { newAgentRequest } from "../../activation/agent-requests.ts";
import { spendTry } from "../../registration/limits.ts";
import { offices } from "../../store/schema.ts";
import { handOver } from "../activation/hand-over.ts";
import { publicPage } from "../edge/answering.ts";
import { type Edge, NothingThereError, type PageAnswer, type Visit } from "../edge/visit.ts";
import { byAddress } from "./sign-in-limits.ts";

const SHOWN = z.object({ request: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

function agentPage({ texts }: Visit, { publicUrl }: Edge, requestId: string): PageAnswer {
  return {
    title: texts.signIn.agentTitle,
    body: handOver(texts, publicUrl, requestId, texts.signIn.agentHand),
    again: { action: "/sign-in/agent/shown", fields: { request: requestId } },
  };
}

export function addAgentSignInRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, sealing } = edge;
  app.post(
    "/sign-in/agent",
    publicPage(edge, async (visit, { ip }) => {
      await spendTry(store, [byAddress("challenge", ip)], visit.now);
      const [office] = await store.db
        .select({ name: offices.name })
        .from(offices)
        .orderBy(asc(offices.createdAt), asc(offices.id))
        .limit(1);
      const order = { kind: "sign-in" as const, returnPath: "/", office: office?.name ?? "" };
      return agentPage(visit, edge, await store.transaction((tx) => newAgentRequest(tx, sealing, order, visit.now)));
    }),
  );
  app.post(
    "/sign-in/agent/shown",
    publicPage(edge, (visit, { body }) => {
      const result = SHOWN.safeParse(body);
      if (!result.success) throw new NothingThereError();
      return agentPage(visit, edge, result.data.request);
    }),
  );
}
