// What the tables say of certificates, now: asked anew for every response.

import { and, eq, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import { certificates, responderCertificates, revocations, unknownRevocations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { CertStatus } from "./ocsp-response.ts";

export interface KnownStatus {
  readonly status: CertStatus;
  readonly notAfter: Date;
}

/**
 * @param serialNumbers hexadecimal, lower case
 * @returns by serial number; one that was never issued is missing
 */
export type StatusReader = (issuerId: string, serialNumbers: readonly string[]) => Promise<ReadonlyMap<string, KnownStatus>>;

const ISSUER = sql.placeholder("issuerId");
const SERIAL_NUMBERS = sql.placeholder("serialNumbers");

/** One query, prepared once. Responders' certificates are among an issuer's, too. */
export function statusReader(db: Database): StatusReader {
  const ofPeople = db
    .select({
      serialNumber: certificates.serialNumber,
      notAfter: certificates.notAfter,
      revokedAt: revocations.revokedAt,
      reasonCode: revocations.reasonCode,
    })
    .from(certificates)
    .leftJoin(revocations, eq(revocations.certificateId, certificates.id))
    .where(and(eq(certificates.issuerId, ISSUER), sql`${certificates.serialNumber} = any(${SERIAL_NUMBERS})`));
  const ofResponders = db
    .select({
      serialNumber: responderCertificates.serialNumber,
      notAfter: responderCertificates.notAfter,
      revokedAt: sql<Date | null>`null::timestamptz`,
      reasonCode: sql<number | null>`null::integer`,
    })
    .from(responderCertificates)
    .where(and(eq(responderCertificates.issuerId, ISSUER), sql`${responderCertificates.serialNumber} = any(${SERIAL_NUMBERS})`));
  // Issued after a backup that the office was restored from: when they end is not known, so late.
  const ofNobody = db
    .select({
      serialNumber: unknownRevocations.serialNumber,
      notAfter: sql<Date>`timestamptz '9999-12-31 23:59:59Z'`.mapWith(certificates.notAfter),
      revokedAt: unknownRevocations.revokedAt,
      reasonCode: unknownRevocations.reasonCode,
    })
    .from(unknownRevocations)
    .where(and(eq(unknownRevocations.issuerId, ISSUER), sql`${unknownRevocations.serialNumber} = any(${SERIAL_NUMBERS})`));
  const query = unionAll(ofPeople, ofResponders, ofNobody).prepare("ocsp_statuses");
  return async (issuerId, serialNumbers) => {
    const rows = await query.execute({ issuerId, serialNumbers: [...serialNumbers] });
    const found = new Map<string, KnownStatus>();
    for (const { serialNumber, notAfter, revokedAt, reasonCode } of rows) {
      if (revokedAt !== null) found.set(serialNumber, { notAfter, status: { kind: "revoked", revokedAt, reasonCode: reasonCode ?? 0 } });
      // A list that was restored may revoke what a table has as good: the list says so, and so does this.
      else if (!found.has(serialNumber)) found.set(serialNumber, { notAfter, status: { kind: "good" } });
    }
    return found;
  };
}
