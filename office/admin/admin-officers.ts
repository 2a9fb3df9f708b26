// What `sceau office officer …` asks of the running server: who the officers are, inviting, another code, reinstating, withdrawing.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { handOver } from "../enrolment/code-handover.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { type Acting, type Invitation, reinstateOfficer, renewInvitation, withdrawOfficer } from "../registration/officers.ts";
import { ROLES } from "../registration/roles.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { isPlainLine } from "../store/plain-text.ts";
import type { Database } from "../store/store.ts";
import type { InvitationAnswer } from "./admin-protocol.ts";
import { inviteByAdmin, listOfficers } from "./admin-records.ts";

export interface OfficersOptions {
  readonly desk: IssuanceDesk;
  readonly publicUrl: string;
  readonly sealing: Sealing;
}

/** Whoever is at the machine as the office's user. */
const ACTOR = "system";
const name = z.string().trim().min(1).max(64).refine(isPlainLine);
const INVITATION = z.strictObject({
  givenName: name.optional(),
  surname: name.optional(),
  email: z
    .string()
    .trim()
    .min(3)
    .max(255)
    .regex(/^[!-?A-~]+@[!-?A-~]+$/),
  language: z.enum(["fr", "en"]),
  roles: z.array(z.enum(ROLES)).max(ROLES.length),
});
const OFFICER = z.object({ id: z.uuid() });
const RENEWAL = z.strictObject({ isKeyLost: z.boolean() });
const WITHDRAWAL = z.strictObject({ mayBeLast: z.boolean().default(false) });

export function addOfficers(app: FastifyInstance, { desk, publicUrl, sealing }: OfficersOptions): void {
  const { store, clock } = desk;
  const acting = (): Acting => ({ actor: ACTOR, now: clock.now() });

  /** Mailed, and told to whoever is at the machine: the office's own user could read it anyway. */
  function answer(isRenewal: boolean, make: (tx: Database) => Promise<Invitation>): Promise<InvitationAnswer> {
    return store.transaction(async (tx) => {
      const made = await make(tx);
      const order = { handover: "mail", isRenewal, by: null } as const;
      const email = await handOver(tx, { sealing, publicUrl }, made, order, clock.now());
      return { officerId: made.officerId, publicUrl, code: made.link, email };
    });
  }

  const another = (params: unknown, make: (tx: Database, id: string) => Promise<Invitation>): Promise<InvitationAnswer> =>
    answer(true, (tx) => make(tx, OFFICER.parse(params).id));

  app.get("/officers", () => listOfficers(store.db));
  app.post("/officers", ({ body }) => {
    const request = INVITATION.parse(body);
    return answer(false, (tx) => inviteByAdmin(tx, request, acting()));
  });
  app.post("/officers/:id/renew", ({ params, body }) => {
    const { isKeyLost } = RENEWAL.parse(body);
    return another(params, (tx, id) => renewInvitation(tx, id, isKeyLost, acting()));
  });
  app.post("/officers/:id/reinstate", ({ params }) => another(params, (tx, id) => reinstateOfficer(tx, id, acting())));
  app.post("/officers/:id/withdraw", async ({ params, body }) => {
    const { id } = OFFICER.parse(params);
    const { mayBeLast } = WITHDRAWAL.parse(body);
    await store.transaction((tx) => withdrawOfficer(tx, id, acting(), mayBeLast));
    return {};
  });
}
