// An officer with an open session, for tests of pages: made as if they had signed in.

import { generateKeyPairSync } from "node:crypto";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { enrolOfficer, inviteOfficer } from "../../office/registration/officers.ts";
import { addPerson } from "../../office/registration/organisations.ts";
import type { Role } from "../../office/registration/roles.ts";
import { newSecret } from "../../office/registration/secret.ts";
import { officerSessions } from "../../office/store/schema.ts";
import type { Store } from "../../office/store/store.ts";

export interface OfficerCookie {
  /** The header's value, on http. */
  readonly cookie: string;
  /** Of the field «csrf». */
  readonly csrf: string;
}

const SESSION_MS = 10 * 3_600_000;

export async function officerCookie({ db }: Store, officerId: string, now: Date): Promise<OfficerCookie> {
  const { text, digest } = newSecret();
  await db
    .insert(officerSessions)
    .values({ digest, officerId, createdAt: now, lastUsedAt: now, expiresAt: new Date(now.getTime() + SESSION_MS) });
  return { cookie: `sceau-session=${text}`, csrf: csrfToken(text) };
}

export interface NewOfficer {
  readonly officeId: string;
  readonly organisationId: string;
  readonly roles: readonly Role[];
  /** Of the person: nobody else's in the organisation; the mailbox is made of it, too. */
  readonly number: string;
  readonly givenName?: string;
  readonly surname?: string;
}

const publicKey = (): Uint8Array =>
  new Uint8Array(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" }));

/** Invited and enrolled with a key that nobody has. @returns the officer's id */
export function enrolledOfficer(store: Store, order: NewOfficer, now: Date): Promise<string> {
  const { officeId, organisationId, roles, number, givenName = "Anne", surname = `Agent ${number}` } = order;
  const who = { givenName, surname, email: `${number}@office.example`, language: "fr" as const, number };
  return store.transaction(async (tx) => {
    const acting = { actor: "system", now };
    const personId = await addPerson(tx, { ...who, organisationId }, acting);
    const assignments = roles.map((role) => ({ officeId, role }));
    const { officerId } = await inviteOfficer(tx, personId, assignments, acting);
    await enrolOfficer(tx, officerId, publicKey(), acting);
    return officerId;
  });
}
