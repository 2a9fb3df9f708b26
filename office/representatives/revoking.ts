// A legal representative revokes for the organisation (S6, S43): one of its own certificates, by the office's own function; holder and representative
// are told.

import { eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import type { Revocation, RevocationOrder } from "../issuance/revocation.ts";
import { REVOCATION_REASONS, type RevocationReason } from "../issuance/revocation-reasons.ts";
import { queueMail } from "../mail/outbox.ts";
import { certificateRevokedMail } from "../mail/templates/certificate-revoked.ts";
import { offices, organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { AccessError } from "./access-error.ts";
import { type OrganisationCertificate, organisationCertificate } from "./organisation-certificates.ts";
import { actorOf, type Representative } from "./representative.ts";
import { holdOpenSession } from "./representative-sessions.ts";

export interface CertificateRevoking {
  /**
   * In a transaction of the caller's. One that is revoked already stays as it is, and `isNew` is false.
   * @throws StateError it is expired; CaKeyError
   */
  revokeIn(tx: Database, certificateId: string, order: RevocationOrder, now: Date): Promise<Revocation>;
}

export interface RepresentativesRevocation {
  /** From the cookie. */
  readonly secret: string;
  readonly certificateId: string;
  readonly reason: RevocationReason;
}

async function tell(
  tx: Database,
  { sealing, publicUrl }: ApplicationDesk,
  representative: Representative,
  { certificate, person }: OrganisationCertificate,
  { revokedAt }: Revocation,
  reason: RevocationReason,
): Promise<void> {
  const [place] = await tx
    .select({ organisation: organisations.name, timeZone: offices.timeZone })
    .from(organisations)
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .where(eq(organisations.id, representative.organisationId));
  if (place === undefined) throw new Error("a representative without an organisation");
  const holder = `${person.givenName} ${person.surname}`;
  const send = async (language: string, to: string, name: string, isHolder: boolean): Promise<void> => {
    const text = REVOCATION_REASONS[reason][language === "fr" ? "fr" : "en"];
    const { serialNumber } = certificate;
    const facts = {
      ...place,
      to,
      publicUrl,
      name,
      isHolder,
      holder,
      representative: representative.name,
      serialNumber,
      revokedAt,
      reason: text,
    };
    await queueMail(tx, sealing, "certificate-revoked", certificateRevokedMail(language, facts), revokedAt);
  };
  await send(person.language, person.email, holder, true);
  if (person.email !== representative.email) await send(representative.language, representative.email, representative.name, false);
}

/**
 * Twice is done once: nobody is told again.
 * @throws AccessError session, unknown: no certificate of this organisation; StateError it is expired; CaKeyError
 */
export function revokeForOrganisation(
  desk: ApplicationDesk & { readonly revoking: CertificateRevoking },
  { secret, certificateId, reason }: RepresentativesRevocation,
): Promise<{ readonly isNew: boolean }> {
  return desk.store.transaction(async (tx) => {
    const now = desk.clock.now();
    const { representative } = await holdOpenSession(tx, secret, "revoke", now);
    const { organisationId } = representative;
    const found = await organisationCertificate(tx, organisationId, certificateId);
    if (found === null) throw new AccessError("unknown");
    const order = { reason, channel: "legal", officerId: null, actor: actorOf(organisationId) } as const;
    const revocation = await desk.revoking.revokeIn(tx, certificateId, order, now);
    if (revocation.isNew) await tell(tx, desk, representative, found, revocation, reason);
    return { isNew: revocation.isNew };
  });
}
