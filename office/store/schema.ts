// The office's tables, as drizzle sees them. What makes them are the migrations (migrations/); a test compares the two.

import { bigint, boolean, customType, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import type { CertificateState } from "../states/certificate-states.ts";
import type { KeyState } from "../states/key-states.ts";
import type { OfficerState } from "../states/officer-states.ts";
import type { OrganisationState } from "../states/organisation-states.ts";
import type { TokenState } from "../states/token-states.ts";

/** Drivers give a Buffer or a Uint8Array; everybody else gets the latter. */
const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => new Uint8Array(value),
});
const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const count = (name: string) => bigint(name, { mode: "number" });

/** A desk where people are checked. */
export const offices = pgTable("offices", {
  id: uuid("id").primaryKey().defaultRandom(),
  name: text("name").notNull(),
  /** IANA: times are shown in it, and stored in UTC. */
  timeZone: text("time_zone").notNull(),
  createdAt: at("created_at").notNull(),
});

export const organisations = pgTable("organisations", {
  id: uuid("id").primaryKey().defaultRandom(),
  officeId: uuid("office_id").notNull(),
  name: text("name").notNull(),
  /** ISO 3166, two letters. */
  country: text("country").notNull(),
  state: text("state").$type<OrganisationState>().notNull(),
  /** association: authorises applications and confirms the status of its members (S7, S12). */
  kind: text("kind").$type<"company" | "association">().notNull().default("company"),
  createdAt: at("created_at").notNull(),
});

export const officers = pgTable("officers", {
  id: uuid("id").primaryKey().defaultRandom(),
  /** Officers hold certificates, too: they belong to the office's own organisation. */
  personId: uuid("person_id").notNull().unique(),
  state: text("state").$type<OfficerState>().notNull(),
  /** SubjectPublicKeyInfo (DER) of the AUTH key on their token. null: invited, and not enrolled yet. */
  publicKey: bytea("public_key").unique(),
  createdAt: at("created_at").notNull(),
});

/** To which other officers the code was shown by which an officer's key was enrolled: that key may be theirs, and what it did, their doing. */
export const officerCodeSights = pgTable(
  "officer_code_sights",
  {
    officerId: uuid("officer_id").notNull(),
    seenBy: uuid("seen_by").notNull(),
    /** When the officer enrolled another key by a code that nobody else saw; null: not yet. */
    until: at("until"),
  },
  (table) => [primaryKey({ columns: [table.officerId, table.seenBy] })],
);

export const officerRoles = pgTable(
  "officer_roles",
  { officerId: uuid("officer_id").notNull(), officeId: uuid("office_id").notNull(), role: text("role").notNull() },
  (table) => [primaryKey({ columns: [table.officerId, table.officeId, table.role] })],
);

/** Links that work once. Of the secret in the link, only its digest is kept. */
export const oneTimeLinks = pgTable("one_time_links", {
  digest: bytea("digest").primaryKey(),
  /** enrol, sign-in. */
  purpose: text("purpose").$type<"enrol" | "sign-in">().notNull(),
  officerId: uuid("officer_id").notNull(),
  /** Another officer, to whom it was shown to be handed over; null: it went to its owner alone. */
  seenBy: uuid("seen_by"),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
});

