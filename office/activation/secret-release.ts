// Letting out a token's PUK and management key: one officer asks and says why, another person agrees, and whoever asked sees them, once, within a day.
// Every step is in the audit trail, with the officer who took it. What somebody has seen is out: the same secrets are released once.

import { and, eq, gte, inArray } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { isSameOfficer } from "../dossiers/same-person.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import { type JobHandler, schedule } from "../jobs/jobs.ts";
import { type Officer, requirePermission } from "../registration/officers.ts";
import { SECRET_RELEASE, type SecretReleaseEvent, type SecretReleaseState } from "../states/secret-release-states.ts";
import { secretReleases, tokenSecrets } from "../store/application-schema.ts";
import { tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { openSecrets, type TokenSecrets } from "./token-escrow.ts";

export const RELEASE_MS = DAY_MS;
export const RELEASE_EXPIRE_JOB = "secrets.expire";
export const MIN_REASON_CHARACTERS = 10;
export const MAX_REASON_CHARACTERS = 500;

/**
 * `unknown`: no such release or token, or another office's. `no-secrets`: the office has none of this token. `released`: somebody was shown them
 * before. `open`: somebody has asked, and it is not over. `reason`: too short or too long. `same-officer`: whoever asked can't agree, nor another
 * record of the same person. `not-yours`: only who asked sees them. `not-agreed`: nobody has yet. `over`: refused, shown, or a day has passed.
 */
export const RELEASE_REFUSALS = [
  "unknown",
  "no-secrets",
  "released",
  "open",
  "reason",
  "same-officer",
  "not-yours",
  "not-agreed",
  "over",
] as const;
export type ReleaseRefusal = (typeof RELEASE_REFUSALS)[number];

export class SecretReleaseError extends Error {
  override readonly name = "SecretReleaseError";
  readonly refusal: ReleaseRefusal;
  constructor(refusal: ReleaseRefusal) {
    super(`secret release: ${refusal}`);
    this.refusal = refusal;
  }
}

export type SecretRelease = typeof secretReleases.$inferSelect;

/** What the clock says of it even before its job has run. */
export const releaseState = ({ state, expiresAt }: SecretRelease, now: Date): SecretReleaseState =>
  (state === "asked" || state === "agreed") && expiresAt <= now ? "expired" : state;

/** Holds the token: of one token one is asked at a time. @throws SecretReleaseError unknown; NotPermittedError */
async function holdToken(tx: Database, serial: string, officer: Officer): Promise<void> {
  const [token] = await tx.select().from(tokens).where(eq(tokens.serial, serial)).for("update");
  if (token === undefined) throw new SecretReleaseError("unknown");
  requirePermission(officer, "secrets", token.officeId);
}

async function move(tx: Database, release: SecretRelease, event: SecretReleaseEvent, values: Partial<SecretRelease> = {}): Promise<void> {
  const state = SECRET_RELEASE.after(release.state, event);
  await tx
    .update(secretReleases)
    .set({ ...values, state })
    .where(eq(secretReleases.id, release.id));
}

const audit = (tx: Database, what: string, { id, tokenSerial }: SecretRelease, actor: string, now: Date, reason?: string) =>
  appendAudit(tx, {
    at: now,
    actor,
    action: `secrets.${what}`,
    subject: `token:${tokenSerial}`,
    details: { release: id, ...(reason !== undefined && { reason }) },
  });

const actorOf = ({ id }: Officer): string => `officer:${id}`;

/** What the office has of a token: `none`; `kept`: nobody was shown it yet; `released`: somebody was, since it went on record. */
export type SecretsKept = "none" | "kept" | "released";

export async function secretsKept(db: Database, serial: string): Promise<SecretsKept> {
  const [known] = await db.select({ storedAt: tokenSecrets.storedAt }).from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, serial));
  if (known === undefined) return "none";
  // A token that is formatted anew has others, and they go on record later.
  const wasShown = and(eq(secretReleases.tokenSerial, serial), gte(secretReleases.shownAt, known.storedAt));
  const [shown] = await db.select({ id: secretReleases.id }).from(secretReleases).where(wasShown).limit(1);
  return shown === undefined ? "kept" : "released";
}

