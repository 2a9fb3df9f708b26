// The tables of applications, as drizzle sees them: accounts, dossiers, identity checks, evidence, activation, the secrets of tokens, mails.
// What makes them is migrations/0002-applications.ts; a test compares the two.

import { customType, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import type { AccessKeyState } from "../states/access-key-states.ts";
import type { ActivationState } from "../states/activation-states.ts";
import type { DossierState } from "../states/dossier-states.ts";
import type { IdentityCheckState } from "../states/identity-check-states.ts";
import type { PaymentState } from "../states/payment-states.ts";
import type { QuestionSetState } from "../states/question-set-states.ts";
import type { SecretReleaseState } from "../states/secret-release-states.ts";

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => new Uint8Array(value),
});
const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Whoever has proved a mailbox: applicants, managers, holders. */
export const accounts = pgTable("accounts", {
  id: uuid("id").primaryKey().defaultRandom(),
  /** Lower case. */
  email: text("email").notNull().unique(),
  /** fr or en. */
  language: text("language").notNull(),
  createdAt: at("created_at").notNull(),
});

/** Mailboxes that somebody tries to prove; also such as have no account. */
export const mailboxes = pgTable("mailboxes", {
  email: text("email").primaryKey(),
  /** Wrong codes since the last right one. */
  failedTries: integer("failed_tries").notNull(),
  /** Until an officer unlocks it. */
  lockedAt: at("locked_at"),
});

