// An applicant books a face-to-face check, books another one instead, or gives it up (S13). Locked in this order: organisation, dossier, slot, check.

import { and, eq, inArray } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { auditDossier, type Dossier, holdDossier, holdOwnDossier, moveDossier } from "../dossiers/dossiers.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { type JobHandler, schedule } from "../jobs/jobs.ts";
import { queueMail } from "../mail/outbox.ts";
import { appointmentCancelledMail } from "../mail/templates/appointment-cancelled.ts";
import { appointmentConfirmedMail } from "../mail/templates/appointment-confirmed.ts";
import { type Limit, spendTry } from "../registration/limits.ts";
import type { Acting } from "../registration/officers.ts";
import { IDENTITY_CHECK } from "../states/identity-check-states.ts";
import { appointmentSlots, identityChecks } from "../store/application-schema.ts";
import { offices } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { IdentityError } from "./identity-error.ts";
import { LAPSE_JOB, OPEN_CHECKS } from "./identity-states.ts";
import { holdSlot, isBooked, isOffered, type Slot } from "./slots.ts";

/** Each books, and mails. */
const BOOKINGS_A_DAY = 12;
/** After the beginning: then nobody has come, or nobody was there. */
const LAPSE_MS = DAY_MS;

export type IdentityCheck = typeof identityChecks.$inferSelect;

export const appointmentAddress = (dossierId: string): string => `/my/dossiers/${dossierId}/appointment`;

/** The one that is not decided; null: none. The dossier's row is held. */
export async function holdOpenCheck(tx: Database, dossierId: string): Promise<IdentityCheck | null> {
  const open = and(eq(identityChecks.dossierId, dossierId), inArray(identityChecks.state, [...OPEN_CHECKS]));
  const [check] = await tx.select().from(identityChecks).where(open).for("update");
  return check ?? null;
}

async function slotOf(tx: Database, check: IdentityCheck): Promise<Slot> {
  const [slot] = await tx.select().from(appointmentSlots).where(eq(appointmentSlots.id, check.slotId));
  if (slot === undefined) throw new IdentityError("unknown");
  return slot;
}

async function timeZoneOf(tx: Database, officeId: string): Promise<string> {
  const [office] = await tx.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, officeId));
  return office?.timeZone ?? "UTC";
}

const addressee = (desk: ApplicationDesk, { email, givenName, surname, number }: Dossier) => ({
  to: email,
  publicUrl: desk.publicUrl,
  name: `${givenName} ${surname}`,
  number,
});

/**
 * Ends an open check before it is decided: the dossier waits for another appointment, the applicant is told. The dossier and the check are held; the
 * audit event is the caller's.
 * @param reason as the applicant reads it; null: they did it themselves
 */
export async function cancelCheck(
  tx: Database,
  desk: ApplicationDesk,
  dossier: Dossier,
  check: IdentityCheck,
  reason: string | null,
  now: Date,
): Promise<Dossier> {
  const state = IDENTITY_CHECK.after(check.state, "cancel");
  await tx
    .update(identityChecks)
    .set({ state, decidedAt: now, ...(reason === null ? {} : { note: reason }) })
    .where(eq(identityChecks.id, check.id));
  const moved = await moveDossier(tx, dossier, "unbook");
  const { startsAt } = await slotOf(tx, check);
  const about = { startsAt, timeZone: await timeZoneOf(tx, dossier.officeId), path: appointmentAddress(dossier.id), reason };
  const mail = appointmentCancelledMail(dossier.language, { ...addressee(desk, dossier), ...about });
  await queueMail(tx, desk.sealing, "appointment-cancelled", mail, now);
  return moved;
}

/** The one that they have is given up for it. Whoever has begun or decided it keeps it. */
async function giveUpFormer(tx: Database, dossier: Dossier, now: Date): Promise<Dossier> {
  const former = await holdOpenCheck(tx, dossier.id);
  if (former === null) return dossier;
  if (former.state !== "booked" || (await slotOf(tx, former)).startsAt <= now) throw new IdentityError("too-late");
  const state = IDENTITY_CHECK.after(former.state, "cancel");
  await tx.update(identityChecks).set({ state, decidedAt: now }).where(eq(identityChecks.id, former.id));
  return moveDossier(tx, dossier, "unbook");
}

