// An office with something to look at: two desks, officers of each role, people, tokens and certificates in every state. For tests of pages.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { SubjectAlternativeNameExtension } from "@peculiar/x509";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { appendAudit } from "../../office/audit/audit-trail.ts";
import type { Revocation, RevocationOrder } from "../../office/issuance/revocation.ts";
import { REVOCATION_REASONS } from "../../office/issuance/revocation-reasons.ts";
import type { Revoking } from "../../office/pages/certificate/revoking.ts";
import { type Acting, enrolOfficer, inviteOfficer } from "../../office/registration/officers.ts";
import { addOffice, addPerson, changeOrganisation, requestOrganisation } from "../../office/registration/organisations.ts";
import type { Role } from "../../office/registration/roles.ts";
import { answerChallenge, newChallenge, signInMessage } from "../../office/registration/sign-in.ts";
import { CERTIFICATE, type CertificateState } from "../../office/states/certificate-states.ts";
import type { TokenState } from "../../office/states/token-states.ts";
import { certificates, issuanceChallenges, issuers, keys, revocations, tokens } from "../../office/store/schema.ts";
import type { Database, Store } from "../../office/store/store.ts";
import { type Issued, intermediateCa, issue, rootCa } from "./test-certificates.ts";

export const ROWS_START = new Date("2026-11-20T09:00:00Z");
const SYSTEM: Acting = { actor: "system", now: ROWS_START };
const DAY_MS = 86_400_000;
const days = (count: number): Date => new Date(ROWS_START.getTime() + count * DAY_MS);

export const SCRIPT_NAME = `<script>alert("1")</script>`;
export const LONG_NAME = "Marie-Antoinette-Élisabeth-Joséphine de la Rochefoucauld-Liancourt"; // 66 with the space: two fields
const NAMES = [
  "Anne Martin",
  "Hélène Éluard",
  "Jean-Luc Châtelain",
  "Zoë Brontë",
  "Ömer Yıldız",
  "Paul O'Brien",
  "Inès Garçon",
  "Luc Œuvrard",
] as const;

export interface TestOfficer {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export interface OfficeRows {
  readonly paris: string;
  readonly lyon: string;
  /** Those in which everybody is. */
  readonly organisations: { readonly paris: string; readonly lyon: string };
  readonly officers: Readonly<Record<"all" | "helpdesk" | "auditor" | "issuer" | "second" | "lyon", TestOfficer>>;
  /** Of Paris. */
  readonly people: readonly string[];
  /** One certificate in each state, of Paris, for Anne Martin. */
  readonly certificates: Readonly<Record<CertificateState, string>>;
  /** Further ones of Paris, active. */
  readonly active: readonly string[];
  readonly tokens: readonly string[];
  readonly otherOffice: { readonly person: string; readonly token: string; readonly certificate: string };
  readonly root: Issued;
  readonly issuing: Issued;
}

function ecKeys(): { readonly publicKey: Uint8Array; readonly privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })), privateKey };
}

async function addDesk(tx: Database, name: string, organisation: string): Promise<{ office: string; organisation: string }> {
  const office = await addOffice(tx, { name, timeZone: "Europe/Paris" }, SYSTEM);
  const id = await requestOrganisation(tx, { officeId: office, name: organisation, country: "FR" }, SYSTEM);
  await changeOrganisation(tx, id, "open", SYSTEM);
  return { office, organisation: id };
}

/** Whoever fills an office one row after the other. */
class Filler {
  readonly #store: Store;
  readonly #issuing: Issued;
  readonly #issuerId: string;
  #count = 0;
  constructor(store: Store, issuing: Issued, issuerId: string) {
    this.#store = store;
    this.#issuing = issuing;
    this.#issuerId = issuerId;
  }