/** @returns the release's id @throws SecretReleaseError unknown, no-secrets, released, open, reason; NotPermittedError */
export async function askRelease({ store, clock }: ApplicationDesk, serial: string, typed: string, officer: Officer): Promise<string> {
  const reason = typed.trim();
  if (reason.length < MIN_REASON_CHARACTERS || reason.length > MAX_REASON_CHARACTERS) throw new SecretReleaseError("reason");
  return store.transaction(async (tx) => {
    const now = clock.now();
    await holdToken(tx, serial, officer);
    const kept = await secretsKept(tx, serial);
    if (kept !== "kept") throw new SecretReleaseError(kept === "none" ? "no-secrets" : "released");
    const isOpen = and(eq(secretReleases.tokenSerial, serial), inArray(secretReleases.state, ["asked", "agreed"]));
    const [before] = await tx.select().from(secretReleases).where(isOpen).for("update");
    if (before !== undefined && before.expiresAt > now) throw new SecretReleaseError("open");
    if (before !== undefined) await move(tx, before, "expire");
    const values = { tokenSerial: serial, state: "asked" as const, reason, askedBy: officer.id, askedAt: now };
    const expiresAt = later(now, RELEASE_MS);
    const [added] = await tx
      .insert(secretReleases)
      .values({ ...values, expiresAt })
      .returning();
    if (added === undefined) throw new Error("a release that was not added");
    await schedule(tx, { kind: RELEASE_EXPIRE_JOB, key: `${RELEASE_EXPIRE_JOB}:${added.id}`, dueAt: expiresAt });
    if (before !== undefined) await audit(tx, "expire", before, "clock", now);
    await audit(tx, "ask", added, actorOf(officer), now, reason);
    return added.id;
  });
}

/** The release and its token, held; in this officer's office. @throws SecretReleaseError unknown; NotPermittedError */
async function hold(tx: Database, id: string, officer: Officer): Promise<SecretRelease> {
  const [found] = await tx.select({ serial: secretReleases.tokenSerial }).from(secretReleases).where(eq(secretReleases.id, id));
  if (found === undefined) throw new SecretReleaseError("unknown");
  await holdToken(tx, found.serial, officer);
  const [row] = await tx.select().from(secretReleases).where(eq(secretReleases.id, id)).for("update");
  if (row === undefined) throw new SecretReleaseError("unknown");
  return row;
}

/** @throws SecretReleaseError same-officer */
async function requireAnotherPerson(tx: Database, { askedBy }: SecretRelease, officerId: string): Promise<void> {
  if (await isSameOfficer(tx, askedBy, officerId)) throw new SecretReleaseError("same-officer");
}

/** By another person than the one who asked. @throws SecretReleaseError unknown, same-officer, over; NotPermittedError */
export function decideRelease(
  { store, clock }: ApplicationDesk,
  id: string,
  decision: "agree" | "refuse",
  officer: Officer,
): Promise<void> {
  return store.transaction(async (tx) => {
    const now = clock.now();
    const row = await hold(tx, id, officer);
    await requireAnotherPerson(tx, row, officer.id);
    if (releaseState(row, now) !== "asked") throw new SecretReleaseError("over");
    await move(tx, row, decision, { decidedBy: officer.id, decidedAt: now });
    await audit(tx, decision, row, actorOf(officer), now);
  });
}

/** Once, to the officer who asked. @throws SecretReleaseError unknown, not-yours, not-agreed, over; NotPermittedError; SealError */
export function showRelease({ store, clock, sealing }: ApplicationDesk, id: string, officer: Officer): Promise<TokenSecrets> {
  return store.transaction(async (tx) => {
    const now = clock.now();
    const row = await hold(tx, id, officer);
    if (row.askedBy !== officer.id) throw new SecretReleaseError("not-yours");
    const state = releaseState(row, now);
    if (state === "asked") throw new SecretReleaseError("not-agreed");
    if (state !== "agreed") throw new SecretReleaseError("over");
    const [kept] = await tx.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, row.tokenSerial));
    if (kept === undefined) throw new SecretReleaseError("no-secrets");
    const secrets = openSecrets(sealing, row.tokenSerial, kept.sealed);
    await move(tx, row, "show", { shownAt: now });
    await audit(tx, "show", row, actorOf(officer), now);
    return secrets;
  });
}

/** Nobody agreed, or nobody looked, for a day. */
export const releaseExpiryJob: JobHandler = async (tx, { key }, now) => {
  const id = key.slice(RELEASE_EXPIRE_JOB.length + 1);
  const [row] = await tx.select().from(secretReleases).where(eq(secretReleases.id, id)).for("update");
  if (row === undefined || !SECRET_RELEASE.allows(row.state, "expire") || row.expiresAt > now) return;
  await move(tx, row, "expire");
  await audit(tx, "expire", row, "clock", now);
};
