// What `sceau office officer …` asks of the running server: who the officers are, inviting, another code, reinstating, withdrawing.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { type Invited, invitationMail } from "../mail/invitation-mail.ts";
import type { Mailer } from "../mail/mail.ts";
import { type Acting, type Invitation, officer, reinstateOfficer, renewInvitation, withdrawOfficer } from "../registration/officers.ts";
import { ROLES } from "../registration/roles.ts";
import type { Database } from "../store/store.ts";
import type { InvitationAnswer } from "./admin-protocol.ts";
import { inviteByAdmin, listOfficers } from "./admin-records.ts";

export interface OfficersOptions {
  readonly desk: IssuanceDesk;
  readonly publicUrl: string;
  readonly mailer: Mailer;
  /** For the log. */
  failed(error: unknown, what: string): void;
}

/** Whoever is at the machine as the office's user. */
const ACTOR = "system";
const name = z.string().trim().min(1).max(64);
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

export function addOfficers(app: FastifyInstance, { desk, publicUrl, mailer, failed }: OfficersOptions): void {
  const { store, clock } = desk;
  const acting = (): Acting => ({ actor: ACTOR, now: clock.now() });

  /** The code is on record: when no mail can be written, it is told all the same. */
  async function answer(officerId: string, invited: Omit<Invited, "publicUrl">): Promise<InvitationAnswer> {
    const { code, email } = invited;
    try {
      await mailer.send(invitationMail({ ...invited, publicUrl }));
      return { officerId, publicUrl, code, email, isMailed: true };
    } catch (error) {
      failed(error, "an invitation was not mailed");
      return { officerId, publicUrl, code, email, isMailed: false };
    }
  }

  async function another(params: unknown, make: (tx: Database, id: string) => Promise<Invitation>): Promise<InvitationAnswer> {
    const { id } = OFFICER.parse(params);
    const { link: code } = await store.transaction((tx) => make(tx, id));
    return answer(id, { ...(await officer(store.db, id)), code, isRenewal: true });
  }

  app.get("/officers", () => listOfficers(store.db));
  app.post("/officers", async ({ body }) => {
    const request = INVITATION.parse(body);
    const { officerId, link: code, name } = await store.transaction((tx) => inviteByAdmin(tx, request, acting()));
    const { email, language } = request;
    return answer(officerId, { email, language, name, code });
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