/** One-time codes that went to a mailbox (S18). */
export const mailCodes = pgTable("mail_codes", {
  /** SHA-256 of the secret in the cookie of the browser that asked: a code is of use there only. */
  digest: bytea("digest").primaryKey(),
  email: text("email").notNull(),
  /** argon2id. */
  codeHash: text("code_hash").notNull(),
  tries: integer("tries").notNull(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
});

export const accountSessions = pgTable("account_sessions", {
  /** SHA-256 of the cookie. */
  digest: bytea("digest").primaryKey(),
  accountId: uuid("account_id").notNull(),
  createdAt: at("created_at").notNull(),
  lastUsedAt: at("last_used_at").notNull(),
  expiresAt: at("expires_at").notNull(),
  revokedAt: at("revoked_at"),
});

/** What a corporate account was asked for with (S9). */
export const organisationRequests = pgTable("organisation_requests", {
  organisationId: uuid("organisation_id").primaryKey(),
  /** Who asked: the first manager. */
  accountId: uuid("account_id").notNull(),
  /** How many people are to have a certificate: 5 or more. */
  users: integer("users").notNull(),
  requestedAt: at("requested_at").notNull(),
  refusal: text("refusal"),
});

/** One for each corporate account, from the request on: another one takes their place in the same row, so that there is always one. */
export const organisationManagers = pgTable("organisation_managers", {
  organisationId: uuid("organisation_id").primaryKey(),
  accountId: uuid("account_id").notNull(),
  name: text("name").notNull(),
  phone: text("phone").notNull(),
  since: at("since").notNull(),
});

/** A manager asks somebody to apply; the form is the applicant's alone (S10). */
export const organisationInvitations = pgTable("organisation_invitations", {
  id: uuid("id").primaryKey().defaultRandom(),
  organisationId: uuid("organisation_id").notNull(),
  email: text("email").notNull(),
  invitedBy: uuid("invited_by").notNull(),
  invitedAt: at("invited_at").notNull(),
  expiresAt: at("expires_at").notNull(),
  withdrawnAt: at("withdrawn_at"),
});

/** Who revokes for an organisation (S6, S43), and how far their access key is (representatives/). */
export const legalRepresentatives = pgTable("legal_representatives", {
  organisationId: uuid("organisation_id").primaryKey(),
  name: text("name").notNull(),
  /** Lower case. */
  email: text("email").notNull(),
  /** fr or en: of the mails. */
  language: text("language").notNull(),
  /** ORG-… : no secret. */
  identifier: text("identifier").notNull().unique(),
  /** «account:ID», «officer:ID». */
  namedBy: text("named_by").notNull(),
  state: text("state").$type<AccessKeyState>().notNull(),
  /** argon2id of the 20 digits; null: there is none. */
  keyHash: text("key_hash"),
  keyAt: at("key_at"),
  /** argon2id of the code by which an officer lets the key be collected. */
  handoverHash: text("handover_hash"),
  handoverExpiresAt: at("handover_expires_at"),
  /** Wrong keys and codes since the last right sign-in. */
  failedTries: integer("failed_tries").notNull(),
  /** Until an officer unlocks it. */
  lockedAt: at("locked_at"),
  createdAt: at("created_at").notNull(),
});

/** From the key (or the hand-over code) on; open once the code from the mailbox is right, too. */
export const representativeSessions = pgTable("representative_sessions", {
  /** SHA-256 of the cookie. */
  digest: bytea("digest").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  purpose: text("purpose").$type<"collect" | "revoke">().notNull(),
  /** argon2id of the code that went to the mailbox. */
  codeHash: text("code_hash"),
  codeExpiresAt: at("code_expires_at"),
  openedAt: at("opened_at"),
  createdAt: at("created_at").notNull(),
  expiresAt: at("expires_at").notNull(),
  endedAt: at("ended_at"),
});

export const dossiers = pgTable("dossiers", {
  id: uuid("id").primaryKey().defaultRandom(),
  /** For people to name it by: 8 characters, no secret. */
  number: text("number").notNull().unique(),
  officeId: uuid("office_id").notNull(),
  accountId: uuid("account_id").notNull(),
  /** «Autorisé par»: the organisation, of the kind association, that confirms the status (S12). */
  associationId: uuid("association_id"),
  /** The corporate account that invited and pays; null: an application on one's own. */
  organisationId: uuid("organisation_id"),
  profile: text("profile").notNull(),
  state: text("state").$type<DossierState>().notNull(),
  givenName: text("given_name").notNull(),
  surname: text("surname").notNull(),
  email: text("email").notNull(),
  phone: text("phone").notNull(),
  title: text("title").notNull(),
  memberNumber: text("member_number").notNull(),
  language: text("language").notNull(),
  payment: text("payment").$type<PaymentState>().notNull(),
  paymentOfficerId: uuid("payment_officer_id"),
  paymentNote: text("payment_note"),
  paymentAt: at("payment_at"),
  verifierId: uuid("verifier_id"),
  verifiedAt: at("verified_at"),
  approverId: uuid("approver_id"),
  decidedAt: at("decided_at"),
  /** What the approver saw of the status on that day (S12): where, and what it said. */
  statusNote: text("status_note"),
  /** Why it was rejected, failed or cancelled: the applicant reads it. */
  reason: text("reason"),
  /** From the approval on. */
  personId: uuid("person_id"),
  /** From the activation on. */
  tokenSerial: text("token_serial"),
  certificateId: uuid("certificate_id"),
  createdAt: at("created_at").notNull(),
  submittedAt: at("submitted_at"),
  /** The applicant has no file of a kind that is taken: the verifier looks at the document itself (S23). */
  evidenceByHandAt: at("evidence_by_hand_at"),
  /** A dossier that nobody goes on with ends then. */
  expiresAt: at("expires_at").notNull(),
});

/** Three questions with their answers (S10): of an account, for all its certificates. */
export const questionSets = pgTable("question_sets", {
  id: uuid("id").primaryKey().defaultRandom(),
  accountId: uuid("account_id").notNull().unique(),
  state: text("state").$type<QuestionSetState>().notNull(),
  /** Wrong tries since the last right one. */
  failedTries: integer("failed_tries").notNull(),
  createdAt: at("created_at").notNull(),
});

export const questionAnswers = pgTable(
  "question_answers",
  {
    setId: uuid("set_id").notNull(),
    /** One of dossiers/questions.ts. */
    question: text("question").notNull(),
    /** argon2id of the normalised answer. */
    answerHash: text("answer_hash").notNull(),
  },
  (table) => [primaryKey({ columns: [table.setId, table.question] })],
);

export const consents = pgTable(
  "consents",
  {
    dossierId: uuid("dossier_id").notNull(),
    /** terms, privacy. */
    document: text("document").notNull(),
    version: text("version").notNull(),
    /** SHA-256 of the text that was shown. */
    digest: bytea("digest").notNull(),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.dossierId, table.document] })],
);

/** Times that a verifier offers. */
export const appointmentSlots = pgTable("appointment_slots", {
  id: uuid("id").primaryKey().defaultRandom(),
  officeId: uuid("office_id").notNull(),
  officerId: uuid("officer_id").notNull(),
  /** video, desk. */
  kind: text("kind").$type<"video" | "desk">().notNull(),
  /** The video call's address, or where the desk is. */
  place: text("place").notNull(),
  startsAt: at("starts_at").notNull(),
  minutes: integer("minutes").notNull(),
  /** The verifier can't after all. */
  withdrawnAt: at("withdrawn_at"),
});

export const identityChecks = pgTable("identity_checks", {
  id: uuid("id").primaryKey().defaultRandom(),
  dossierId: uuid("dossier_id").notNull(),
  /** One check that is not cancelled has it. */
  slotId: uuid("slot_id").notNull(),
  state: text("state").$type<IdentityCheckState>().notNull(),
  /** Who has begun it, or taken it up. */
  officerId: uuid("officer_id"),
  /** Who could not decide it: another one took it up. */
  doubtedBy: uuid("doubted_by"),
  /** Item → whether it was seen to be so. */
  checklist: jsonb("checklist").$type<Readonly<Record<string, boolean>>>().notNull(),
  note: text("note"),
  createdAt: at("created_at").notNull(),
  decidedAt: at("decided_at"),
});

