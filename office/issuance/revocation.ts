// Revocation: final. The certificate's state, the entry and the new CRL are one transaction; OCSP reads the same tables.

import { and, asc, eq, inArray, type SQL } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { CERTIFICATE, type CertificateState } from "../states/certificate-states.ts";
import { certificates, keys, revocations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { AuthorityFolder } from "./authority-folder.ts";
import { wholeSeconds } from "./clock.ts";
import { publishCrl } from "./crl.ts";
import type { IssuanceDesk } from "./issuance-desk.ts";
import { NOT_PROVED, NOT_PROVED_TEXT, REVOCATION_REASONS, type RevocationReason } from "./revocation-reasons.ts";

export type RevocationChannel = "holder" | "legal" | "post" | "officer";

export interface RevocationOrder {
  readonly reason: RevocationReason;
  readonly channel: RevocationChannel;
  /** Who entered it; null: no officer did. */
  readonly officerId: string | null;
  /** For the audit trail: «officer:ID», … */
  readonly actor: string;
}

export interface Revocation {
  readonly certificateId: string;
  readonly revokedAt: Date;
  /** One of REVOCATION_REASONS, or NOT_PROVED. */
  readonly reason: string;
  readonly reasonCode: number;
  /** False: it was revoked before, and nothing has changed. */
  readonly isNew: boolean;
}

/** There is no certificate with this number. */
export class UnknownCertificateError extends Error {
  override readonly name = "UnknownCertificateError";
}

interface Entry {
  readonly reason: string;
  readonly reasonCode: number;
  readonly channel: RevocationChannel | "clock";
  readonly officerId: string | null;
}

const entryOf = ({ reason, channel, officerId }: RevocationOrder): Entry => ({
  reason,
  reasonCode: REVOCATION_REASONS[reason].code,
  channel,
  officerId,
});

const KEY_COMPROMISE = REVOCATION_REASONS["key-compromise"].code;

type CertificateRow = typeof certificates.$inferSelect;

async function hold(tx: Database, certificateId: string): Promise<CertificateRow> {
  const [row] = await tx.select().from(certificates).where(eq(certificates.id, certificateId)).for("update");
  if (row === undefined) throw new UnknownCertificateError(certificateId);
  return row;
}

/** What the clock says of a certificate even before its job has run. */
const stateNow = ({ state, notAfter }: CertificateRow, now: Date): CertificateState =>
  state !== "revoked" && now > notAfter ? "expired" : state;

async function enter(tx: Database, row: CertificateRow, entry: Entry, now: Date): Promise<Revocation> {
  const state = CERTIFICATE.after(stateNow(row, now), "revoke");
  const revokedAt = wholeSeconds(now);
  await tx.insert(revocations).values({ ...entry, certificateId: row.id, revokedAt });
  await tx.update(certificates).set({ state }).where(eq(certificates.id, row.id));
  return { certificateId: row.id, revokedAt, reason: entry.reason, reasonCode: entry.reasonCode, isNew: true };
}

async function known(tx: Database, { id }: CertificateRow): Promise<Revocation> {
  const [row] = await tx.select().from(revocations).where(eq(revocations.certificateId, id));
  if (row === undefined) throw new Error("a revoked certificate without its revocation");
  return { certificateId: id, revokedAt: row.revokedAt, reason: row.reason, reasonCode: row.reasonCode, isNew: false };
}

async function audit(tx: Database, actor: string, row: CertificateRow, entry: Entry, now: Date): Promise<void> {
  const details = { serialNumber: row.serialNumber, reason: entry.reason, reasonCode: entry.reasonCode, channel: entry.channel };
  await appendAudit(tx, { at: now, actor, action: "certificate.revoke", subject: `certificate:${row.id}`, details });
}

/** The certificates that end with this one: when somebody else has its key, all of that key, in the order in which everybody takes them. */
async function holdWithIt(tx: Database, certificateId: string, reasonCode: number): Promise<CertificateRow[]> {
  if (reasonCode !== KEY_COMPROMISE) return [await hold(tx, certificateId)];
  const [found] = await tx.select({ keyId: certificates.keyId }).from(certificates).where(eq(certificates.id, certificateId));
  if (found === undefined) throw new UnknownCertificateError(certificateId);
  // The key first: nobody certifies it meanwhile.
  await tx.select({ id: keys.id }).from(keys).where(eq(keys.id, found.keyId)).for("update");
  return tx.select().from(certificates).where(eq(certificates.keyId, found.keyId)).orderBy(asc(certificates.id)).for("update");
}

/**
 * Revokes a certificate, in a transaction of the caller's; when its key is compromised, all other certificates of that key, too (RFC 5280 §5.3.1,
 * keyCompromise is about the key). One that is revoked already stays as it is: the first reason counts.
 * @throws UnknownCertificateError, StateError (expired), CaKeyError
 */
export async function revokeIn(
  tx: Database,
  authority: AuthorityFolder,
  certificateId: string,
  order: RevocationOrder,
  now: Date,
): Promise<Revocation> {
  const entry = entryOf(order);
  const rows = await holdWithIt(tx, certificateId, entry.reasonCode);
  const asked = rows.find(({ id }) => id === certificateId);
  if (asked === undefined) throw new UnknownCertificateError(certificateId);
  if (asked.state === "revoked") return known(tx, asked);
  const revocation = await enter(tx, asked, entry, now);
  const others = rows.filter((row) => row !== asked && CERTIFICATE.allows(stateNow(row, now), "revoke"));
  for (const row of others) await enter(tx, row, entry, now);
  const revoked = [asked, ...others];
  for (const issuerId of [...new Set(revoked.map((row) => row.issuerId))].sort()) await publishCrl(tx, authority, issuerId, now);
  for (const row of revoked) await audit(tx, order.actor, row, entry, now);
  return revocation;
}

/** The same in a transaction of its own. */
export function revoke({ store, authority, clock }: IssuanceDesk, certificateId: string, order: RevocationOrder): Promise<Revocation> {
  return store.transaction((tx) => revokeIn(tx, authority, certificateId, order, clock.now()));
}

/**
 * Revokes whatever is valid of a token's keys: it was lost, damaged or retired. The caller holds the token's row.
 * @returns those revoked
 * @throws CaKeyError
 */
export async function revokeTokenIn(
  tx: Database,
  authority: AuthorityFolder,
  tokenSerial: string,
  order: RevocationOrder,
  now: Date,
): Promise<Revocation[]> {
  const ofToken = tx.select({ id: keys.id }).from(keys).where(eq(keys.tokenSerial, tokenSerial));
  return revokeAllIn(tx, authority, inArray(certificates.keyId, ofToken), order, now);
}

/** The same of one key, which its token has erased. The caller holds the key's row, too. */
export function revokeKeyIn(
  tx: Database,
  authority: AuthorityFolder,
  keyId: string,
  order: RevocationOrder,
  now: Date,
): Promise<Revocation[]> {
  return revokeAllIn(tx, authority, eq(certificates.keyId, keyId), order, now);
}

/** Revokes whatever is valid of some certificates; all lists are published before the first is audited. @returns those revoked @throws CaKeyError */
export async function revokeAllIn(
  tx: Database,
  authority: AuthorityFolder,
  which: SQL | undefined,
  order: RevocationOrder,
  now: Date,
): Promise<Revocation[]> {
  const rows = await tx
    .select()
    .from(certificates)
    .where(and(which, inArray(certificates.state, ["issued", "active"])))
    .orderBy(asc(certificates.id))
    .for("update");
  const entry = entryOf(order);
  const done: Revocation[] = [];
  const revoked: CertificateRow[] = [];
  for (const row of rows) {
    if (stateNow(row, now) === "expired") continue;
    done.push(await enter(tx, row, entry, now));
    revoked.push(row);
  }
  for (const issuerId of [...new Set(revoked.map((row) => row.issuerId))].sort()) await publishCrl(tx, authority, issuerId, now);
  for (const row of revoked) await audit(tx, order.actor, row, entry, now);
  return done;
}

/** The clock's: nobody proved possession in time. One that was proved, or is over, is left as it is. */
export async function revokeUnproved(tx: Database, authority: AuthorityFolder, certificateId: string, now: Date): Promise<void> {
  const row = await hold(tx, certificateId);
  if (stateNow(row, now) !== "issued") return;
  const entry: Entry = { reason: NOT_PROVED, reasonCode: NOT_PROVED_TEXT.code, channel: "clock", officerId: null };
  await enter(tx, row, entry, now);
  await publishCrl(tx, authority, row.issuerId, now);
  await audit(tx, "clock", row, entry, now);
}

/** The clock's: its time is over. */
export async function expire(tx: Database, certificateId: string, now: Date): Promise<void> {
  const row = await hold(tx, certificateId);
  if (!CERTIFICATE.allows(row.state, "expire") || now <= row.notAfter) return;
  const state = CERTIFICATE.after(row.state, "expire");
  await tx.update(certificates).set({ state }).where(eq(certificates.id, row.id));
  const details = { serialNumber: row.serialNumber };
  await appendAudit(tx, { at: now, actor: "clock", action: "certificate.expire", subject: `certificate:${row.id}`, details });
}