  person(organisationId: string, name: string): Promise<string> {
    const number = String(1000 + ++this.#count);
    const [givenName = "", ...rest] = name.split(" ");
    const email = `personne${number}@exemple.fr`;
    const values = { organisationId, givenName, surname: rest.join(" ") || "Durand", email, language: "fr" as const, number };
    return this.#store.transaction((tx) => addPerson(tx, values, SYSTEM));
  }

  async officer(organisationId: string, officeId: string, name: string, roles: readonly Role[]): Promise<TestOfficer> {
    const own = ecKeys();
    const personId = await this.person(organisationId, name);
    const assignments = roles.map((role) => ({ officeId, role }));
    const { officerId } = await this.#store.transaction((tx) => inviteOfficer(tx, personId, assignments, SYSTEM));
    await this.#store.transaction((tx) => enrolOfficer(tx, officerId, own.publicKey, SYSTEM));
    return { id: officerId, ...own };
  }

  async token(officeId: string, personId: string | null, state: TokenState): Promise<string> {
    const serial = String(40_001_000 + ++this.#count);
    const about = { model: "Sceau 1 (Jolt.js)", firmware: "0.1.0", rootFingerprint: "5c".repeat(32), createdAt: days(-400) };
    await this.#store.db.insert(tokens).values({ serial, officeId, state, personId, ...about });
    return serial;
  }

  /** A key on the token, and a certificate for it. */
  async certificate(personId: string, tokenSerial: string, profile: string, state: CertificateState): Promise<string> {
    const { db } = this.#store;
    const serialNumber = `${(++this.#count).toString(16).padStart(8, "0")}${"a1b2c3d4e5f6".repeat(2)}`.replace(/^0/, "4");
    const [notBefore, notAfter] = state === "expired" ? [days(-1200), days(-104)] : [days(-100), days(995)];
    const name = `C=FR, O=Ordre des experts, OU=Service des signatures, T=Experte, CN=Personne ${this.#count}`;
    const extensions = [new SubjectAlternativeNameExtension([{ type: "email", value: `personne${this.#count}@exemple.fr` }])];
    const issued = await issue({ name, issuer: this.#issuing, serial: serialNumber, notBefore, notAfter, extensions });
    const publicKey = new Uint8Array(issued.certificate.publicKey.export({ format: "der", type: "spki" }));
    const attestation = { attestation: new Uint8Array(1), attestationIssuer: new Uint8Array(1) };
    const slot = profile === "AUTH" ? "9a" : "9c";
    const key = { tokenSerial, slot, publicKey, ...attestation, state: "certified" as const, createdAt: notBefore };
    const [keyRow] = await db.insert(keys).values(key).returning({ id: keys.id });
    const challengeDigest = new Uint8Array(Buffer.from(serialNumber.padStart(64, "0"), "hex"));
    await db.insert(issuanceChallenges).values({ digest: challengeDigest, personId, tokenSerial, profile, expiresAt: notBefore });
    const about = {
      issuerId: this.#issuerId,
      serialNumber,
      personId,
      profile,
      state,
      notBefore,
      notAfter,
      challengeDigest,
      issuedAt: notBefore,
    };
    const [row] = await db
      .insert(certificates)
      .values({ ...about, keyId: keyRow?.id ?? "", der: issued.der })
      .returning({ id: certificates.id });
    const id = row?.id ?? "";
    if (state === "revoked") {
      const why = { reason: "key-compromise", reasonCode: 1, channel: "holder", revokedAt: days(-3) };
      await db.insert(revocations).values({ certificateId: id, ...why });
    }
    return id;
  }
}

async function addIssuers(store: Store): Promise<{ root: Issued; issuing: Issued; id: string }> {
  const root = await rootCa("C=FR, O=Ordre des experts, CN=Ordre des experts Root CA");
  const former = await intermediateCa(root, 0, "C=FR, O=Ordre des experts, CN=Ordre des experts Issuing CA");
  const issuing = await intermediateCa(root, 0, "C=FR, O=Ordre des experts, CN=Ordre des experts Issuing CA 2");
  const row = (name: string, certificate: Uint8Array, isOnline: boolean, isCurrent: boolean) => ({
    name,
    certificate,
    isOnline,
    isCurrent,
    crlNumber: 1,
  });
  const rows = [row("root", root.der, false, false), row("issuing", former.der, true, false), row("issuing-2", issuing.der, true, true)];
  const ids = await store.db.insert(issuers).values(rows).returning({ id: issuers.id, name: issuers.name });
  return { root, issuing, id: ids.find(({ name }) => name === "issuing-2")?.id ?? "" };
}

export async function fillOffice(store: Store): Promise<OfficeRows> {
  const { paris, lyon } = await store.transaction(async (tx) => ({
    paris: await addDesk(tx, "Paris", "Ordre des experts"),
    lyon: await addDesk(tx, "Lyon", "Chambre de Lyon"),
  }));
  const { root, issuing, id: issuerId } = await addIssuers(store);
  const filler = new Filler(store, issuing, issuerId);
  const officer = (name: string, ...roles: Role[]) => filler.officer(paris.organisation, paris.office, name, roles);
  const officers = {
    all: await officer("Camille Dupont", "administrator", "issuer", "auditor"),
    second: await officer("Denis Faure", "administrator"),
    helpdesk: await officer("Hugo Petit", "helpdesk"),
    auditor: await officer("Agnès Roux", "auditor"),
    issuer: await officer("Ivan Blanc", "issuer"),
    lyon: await filler.officer(lyon.organisation, lyon.office, "Léa Lyonnaise", ["administrator", "issuer", "auditor"]),
  };
  const people: string[] = [];
  for (const name of [...NAMES, SCRIPT_NAME, LONG_NAME, ...Array.from({ length: 18 }, (_, index) => `Personne Numéro ${index + 1}`)]) {
    people.push(await filler.person(paris.organisation, name));
  }
  const [anne = "", helene = "", script = ""] = [people[0], people[1], people[NAMES.length]];
  const token = await filler.token(paris.office, anne, "active");
  const held: TokenState[] = ["assigned", "active", "suspended", "blocked", "lost", "damaged"];
  const others = [];
  for (const state of held) others.push(await filler.token(paris.office, helene, state));
  for (const state of ["blank", "formatted", "retired"] as const) others.push(await filler.token(paris.office, null, state));
  const own = {
    expired: await filler.certificate(anne, token, "SIGN-LCP", "expired"),
    revoked: await filler.certificate(anne, token, "SIGN-LCP", "revoked"),
    active: await filler.certificate(anne, token, "SIGN-QCP", "active"),
    issued: await filler.certificate(anne, token, "AUTH", "issued"),
  };
  const active = [];
  for (const personId of [helene, helene, helene, script])
    active.push(await filler.certificate(personId, others[1] ?? "", "SIGN-LCP", "active"));
  const lyonnais = await filler.person(lyon.organisation, "Guignol Lyonnais");
  const lyonToken = await filler.token(lyon.office, lyonnais, "active");
  const otherOffice = {
    person: lyonnais,
    token: lyonToken,
    certificate: await filler.certificate(lyonnais, lyonToken, "SIGN-LCP", "active"),
  };
  return {
    paris: paris.office,
    lyon: lyon.office,
    organisations: { paris: paris.organisation, lyon: lyon.organisation },
    officers,
    people,
    certificates: own,
    active,
    tokens: [token, ...others],
    otherOffice,
    root,
    issuing,
  };
}

/** As `sceau office sign-in` does it. @returns the link's secret */
export async function signInLink(store: Store, publicUrl: string, { publicKey, privateKey }: TestOfficer, now: Date): Promise<string> {
  const challenge = await newChallenge(store, now);
  const signature = new Uint8Array(sign("sha256", signInMessage(publicUrl, challenge), privateKey));
  return answerChallenge(store, publicUrl, { challenge, publicKey, signature }, now);
}

/** Issuance's part without its CA: state, entry and audit as there, no CRL. */
export function revokingWithoutCa(
  store: Store,
  now: () => Date,
  trusted: readonly Uint8Array[] = [],
): Revoking & { readonly calls: string[] } {
  const calls: string[] = [];
  /** Whatever is valid of some keys. */
  async function all(tx: Database, ofKeys: SQL, { reason, channel, officerId, actor }: RevocationOrder, at: Date): Promise<Revocation[]> {
    const valid = and(sql`${certificates.keyId} in (${ofKeys})`, inArray(certificates.state, ["issued", "active"]));
    const rows = await tx.select().from(certificates).where(valid).orderBy(certificates.id).for("update");
    const { code } = REVOCATION_REASONS[reason];
    for (const { id, state } of rows) {
      calls.push(id);
      await tx.insert(revocations).values({ certificateId: id, reason, reasonCode: code, channel, officerId, revokedAt: at });
      await tx
        .update(certificates)
        .set({ state: CERTIFICATE.after(state, "revoke") })
        .where(eq(certificates.id, id));
      await appendAudit(tx, { at, actor, action: "certificate.revoke", subject: `certificate:${id}`, details: { reason } });
    }
    return rows.map(({ id }) => ({ certificateId: id, revokedAt: at, reason, reasonCode: code, isNew: true }));
  }
  async function one(tx: Database, certificateId: string, order: RevocationOrder, at: Date): Promise<Revocation> {
    const { reason, channel, officerId, actor } = order;
    calls.push(certificateId);
    const [row] = await tx.select().from(certificates).where(eq(certificates.id, certificateId)).for("update");
    if (row === undefined) throw new Error("no such certificate");
    const done = { certificateId, revokedAt: at, reason, reasonCode: 1 };
    if (row.state === "revoked") return { ...done, isNew: false };
    const state = CERTIFICATE.after(row.state, "revoke");
    await tx.insert(revocations).values({ ...done, channel, officerId });
    await tx.update(certificates).set({ state }).where(eq(certificates.id, certificateId));
    const subject = `certificate:${certificateId}`;
    await appendAudit(tx, { at, actor, action: "certificate.revoke", subject, details: { reason } });
    return { ...done, isNew: true };
  }
  return {
    calls,
    revoke: (certificateId, order) => store.transaction((tx) => one(tx, certificateId, order, now())),
    revokeIn: one,
    revokeToken: (tx, serial, order, at) =>
      all(tx, tx.select({ id: keys.id }).from(keys).where(eq(keys.tokenSerial, serial)).getSQL(), order, at),
    revokeKey: (tx, keyId, order, at) => all(tx, sql`${keyId}`, order, at),
    trust: { roots: trusted, isDemo: true },
  };
}
