// The issuing CAs that the responder speaks for, each with the certificate by which it does, as the tables have them. They change once in a while
// (rollover, a responder's new certificate), so they are read now and then, and at once when a request names an issuer that was not there.

import { createHash, X509Certificate } from "node:crypto";
import { and, desc, eq, gt } from "drizzle-orm";
import { derElements, derValue } from "../../host-bridge/token/certificate-structure.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { issuers, responderCertificates } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { keyBytes, type OcspKey } from "./ocsp-key.ts";
import { CONTEXT_0, ID_SHA1, ID_SHA256, SEQUENCE } from "./ocsp-names.ts";
import type { CertId } from "./ocsp-request.ts";

/** A responder's certificate lives for weeks and is renewed long before it ends. */
const REFRESH_MS = 60_000;
const HASHES: readonly (readonly [id: string, name: string])[] = [
  [ID_SHA1, "sha1"],
  [ID_SHA256, "sha256"],
];

export interface ResponderCertificate {
  /** DER. */
  readonly der: Uint8Array;
  readonly notAfter: Date;
}

export interface ServedIssuer {
  readonly id: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Those for the key that we have, newest first. */
  readonly responders: readonly ResponderCertificate[];
}

interface Content {
  readonly at: Date;
  readonly byHashes: ReadonlyMap<string, ServedIssuer>;
}

/** Subject and key of a certificate (RFC 5280 §4.1), as they stand in it. */
function subjectAndKey(certificate: Uint8Array): { subject: Uint8Array; spki: Uint8Array } {
  const [tbs] = derElements(derValue(certificate, SEQUENCE));
  const parts = derElements(tbs?.value ?? new Uint8Array());
  const start = parts[0]?.tag === CONTEXT_0 ? 1 : 0; // [0] version
  const [subject, spki] = [parts[start + 4], parts[start + 5]].map((part) => encodeTlv(SEQUENCE, [part?.value ?? new Uint8Array()]));
  return { subject: subject as Uint8Array, spki: spki as Uint8Array };
}

const place = (algorithm: string, nameHash: string, keyHash: string): string => `${algorithm} ${nameHash} ${keyHash}`;

/** Under which hashes a CertID names this issuer. */
function places(certificate: Uint8Array): string[] {
  const { subject, spki } = subjectAndKey(certificate);
  return HASHES.map(([id, name]) => {
    const hash = (bytes: Uint8Array): string => createHash(name).update(bytes).digest("hex");
    return place(id, hash(subject), hash(keyBytes(spki)));
  });
}

export class IssuerDirectory {
  private readonly db: Database;
  private readonly key: OcspKey;
  private content: Content | null = null;
  private reading: Promise<Content> | null = null;

  constructor(db: Database, key: OcspKey) {
    this.db = db;
    this.key = key;
  }

  /** Null: nobody whom we speak for. */
  async find({ hashAlgorithm, issuerNameHash, issuerKeyHash }: CertId, now: Date): Promise<ServedIssuer | null> {
    const key = place(hashAlgorithm, issuerNameHash, issuerKeyHash);
    const known = this.content;
    const isFresh = known !== null && Math.abs(now.getTime() - known.at.getTime()) < REFRESH_MS;
    const found = isFresh ? known.byHashes.get(key) : undefined;
    if (found?.responders.some(({ notAfter }) => now < notAfter)) return found;
    return (await this.refresh(now)).byHashes.get(key) ?? null;
  }

  /** Whoever comes while it is read waits for the same answer. */
  private refresh(now: Date): Promise<Content> {
    this.reading ??= this.read(now)
      .then((content) => (this.content = content))
      .finally(() => (this.reading = null));
    return this.reading;
  }

  private async read(now: Date): Promise<Content> {
    const rows = await this.db
      .select({ id: issuers.id, certificate: issuers.certificate, responder: responderCertificates.der })
      .from(issuers)
      .leftJoin(responderCertificates, and(eq(responderCertificates.issuerId, issuers.id), gt(responderCertificates.notAfter, now)))
      .where(eq(issuers.isOnline, true))
      .orderBy(desc(responderCertificates.notBefore), desc(responderCertificates.notAfter));
    const byHashes = new Map<string, ServedIssuer>();
    for (const { id, certificate } of rows) {
      const responders = rows.filter((row) => row.id === id).flatMap(({ responder }) => this.ours(responder));
      const { validFrom, validTo } = new X509Certificate(certificate);
      const issuer = { id, notBefore: new Date(validFrom), notAfter: new Date(validTo), responders };
      for (const name of places(certificate)) byHashes.set(name, issuer);
    }
    return { at: now, byHashes };
  }

  /** Another server's key, or one that was replaced, is of no use here. */
  private ours(der: Uint8Array | null): ResponderCertificate[] {
    if (der === null) return [];
    const certificate = new X509Certificate(der);
    return certificate.publicKey.equals(this.key.publicKey) ? [{ der, notAfter: new Date(certificate.validTo) }] : [];
  }
}
