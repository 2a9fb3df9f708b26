// What a page of the office hands over to the agent on the holder's computer: the page has a link with a request's number, the agent asks the office
// what it is, and is told once. What is told is sealed until then, and destroyed with it.

import { eq } from "drizzle-orm";
import { z } from "zod";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { later } from "../issuance/clock.ts";
import { newSecret, secretDigest } from "../registration/secret.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { agentRequests } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";

export const AGENT_REQUEST_MS = 10 * 60_000;
const NOTHING = new Uint8Array(0);

/** `taken`: somebody has asked for it, and only one is told. */
export type AgentRequestRefusal = "unknown" | "taken" | "expired";

export class AgentRequestError extends Error {
  override readonly name = "AgentRequestError";
  readonly refusal: AgentRequestRefusal;
  constructor(refusal: AgentRequestRefusal) {
    super(`agent request: ${refusal}`);
    this.refusal = refusal;
  }
}

export const AGENT_REQUEST_KINDS = ["activate", "provision", "sign-in"] as const;
export type AgentRequestKind = (typeof AGENT_REQUEST_KINDS)[number];

const TOLD = z.object({
  /** The office's name. */
  office: z.string(),
  /** Of an activation (opening.ts). */
  session: z.string().optional(),
  /** Who it is for. */
  person: z.string().optional(),
});
type Told = z.infer<typeof TOLD>;

export interface AgentRequestOrder extends Told {
  readonly kind: AgentRequestKind;
  /** A path of ours, where the browser goes on; nothing secret in it. */
  readonly returnPath: string;
}

export interface AgentRequest extends AgentRequestOrder {
  readonly expiresAt: Date;
}

const purposeOf = (digest: Uint8Array): string => `agent-request:${Buffer.from(digest).toString("hex")}`;

/** @returns its number, for the link */
export async function newAgentRequest(
  tx: Database,
  sealing: Sealing,
  { kind, returnPath, ...told }: AgentRequestOrder,
  now: Date,
): Promise<string> {
  const { text, digest } = newSecret();
  const sealed = sealing.seal(purposeOf(digest), Buffer.from(JSON.stringify(told)));
  await tx.insert(agentRequests).values({ digest, kind, sealed, returnPath, createdAt: now, expiresAt: later(now, AGENT_REQUEST_MS) });
  return text;
}

/** Once. @throws AgentRequestError */
export function takeAgentRequest({ store, clock, sealing }: ApplicationDesk, id: string): Promise<AgentRequest> {
  const digest = secretDigest(id);
  return store.transaction(async (tx) => {
    const now = clock.now();
    const [row] = await tx.select().from(agentRequests).where(eq(agentRequests.digest, digest)).for("update");
    if (row === undefined) throw new AgentRequestError("unknown");
    if (row.takenAt !== null) throw new AgentRequestError("taken");
    if (row.expiresAt <= now) throw new AgentRequestError("expired");
    const told = TOLD.parse(JSON.parse(Buffer.from(sealing.open(purposeOf(digest), row.sealed)).toString()));
    await tx.update(agentRequests).set({ takenAt: now, sealed: NOTHING }).where(eq(agentRequests.digest, digest));
    return { ...told, kind: row.kind, returnPath: row.returnPath, expiresAt: row.expiresAt };
  });
}