/** Pictures and scans: encrypted, with a date to destroy them. What they were stays: who, when, SHA-256. */
export const evidence = pgTable("evidence", {
  id: uuid("id").primaryKey().defaultRandom(),
  dossierId: uuid("dossier_id").notNull(),
  /** document-front, document-back, other. */
  kind: text("kind").notNull(),
  /** image/jpeg, image/png, application/pdf. */
  mediaType: text("media_type").notNull(),
  sizeBytes: integer("size_bytes").notNull(),
  /** Of what is kept of the file. */
  sha256: bytea("sha256").notNull(),
  /** AES-256-GCM (sealing/); null: destroyed. */
  sealed: bytea("sealed"),
  /** «account:ID», «officer:ID». */
  uploadedBy: text("uploaded_by").notNull(),
  uploadedAt: at("uploaded_at").notNull(),
  destroyAt: at("destroy_at").notNull(),
  destroyedAt: at("destroyed_at"),
});

/** The way from an approved dossier to an active certificate (S15). */
export const activations = pgTable("activations", {
  id: uuid("id").primaryKey().defaultRandom(),
  dossierId: uuid("dossier_id").notNull(),
  /** SHA-256 of the reference number. */
  digest: bytea("digest").notNull().unique(),
  state: text("state").$type<ActivationState>().notNull(),
  failedTries: integer("failed_tries").notNull(),
  /** The token that its certificate was issued for. */
  tokenSerial: text("token_serial"),
  /** What a token was given that has not vouched for a key yet: anybody could name its serial number. With the certificate it goes to token_secrets. */
  secretsSerial: text("secrets_serial"),
  secretsSealed: bytea("secrets_sealed"),
  createdAt: at("created_at").notNull(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
});

/** Whoever gave the reference number and the answers goes on by this, for a while. */
export const activationSessions = pgTable("activation_sessions", {
  digest: bytea("digest").primaryKey(),
  activationId: uuid("activation_id").notNull(),
  /** The officer at whose desk it happens; null: the holder alone. */
  officerId: uuid("officer_id"),
  createdAt: at("created_at").notNull(),
  expiresAt: at("expires_at").notNull(),
});

/** What the office's page hands over to the agent on the holder's computer: taken once. */
export const agentRequests = pgTable("agent_requests", {
  /** SHA-256 of the request's id. */
  digest: bytea("digest").primaryKey(),
  /** activate, provision, sign-in. */
  kind: text("kind").$type<"activate" | "provision" | "sign-in">().notNull(),
  /** The activation's session, or the sign-in challenge, sealed (sealing/): only whoever takes the request reads it. */
  sealed: bytea("sealed").notNull(),
  /** A path of the office's, where the browser goes on. */
  returnPath: text("return_path").notNull(),
  createdAt: at("created_at").notNull(),
  expiresAt: at("expires_at").notNull(),
  takenAt: at("taken_at"),
});

/** PUK and management key of a token, encrypted to the office. */
export const tokenSecrets = pgTable("token_secrets", {
  tokenSerial: text("token_serial").primaryKey(),
  sealed: bytea("sealed").notNull(),
  /** «officer:ID». */
  storedBy: text("stored_by").notNull(),
  storedAt: at("stored_at").notNull(),
});

export const secretReleases = pgTable("secret_releases", {
  id: uuid("id").primaryKey().defaultRandom(),
  tokenSerial: text("token_serial").notNull(),
  state: text("state").$type<SecretReleaseState>().notNull(),
  reason: text("reason").notNull(),
  askedBy: uuid("asked_by").notNull(),
  askedAt: at("asked_at").notNull(),
  /** Another officer than the one who asked. */
  decidedBy: uuid("decided_by"),
  decidedAt: at("decided_at"),
  shownAt: at("shown_at"),
  expiresAt: at("expires_at").notNull(),
});

/** Mails on their way out: written in the transaction of what they tell, sent by a job, their text destroyed when they have left. */
export const mails = pgTable("mails", {
  id: uuid("id").primaryKey().defaultRandom(),
  recipient: text("recipient").notNull(),
  /** Which of mail/: «code», «reference». */
  template: text("template").notNull(),
  /** Subject and text, sealed (sealing/): there are codes in them; null: sent, or not worth sending any more. */
  sealed: bytea("sealed"),
  createdAt: at("created_at").notNull(),
  sentAt: at("sent_at"),
});
