// An authority for tests of the status service, whose certificates point to a server that runs: what issuance would write into the tables, row by
// row, so that those tests depend on the tables alone.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { KeyObject, randomBytes, type webcrypto } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  CRLDistributionPointsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CrlGenerator,
} from "@peculiar/x509";
import { desc, eq } from "drizzle-orm";
import { type OcspKey, ocspKey } from "../../office/status/ocsp-key.ts";
import * as schema from "../../office/store/schema.ts";
import type { Store } from "../../office/store/store.ts";
import { type StatusServer, startStatusServer, TestClock } from "./status-server.ts";
import { caExtensions, type Issued, issue, newKeys, pem, YEAR_2035 } from "./test-certificates.ts";

const DAY_MS = 86_400_000;
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const DER_NULL = Uint8Array.of(0x05, 0);
const ID_OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";
const ID_CRL_NUMBER = "2.5.29.20";

const subjectKey = (keys: webcrypto.CryptoKeyPair): Promise<Extension> => SubjectKeyIdentifierExtension.create(keys.publicKey);
const authorityKey = (issuer: Issued): Promise<Extension> => AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey);
/** 16 bytes, positive, as issuance has them. */
const newSerial = (): string => `4${randomBytes(16).toString("hex").slice(1)}`;
const daysFrom = (date: Date, days: number): Date => new Date(date.getTime() + days * DAY_MS);
const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);

export interface BenchIssuer extends Issued {
  readonly id: string;
  /** issuing, issuing-2, … */
  readonly fileName: string;
  /** PEM. */
  readonly file: string;
}

export interface BenchCertificate extends Issued {
  readonly id: string;
  readonly serialNumber: string;
  /** PEM. */
  readonly file: string;
}

interface CertifyOptions {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

interface Ground {
  readonly store: Store;
  /** For files that judges read. */
  readonly folder: string;
  readonly clock: TestClock;
  readonly server: StatusServer;
  readonly key: OcspKey;
  readonly responderKeys: webcrypto.CryptoKeyPair;
  readonly root: BenchIssuer;
  readonly personId: string;
  readonly tokenSerial: string;
}

/** Somebody with a token, to whom all certificates belong. */
async function addHolder({ db }: Store, createdAt: Date): Promise<Pick<Ground, "personId" | "tokenSerial">> {
  const [office] = await db.insert(schema.offices).values({ name: "Lyon", timeZone: "Europe/Paris", createdAt }).returning();
  const officeId = office?.id ?? "";
  const organisation = { officeId, name: "Ordre", country: "FR", state: "open", createdAt } as const;
  const [{ id: organisationId } = { id: "" }] = await db.insert(schema.organisations).values(organisation).returning();
  const person = { organisationId, givenName: "Anne", surname: "Roux", email: "anne@example.org", language: "fr", number: "1", createdAt };
  const [{ id: personId } = { id: "" }] = await db.insert(schema.people).values(person).returning();
  const token = {
    serial: "S1",
    officeId,
    model: "sceau",
    firmware: "0.1.0",
    rootFingerprint: "",
    state: "active",
    personId,
    createdAt,
  } as const;
  await db.insert(schema.tokens).values(token);
  return { personId, tokenSerial: token.serial };
}

export class StatusBench {
  readonly ground: Ground;
  private files = 0;

  private constructor(ground: Ground) {
    this.ground = ground;
  }

  static async open(store: Store, folder: string): Promise<StatusBench> {
    const clock = new TestClock();
    const [rootKeys, responderKeys] = [await newKeys(), await newKeys()];
    const key = ocspKey(KeyObject.from(responderKeys.privateKey));
    const server = await startStatusServer(store.db, key, clock);
    const made = await issue({ name: "CN=Bench root", keys: rootKeys, extensions: [...caExtensions(), await subjectKey(rootKeys)] });
    const values = { name: "root", certificate: made.der, isOnline: false, isCurrent: false, crlNumber: 0 };
    const [row] = await store.db.insert(schema.issuers).values(values).returning();
    const file = join(folder, "root.pem");
    writeFileSync(file, pem(made.der));
    const root = { ...made, id: row?.id ?? "", fileName: "root", file };
    const holder = await addHolder(store, clock.now());
    return new StatusBench({ store, folder, clock, server, key, responderKeys, root, ...holder });
  }

  close(): Promise<void> {
    return this.ground.server.app.close();
  }

  write(content: string | Uint8Array): string {
    const path = join(this.ground.folder, `file-${++this.files}`);
    writeFileSync(path, content);
    return path;
  }

  /** An issuing CA below the root, with a responder's certificate and without a CRL. */
  async addIssuer(fileName: string, { isCurrent = false, notAfter = YEAR_2035 } = {}): Promise<BenchIssuer> {
    const { root, store, server } = this.ground;
    const keys = await newKeys();
    const crl = new CRLDistributionPointsExtension([`${server.address}/crl/root.crl`]);
    const extensions = [...caExtensions(0), await subjectKey(keys), await authorityKey(root), crl];
    const made = await issue({ name: `CN=Bench ${fileName}`, issuer: root, keys, notAfter, serial: newSerial(), extensions });
    const values = { name: fileName, certificate: made.der, isOnline: true, isCurrent, crlNumber: 0 };
    const [row] = await store.db.insert(schema.issuers).values(values).returning();
    const issuer = { ...made, id: row?.id ?? "", fileName, file: this.write(pem(made.der)) };
    await this.delegate(issuer);
    return issuer;
  }