const bookings = (accountId: string): Limit => ({ subject: `bookings of ${accountId}`, count: BOOKINGS_A_DAY, windowMs: DAY_MS });

export interface Booking {
  readonly dossierId: string;
  readonly accountId: string;
  readonly slotId: string;
}

/**
 * Of two who want one appointment, one gets it. Who has one already has this one instead, or still that one.
 * @returns the check's id
 * @throws IdentityError unknown, slot-taken, slot-past, too-late; DossierError; StateError; LimitError
 */
export async function bookCheck(desk: ApplicationDesk, { dossierId, accountId, slotId }: Booking): Promise<string> {
  const { store, clock, sealing } = desk;
  await spendTry(store, [bookings(accountId)], clock.now());
  return store.transaction(async (tx) => {
    const dossier = await holdOwnDossier(tx, dossierId, accountId);
    const slot = await holdSlot(tx, slotId);
    const now = clock.now();
    if (slot.officeId !== dossier.officeId) throw new IdentityError("unknown");
    if (slot.startsAt <= now) throw new IdentityError("slot-past");
    if (!(await isOffered(tx, slotId)) || (await isBooked(tx, slotId))) throw new IdentityError("slot-taken");
    const free = await giveUpFormer(tx, dossier, now);
    await moveDossier(tx, free, "book");
    const [check] = await tx
      .insert(identityChecks)
      .values({ dossierId, slotId, state: "booked", checklist: {}, createdAt: now })
      .returning({ id: identityChecks.id });
    if (check === undefined) throw new Error("a check that was not added");
    await schedule(tx, { kind: LAPSE_JOB, key: `${LAPSE_JOB}:${check.id}`, dueAt: new Date(slot.startsAt.getTime() + LAPSE_MS) });
    const { startsAt, minutes, kind, place } = slot;
    const about = { startsAt, minutes, kind, place, timeZone: await timeZoneOf(tx, dossier.officeId) };
    await queueMail(
      tx,
      sealing,
      "appointment-confirmed",
      appointmentConfirmedMail(dossier.language, { ...addressee(desk, dossier), ...about }),
      now,
    );
    await auditDossier(
      tx,
      dossierId,
      "book",
      { actor: `account:${accountId}`, now },
      { check: check.id, startsAt: startsAt.toISOString() },
    );
    return check.id;
  });
}

/** Until it begins. @throws IdentityError unknown, too-late; DossierError */
export function cancelBooking(desk: ApplicationDesk, { dossierId, accountId }: Omit<Booking, "slotId">): Promise<void> {
  return desk.store.transaction(async (tx) => {
    const dossier = await holdOwnDossier(tx, dossierId, accountId);
    const check = await holdOpenCheck(tx, dossierId);
    if (check === null) throw new IdentityError("unknown");
    const now = desk.clock.now();
    if (check.state !== "booked" || (await slotOf(tx, check)).startsAt <= now) throw new IdentityError("too-late");
    await cancelCheck(tx, desk, dossier, check, null, now);
    await auditDossier(tx, dossierId, "unbook", { actor: `account:${accountId}`, now }, { check: check.id });
  });
}

const NOBODY_BEGAN: Readonly<Record<string, string>> = {
  fr: "Le rendez-vous est passé sans que la vérification ait commencé.",
  en: "The appointment is over, and the check was never begun.",
};

/** An appointment that is over, and that nobody began: the applicant may book another one. */
export function lapseJob(desk: ApplicationDesk): JobHandler {
  return async (tx, { key }, now) => {
    const id = key.slice(LAPSE_JOB.length + 1);
    const [found] = await tx.select().from(identityChecks).where(eq(identityChecks.id, id));
    if (found === undefined) return;
    const dossier = await holdDossier(tx, found.dossierId);
    const [check] = await tx.select().from(identityChecks).where(eq(identityChecks.id, id)).for("update");
    if (check?.state !== "booked") return;
    const clock: Acting = { actor: "clock", now };
    await cancelCheck(tx, desk, dossier, check, NOBODY_BEGAN[dossier.language] ?? "", now);
    await auditDossier(tx, dossier.id, "unbook", clock, { check: id });
  };
}
