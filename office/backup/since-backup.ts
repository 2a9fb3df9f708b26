// What an office does about the time between a backup and its restore, as far as it can know: a later CRL of its own tells what was revoked since, with
// the serial numbers of certificates that the backup has never heard of; and whatever was waiting to be used once may have been used.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate, X509Crl } from "@peculiar/x509";
import { and, eq, inArray, isNull } from "drizzle-orm";
import { equalBytes } from "../../protocol/bytes.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { CRL_JOB, crlJobKey } from "../issuance/crl.ts";
import { LISTED } from "../issuance/revocation-reasons.ts";
import type { CrlEntry } from "../issuance/x509-signing.ts";
import { schedule } from "../jobs/jobs.ts";
import { ACTIVATION } from "../states/activation-states.ts";
import { CERTIFICATE } from "../states/certificate-states.ts";
import { DOSSIER } from "../states/dossier-states.ts";
import { SECRET_RELEASE } from "../states/secret-release-states.ts";
import { activations, dossiers, legalRepresentatives, secretReleases } from "../store/application-schema.ts";
import { certificates, issuanceChallenges, issuers, oneTimeLinks, revocations, unknownRevocations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { BackupError } from "./sealed-file.ts";

const AT_ONCE = 1000;
/** RFC 5280 §5.2.3. */
const ID_CRL_NUMBER = "2.5.29.20";
const ACTOR = "system";

type IssuerRow = typeof issuers.$inferSelect;

export interface TakenList {
  readonly issuer: string;
  /** Of the CRL. */
  readonly number: number;
  /** Certificates that the backup had as valid. */
  readonly revoked: number;
  /** Serial numbers that the backup does not know. */
  readonly unknown: number;
}

/** @param bytes DER or PEM. @throws BackupError crl-unreadable */
export function readList(bytes: Uint8Array): X509Crl {
  try {
    const text = Buffer.from(bytes).toString("latin1");
    return new X509Crl(text.includes("-----BEGIN X509 CRL-----") ? text : new Uint8Array(bytes));
  } catch (cause) {
    throw new BackupError("crl-unreadable", { cause });
  }
}

/** The content of an INTEGER, DER: tag, length, bytes. */
function numberOf(list: X509Crl): number {
  const value = list.extensions.find(({ type }) => type === ID_CRL_NUMBER)?.value;
  if (value === undefined) throw new BackupError("crl-unreadable");
  return Number(BigInt(`0x${Buffer.from(value).subarray(2).toString("hex") || "0"}`));
}

async function isOf(list: X509Crl, issuer: IssuerRow): Promise<boolean> {
  const certificate = new X509Certificate(new Uint8Array(issuer.certificate));
  const names = [list.issuerName, certificate.subjectName].map((name) => new Uint8Array(name.toArrayBuffer()));
  const [ofList, ofIssuer] = names as [Uint8Array, Uint8Array];
  return equalBytes(ofList, ofIssuer) && (await list.verify({ publicKey: certificate }));
}

/** The issuing CA that signed it. @throws BackupError crl-foreign */
async function issuerOf(tx: Database, list: X509Crl): Promise<IssuerRow> {
  const online = await tx.select().from(issuers).where(eq(issuers.isOnline, true)).orderBy(issuers.name).for("update");
  for (const issuer of online) if (await isOf(list, issuer)) return issuer;
  throw new BackupError("crl-foreign");
}

interface Work {
  readonly tx: Database;
  readonly issuer: IssuerRow;
  readonly list: number;
  readonly now: Date;
}

async function revokeKnown({ tx, list, now }: Work, row: typeof certificates.$inferSelect, entry: CrlEntry): Promise<void> {
  const { revokedAt, reasonCode } = entry;
  const state = CERTIFICATE.after(row.state, "revoke");
  await tx.insert(revocations).values({ certificateId: row.id, reason: LISTED, reasonCode, channel: "list", officerId: null, revokedAt });
  await tx.update(certificates).set({ state }).where(eq(certificates.id, row.id));
  const details = { serialNumber: row.serialNumber, reason: LISTED, reasonCode, channel: "list", crl: list };
  await appendAudit(tx, { at: now, actor: ACTOR, action: "certificate.revoke", subject: `certificate:${row.id}`, details });
}

/** @returns whether it was not there yet */
async function addUnknown({ tx, issuer, list, now }: Work, { serialNumber, revokedAt, reasonCode }: CrlEntry): Promise<boolean> {
  const added = await tx
    .insert(unknownRevocations)
    .values({ issuerId: issuer.id, serialNumber, revokedAt, reasonCode })
    .onConflictDoNothing()
    .returning({ serialNumber: unknownRevocations.serialNumber });
  if (added.length === 0) return false;
  const details = { serialNumber, reasonCode, crl: list };
  await appendAudit(tx, { at: now, actor: ACTOR, action: "certificate.revoke-unknown", subject: `issuer:${issuer.name}`, details });
  return true;
}

async function takeEntries(work: Work, entries: readonly CrlEntry[]): Promise<{ revoked: number; unknown: number }> {
  let [revoked, unknown] = [0, 0];
  const serialNumbers = entries.map(({ serialNumber }) => serialNumber);
  const rows = await work.tx
    .select()
    .from(certificates)
    .where(and(eq(certificates.issuerId, work.issuer.id), inArray(certificates.serialNumber, serialNumbers)));
  const known = new Map(rows.map((row) => [row.serialNumber, row]));
  for (const entry of entries) {
    const row = known.get(entry.serialNumber);
    if (row?.state === "revoked") continue;
    if (row !== undefined && CERTIFICATE.allows(row.state, "revoke")) {
      await revokeKnown(work, row, entry);
      revoked += 1;
    } else if (await addUnknown(work, entry)) unknown += 1;
  }
  return { revoked, unknown };
}

/**
 * Revokes what a later CRL of one of the office's issuing CAs lists, with its times and reasons. In the transaction of the restore; the next list, with
 * a number beyond this one's, is signed when the office starts.
 * @throws BackupError crl-foreign: no issuing CA of the backup signed it; crl-unreadable
 */
export async function takeList(tx: Database, list: X509Crl, now: Date): Promise<TakenList> {
  const issuer = await issuerOf(tx, list);
  const number = numberOf(list);
  const entries = list.entries.map(({ serialNumber, revocationDate, reason }) => ({
    serialNumber: serialNumber.toLowerCase(),
    revokedAt: revocationDate,
    reasonCode: reason ?? 0,
  }));
  if (number > issuer.crlNumber) {
    await tx.update(issuers).set({ crlNumber: number }).where(eq(issuers.id, issuer.id));
    await schedule(tx, { kind: CRL_JOB, key: crlJobKey(issuer.id, number), dueAt: new Date(0) });
  }
  let [revoked, unknown] = [0, 0];
  for (let i = 0; i < entries.length; i += AT_ONCE) {
    const taken = await takeEntries({ tx, issuer, list: number, now }, entries.slice(i, i + AT_ONCE));
    revoked += taken.revoked;
    unknown += taken.unknown;
  }
  return { issuer: issuer.name, number, revoked, unknown };
}

/** Codes of invitations and challenges that were open may have been used since: they end, and whoever needs one asks for a new one. */
export async function endOpenSecrets(tx: Database, now: Date): Promise<void> {
  await tx.update(oneTimeLinks).set({ usedAt: now }).where(isNull(oneTimeLinks.usedAt));
  await tx.update(issuanceChallenges).set({ usedAt: now }).where(isNull(issuanceChallenges.usedAt));
  // Reference numbers and agreed releases may have served since: their dossiers are approved again, and wait for another number.
  const open = await tx
    .select()
    .from(activations)
    .where(inArray(activations.state, ["created", "mailed", "locked"]));
  for (const { id, state, dossierId } of open) {
    await tx
      .update(activations)
      .set({ state: ACTIVATION.after(state, "expire") })
      .where(eq(activations.id, id));
    const [dossier] = await tx.select().from(dossiers).where(eq(dossiers.id, dossierId)).for("update");
    if (dossier?.state === "activation_ready" && dossier.certificateId === null)
      await tx
        .update(dossiers)
        .set({ state: DOSSIER.after(dossier.state, "lapse") })
        .where(eq(dossiers.id, dossierId));
  }
  // A code by which an access key was to be collected.
  await tx.update(legalRepresentatives).set({ handoverHash: null, handoverExpiresAt: null });
  const releases = await tx
    .select()
    .from(secretReleases)
    .where(inArray(secretReleases.state, ["asked", "agreed"]));
  for (const { id, state } of releases)
    await tx
      .update(secretReleases)
      .set({ state: SECRET_RELEASE.after(state, "expire") })
      .where(eq(secretReleases.id, id));
}