  /** A responder's certificate (RFC 6960 §4.2.2.2), for the bench's key or another one. */
  async delegate(issuer: BenchIssuer, { keys = this.ground.responderKeys, days = 14 } = {}): Promise<Issued> {
    const notBefore = wholeSeconds(daysFrom(this.ground.clock.now(), -1));
    const notAfter = daysFrom(notBefore, days);
    const extensions = [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.ocspSigning]),
      new Extension(ID_OCSP_NOCHECK, false, DER_NULL),
      await subjectKey(keys),
      await authorityKey(issuer),
    ];
    const serial = newSerial();
    const made = await issue({ name: "CN=Bench OCSP", issuer, keys, notBefore, notAfter, serial, extensions });
    const values = { issuerId: issuer.id, serialNumber: serial, notBefore, notAfter, der: made.der };
    await this.ground.store.db.insert(schema.responderCertificates).values(values);
    return made;
  }

  /** A certificate of a key of its own, for signing documents, with the addresses of the server that runs. */
  async certify(issuer: BenchIssuer, options: CertifyOptions = {}): Promise<BenchCertificate> {
    const { server, clock, personId, tokenSerial, store } = this.ground;
    const notBefore = wholeSeconds(options.notBefore ?? daysFrom(clock.now(), -1));
    const notAfter = options.notAfter ?? daysFrom(notBefore, 1000);
    const keys = await newKeys();
    const serialNumber = newSerial();
    const [ocsp, crl] = [`${server.address}/ocsp/${issuer.fileName}`, `${server.address}/crl/${issuer.fileName}.crl`];
    const extensions = [
      new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.emailProtection]),
      await subjectKey(keys),
      await authorityKey(issuer),
      new CRLDistributionPointsExtension([crl]),
      new AuthorityInfoAccessExtension({ ocsp, caIssuers: `${server.address}/ca/${issuer.fileName}.cer` }),
    ];
    const made = await issue({ name: "CN=Anne Roux", issuer, keys, notBefore, notAfter, serial: serialNumber, extensions });
    const id = await this.enter({ issuer, made, serialNumber, notBefore, notAfter, at: clock.now(), personId, tokenSerial, store });
    return { ...made, id, serialNumber, file: this.write(pem(made.der)) };
  }

  private async enter(row: {
    readonly issuer: BenchIssuer;
    readonly made: Issued;
    readonly serialNumber: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly at: Date;
    readonly personId: string;
    readonly tokenSerial: string;
    readonly store: Store;
  }): Promise<string> {
    const { made, personId, tokenSerial, at, serialNumber, notBefore, notAfter } = row;
    const { db } = row.store;
    const publicKey = new Uint8Array(made.certificate.publicKey.export({ type: "spki", format: "der" }));
    const none = new Uint8Array();
    const key = {
      tokenSerial,
      slot: "9c",
      publicKey,
      attestation: none,
      attestationIssuer: none,
      state: "certified",
      createdAt: at,
    } as const;
    const [{ id: keyId } = { id: "" }] = await db.insert(schema.keys).values(key).returning();
    const challengeDigest = new Uint8Array(randomBytes(32));
    await db
      .insert(schema.issuanceChallenges)
      .values({ digest: challengeDigest, personId, tokenSerial, profile: "SIGN-LCP", expiresAt: at });
    const values = { issuerId: row.issuer.id, serialNumber, keyId, personId, profile: "SIGN-LCP", state: "active", issuedAt: at } as const;
    const dates = { notBefore, notAfter, der: made.der, challengeDigest };
    const [certificate] = await db
      .insert(schema.certificates)
      .values({ ...values, ...dates })
      .returning();
    return certificate?.id ?? "";
  }

  async revoke({ id }: BenchCertificate, reasonCode: number): Promise<Date> {
    const { store, clock } = this.ground;
    const revokedAt = wholeSeconds(clock.now());
    await store.transaction(async (tx) => {
      await tx.insert(schema.revocations).values({ certificateId: id, reason: "any", reasonCode, channel: "officer", revokedAt });
      await tx.update(schema.certificates).set({ state: "revoked" }).where(eq(schema.certificates.id, id));
    });
    return revokedAt;
  }

  /** A CRL of all that is revoked now. */
  async publishCrl(issuer: BenchIssuer, { hours = 24 } = {}): Promise<Date> {
    const { store, clock } = this.ground;
    const [last] = await store.db
      .select()
      .from(schema.crls)
      .where(eq(schema.crls.issuerId, issuer.id))
      .orderBy(desc(schema.crls.number))
      .limit(1);
    const number = (last?.number ?? 0) + 1;
    const thisUpdate = wholeSeconds(clock.now());
    const nextUpdate = new Date(thisUpdate.getTime() + (hours * DAY_MS) / 24);
    const entries = await store.db
      .select({ serialNumber: schema.certificates.serialNumber, revocationDate: schema.revocations.revokedAt })
      .from(schema.revocations)
      .innerJoin(schema.certificates, eq(schema.certificates.id, schema.revocations.certificateId))
      .where(eq(schema.certificates.issuerId, issuer.id));
    const extensions = [await authorityKey(issuer), new Extension(ID_CRL_NUMBER, false, Uint8Array.of(0x02, 1, number))];
    const signing = { signingAlgorithm: SIGNING, signingKey: issuer.keys.privateKey };
    const crl = await X509CrlGenerator.create({ issuer: issuer.name, thisUpdate, nextUpdate, entries, extensions, ...signing });
    const values = { issuerId: issuer.id, number, thisUpdate, nextUpdate, der: new Uint8Array(crl.rawData) };
    await store.db.insert(schema.crls).values(values);
    return thisUpdate;
  }

  /** PEM file of root and issuer, for `-CAfile`. */
  chainFile(issuer: BenchIssuer): string {
    return this.write(pem(this.ground.root.der) + pem(issuer.der));
  }
}