export const signInChallenges = pgTable("sign_in_challenges", {
  digest: bytea("digest").primaryKey(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
});

export const officerSessions = pgTable("officer_sessions", {
  /** SHA-256 of the cookie. */
  digest: bytea("digest").primaryKey(),
  officerId: uuid("officer_id").notNull(),
  createdAt: at("created_at").notNull(),
  lastUsedAt: at("last_used_at").notNull(),
  expiresAt: at("expires_at").notNull(),
  revokedAt: at("revoked_at"),
});

/** Somebody who holds, or is to hold, a certificate. */
export const people = pgTable("people", {
  id: uuid("id").primaryKey().defaultRandom(),
  organisationId: uuid("organisation_id").notNull(),
  givenName: text("given_name").notNull(),
  surname: text("surname").notNull(),
  email: text("email").notNull(),
  /** fr or en. */
  language: text("language").notNull(),
  /** The office's own number for this person, which the certificate says, too. */
  number: text("number").notNull().unique(),
  /** Professional title, and membership of an association (S12): what certificates attest besides the name. */
  title: text("title"),
  memberNumber: text("member_number"),
  associationId: uuid("association_id"),
  createdAt: at("created_at").notNull(),
});

export const tokens = pgTable("tokens", {
  /** The number on its case. */
  serial: text("serial").primaryKey(),
  officeId: uuid("office_id").notNull(),
  model: text("model").notNull(),
  /** Major, minor, patch, as its last attestation told. */
  firmware: text("firmware").notNull(),
  /** SHA-256 of the certificate of the root that vouches for it. */
  rootFingerprint: text("root_fingerprint").notNull(),
  state: text("state").$type<TokenState>().notNull(),
  personId: uuid("person_id"),
  createdAt: at("created_at").notNull(),
});

export const keys = pgTable("keys", {
  id: uuid("id").primaryKey().defaultRandom(),
  tokenSerial: text("token_serial").notNull(),
  /** PIV: 9a, 9c, … */
  slot: text("slot").notNull(),
  /** SubjectPublicKeyInfo, DER. */
  publicKey: bytea("public_key").notNull().unique(),
  /** The token's word for it: the attestation and its issuer, DER. */
  attestation: bytea("attestation").notNull(),
  attestationIssuer: bytea("attestation_issuer").notNull(),
  state: text("state").$type<KeyState>().notNull(),
  createdAt: at("created_at").notNull(),
});

export const issuers = pgTable("issuers", {
  id: uuid("id").primaryKey().defaultRandom(),
  /** In addresses of CRL, OCSP and certificate: root, issuing, issuing-2, … */
  name: text("name").notNull().unique(),
  certificate: bytea("certificate").notNull(),
  /** The root is none: its key is not here. */
  isOnline: boolean("is_online").notNull(),
  /** New certificates are issued by the one that is current; the CRL of the others goes on. */
  isCurrent: boolean("is_current").notNull(),
  /** Number of the last CRL (RFC 5280 §5.2.3). */
  crlNumber: count("crl_number").notNull(),
});

export const certificates = pgTable("certificates", {
  id: uuid("id").primaryKey().defaultRandom(),
  issuerId: uuid("issuer_id").notNull(),
  /** Hexadecimal, lower case; unique with its issuer. */
  serialNumber: text("serial_number").notNull(),
  keyId: uuid("key_id").notNull(),
  personId: uuid("person_id").notNull(),
  /** SIGN-LCP, SIGN-QCP, AUTH. */
  profile: text("profile").notNull(),
  state: text("state").$type<CertificateState>().notNull(),
  notBefore: at("not_before").notNull(),
  notAfter: at("not_after").notNull(),
  der: bytea("der").notNull(),
  issuedAt: at("issued_at").notNull(),
  /** The single-use challenge by which it was asked for: a second request with it gets the same certificate. */
  challengeDigest: bytea("challenge_digest").notNull().unique(),
});

export const revocations = pgTable("revocations", {
  certificateId: uuid("certificate_id").primaryKey(),
  /** One of the eleven of S42. */
  reason: text("reason").notNull(),
  /** RFC 5280 §5.3.1. */
  reasonCode: integer("reason_code").notNull(),
  /** holder, legal, post, officer, clock; list: taken over from a later CRL after a restore. */
  channel: text("channel").notNull(),
  officerId: uuid("officer_id"),
  revokedAt: at("revoked_at").notNull(),
});

/** Of certificates that the office does not know: issued after the backup that it was restored from, and revoked, as a later CRL of its own says. */
export const unknownRevocations = pgTable(
  "unknown_revocations",
  {
    issuerId: uuid("issuer_id").notNull(),
    serialNumber: text("serial_number").notNull(),
    reasonCode: integer("reason_code").notNull(),
    revokedAt: at("revoked_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.issuerId, table.serialNumber] })],
);

export const crls = pgTable(
  "crls",
  {
    issuerId: uuid("issuer_id").notNull(),
    number: count("number").notNull(),
    thisUpdate: at("this_update").notNull(),
    nextUpdate: at("next_update").notNull(),
    der: bytea("der").notNull(),
  },
  (table) => [primaryKey({ columns: [table.issuerId, table.number] })],
);

/** The OCSP responder's short-lived certificates: the newest one whose key it has is in use. */
export const responderCertificates = pgTable(
  "responder_certificates",
  {
    issuerId: uuid("issuer_id").notNull(),
    serialNumber: text("serial_number").notNull(),
    notBefore: at("not_before").notNull(),
    notAfter: at("not_after").notNull(),
    der: bytea("der").notNull(),
  },
  (table) => [primaryKey({ columns: [table.issuerId, table.serialNumber] })],
);

/** The office's single-use challenges: a request for a certificate must carry one. */
export const issuanceChallenges = pgTable("issuance_challenges", {
  digest: bytea("digest").primaryKey(),
  personId: uuid("person_id").notNull(),
  /** Of a token that is perhaps not on record: it comes there with its first certificate. */
  tokenSerial: text("token_serial").notNull(),
  profile: text("profile").notNull(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
});

/** Append only. */
export const auditEvents = pgTable("audit_events", {
  number: count("number").primaryKey(),
  at: at("at").notNull(),
  /** officer:ID, system, clock. */
  actor: text("actor").notNull(),
  action: text("action").notNull(),
  /** What it was done to: certificate:ID. */
  subject: text("subject").notNull(),
  details: jsonb("details").$type<Readonly<Record<string, string | number | boolean | null>>>().notNull(),
  hash: bytea("hash").notNull(),
});

/** The audit trail's end, in one row: whoever appends holds it. */
export const auditEnd = pgTable("audit_end", {
  id: integer("id").primaryKey(),
  number: count("number").notNull(),
  hash: bytea("hash").notNull(),
});

export const auditHeads = pgTable("audit_heads", {
  number: count("number").primaryKey(),
  hash: bytea("hash").notNull(),
  at: at("at").notNull(),
  signature: bytea("signature").notNull(),
});

export const jobs = pgTable("jobs", {
  id: uuid("id").primaryKey().defaultRandom(),
  kind: text("kind").notNull(),
  /** Says which job it is, so that it is never there twice. */
  key: text("key").notNull().unique(),
  dueAt: at("due_at").notNull(),
  /** Until then it is somebody's; afterwards anybody may take it again. */
  claimedUntil: at("claimed_until"),
  attempts: integer("attempts").notNull(),
  lastError: text("last_error"),
  doneAt: at("done_at"),
});

/** Counters change before what they count is looked at. */
export const limits = pgTable(
  "limits",
  { subject: text("subject").notNull(), windowStart: at("window_start").notNull(), count: integer("count").notNull() },
  (table) => [primaryKey({ columns: [table.subject, table.windowStart] })],
);

export const settings = pgTable("settings", { name: text("name").primaryKey(), value: jsonb("value").notNull() });
