// A certificate as its sheet shows it: what the store knows, and what the certificate itself says (S44).

import { X509Certificate as NodeCertificate } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import { certificates, issuers, keys, officers, offices, organisations, people, revocations } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { NothingThereError } from "../edge/visit.ts";

const ID_ORGANIZATION = "2.5.4.10";
const ID_ORGANIZATIONAL_UNIT = "2.5.4.11";
const ID_TITLE = "2.5.4.12";

/** Of the certificate's own bytes; null: it does not say. */
export interface CertificateContents {
  readonly organization: string | null;
  readonly organizationalUnit: string | null;
  readonly title: string | null;
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  readonly alternativeNames: readonly string[];
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

export interface RevocationRecord {
  readonly reason: string;
  readonly reasonCode: number;
  readonly channel: string;
  readonly revokedAt: Date;
  /** null: no officer did it. */
  readonly officerName: string | null;
}

export interface CertificateRecord {
  readonly certificate: typeof certificates.$inferSelect;
  readonly contents: CertificateContents;
  readonly person: typeof people.$inferSelect;
  readonly office: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly key: { readonly slot: string; readonly tokenSerial: string };
  readonly issuerName: string;
  readonly revocation: RevocationRecord | null;
}

/** @param der X.509 */
export function contentsOf(der: Uint8Array): CertificateContents {
  const certificate = new X509Certificate(new Uint8Array(der));
  const node = new NodeCertificate(Buffer.from(der));
  const first = (type: string): string | null => certificate.subjectName.getField(type)[0] ?? null;
  return {
    organization: first(ID_ORGANIZATION),
    organizationalUnit: first(ID_ORGANIZATIONAL_UNIT),
    title: first(ID_TITLE),
    subject: certificate.subject,
    issuer: certificate.issuer,
    alternativeNames: (node.subjectAltName ?? "").split(", ").filter((name) => name !== ""),
    fingerprint: node.fingerprint256.replaceAll(":", "").toLowerCase(),
    publicKey: new Uint8Array(node.publicKey.export({ format: "der", type: "spki" })),
  };
}

async function revocationOf(db: Database, certificateId: string): Promise<RevocationRecord | null> {
  const [row] = await db
    .select()
    .from(revocations)
    .leftJoin(officers, eq(officers.id, revocations.officerId))
    .leftJoin(people, eq(people.id, officers.personId))
    .where(eq(revocations.certificateId, certificateId));
  if (row === undefined) return null;
  const { reason, reasonCode, channel, revokedAt } = row.revocations;
  return { reason, reasonCode, channel, revokedAt, officerName: row.people && `${row.people.givenName} ${row.people.surname}` };
}

/** @param scope the offices that the officer may look into @throws NothingThereError */
export async function certificateRecord(db: Database, id: string, scope: readonly string[]): Promise<CertificateRecord> {
  const [row] = await db
    .select()
    .from(certificates)
    .innerJoin(people, eq(people.id, certificates.personId))
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .innerJoin(keys, eq(keys.id, certificates.keyId))
    .innerJoin(issuers, eq(issuers.id, certificates.issuerId))
    .where(and(eq(certificates.id, id), inArray(offices.id, [...scope])));
  if (row === undefined) throw new NothingThereError();
  return {
    certificate: row.certificates,
    contents: contentsOf(row.certificates.der),
    person: row.people,
    office: row.offices,
    key: row.keys,
    issuerName: row.issuers.name,
    revocation: await revocationOf(db, id),
  };
}
