// Appointments that verifiers offer (S13): some hours of a day, by video or at the desk. A verifier is in one place at a time.

import { and, eq, exists, gt, inArray, isNull, lt, ne } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { rolesWith } from "../registration/roles.ts";
import { appointmentSlots, identityChecks } from "../store/application-schema.ts";
import { officerRoles, officers, offices } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { IdentityError } from "./identity-error.ts";
import { zonedTime } from "./zoned-time.ts";

const MINUTE_MS = 60_000;
export const MIN_SLOT_MINUTES = 5;
export const MAX_SLOT_MINUTES = 120;
/** Who offers more at once has mistyped. */
const MAX_SLOTS = 60;
const MAX_AHEAD_MS = 366 * DAY_MS;

export type Slot = typeof appointmentSlots.$inferSelect;

export interface Offer {
  readonly officeId: string;
  readonly officerId: string;
  readonly kind: "video" | "desk";
  /** The video call's address, or where the desk is. */
  readonly place: string;
  /** 2026-12-01, and hours as 09:30, in the office's zone. */
  readonly day: string;
  readonly from: string;
  readonly to: string;
  readonly everyMinutes: number;
}

export const endOfSlot = ({ startsAt, minutes }: Pick<Slot, "startsAt" | "minutes">): Date =>
  new Date(startsAt.getTime() + minutes * MINUTE_MS);

function startsOf({ day, from, to, everyMinutes }: Offer, timeZone: string, now: Date): Date[] {
  const [begin, end] = [zonedTime(day, from, timeZone), zonedTime(day, to, timeZone)];
  if (begin === null || end === null || everyMinutes < MIN_SLOT_MINUTES || everyMinutes > MAX_SLOT_MINUTES)
    throw new IdentityError("slot-hours");
  const stepMs = everyMinutes * MINUTE_MS;
  const count = Math.floor((end.getTime() - begin.getTime()) / stepMs);
  if (count < 1 || count > MAX_SLOTS || begin.getTime() > now.getTime() + MAX_AHEAD_MS) throw new IdentityError("slot-hours");
  if (begin <= now) throw new IdentityError("slot-past");
  return Array.from({ length: count }, (_, index) => new Date(begin.getTime() + index * stepMs));
}

async function isFree(tx: Database, officerId: string, begin: Date, end: Date): Promise<boolean> {
  const near = and(
    eq(appointmentSlots.officerId, officerId),
    isNull(appointmentSlots.withdrawnAt),
    gt(appointmentSlots.startsAt, new Date(begin.getTime() - MAX_SLOT_MINUTES * MINUTE_MS)),
    lt(appointmentSlots.startsAt, end),
  );
  const rows = await tx.select().from(appointmentSlots).where(near);
  return rows.every((slot) => endOfSlot(slot) <= begin);
}

/** @returns how many @throws IdentityError slot-hours, slot-past, slot-overlap */
export function offerSlots({ store, clock }: ApplicationDesk, offer: Offer): Promise<number> {
  const { officeId, officerId, kind, place, everyMinutes, day } = offer;
  return store.transaction(async (tx) => {
    // One offer of an officer's after the other: two at once would not see each other's hours.
    const [officer] = await tx.select({ id: officers.id }).from(officers).where(eq(officers.id, officerId)).for("no key update");
    const [office] = await tx.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, officeId));
    if (office === undefined || officer === undefined) throw new IdentityError("unknown");
    const now = clock.now();
    const starts = startsOf(offer, office.timeZone, now);
    const [first, last] = [starts[0] ?? now, endOfSlot({ startsAt: starts.at(-1) ?? now, minutes: everyMinutes })];
    if (!(await isFree(tx, officerId, first, last))) throw new IdentityError("slot-overlap");
    await tx
      .insert(appointmentSlots)
      .values(starts.map((startsAt) => ({ officeId, officerId, kind, place, startsAt, minutes: everyMinutes })));
    const details = { day, count: starts.length, kind };
    await appendAudit(tx, { at: now, actor: `officer:${officerId}`, action: "appointment.offer", subject: `office:${officeId}`, details });
    return starts.length;
  });
}

/** Nobody else books it or takes it back until the transaction ends. @throws IdentityError unknown */
export async function holdSlot(tx: Database, id: string): Promise<Slot> {
  const [slot] = await tx.select().from(appointmentSlots).where(eq(appointmentSlots.id, id)).for("update");
  if (slot === undefined) throw new IdentityError("unknown");
  return slot;
}

const isActiveVerifier = and(eq(officers.state, "active"), inArray(officerRoles.role, rolesWith("identity")));

/** By officers who check identities there, and still do. */
export const offeringOfficers = (db: Database) =>
  db
    .select({ officerId: officerRoles.officerId })
    .from(officerRoles)
    .innerJoin(officers, eq(officers.id, officerRoles.officerId))
    .where(
      and(isActiveVerifier, eq(officerRoles.officeId, appointmentSlots.officeId), eq(officerRoles.officerId, appointmentSlots.officerId)),
    );

/** Not taken back, and neither is the officer. The slot is held. */
export async function isOffered(tx: Database, slotId: string): Promise<boolean> {
  const offered = and(eq(appointmentSlots.id, slotId), isNull(appointmentSlots.withdrawnAt), exists(offeringOfficers(tx)));
  return (await tx.select({ id: appointmentSlots.id }).from(appointmentSlots).where(offered)).length > 0;
}

export async function isBooked(tx: Database, slotId: string): Promise<boolean> {
  const booked = and(eq(identityChecks.slotId, slotId), ne(identityChecks.state, "cancelled"));
  return (await tx.select({ id: identityChecks.id }).from(identityChecks).where(booked).limit(1)).length > 0;
}

/** One that nobody has booked; of another, the check is called off. @throws IdentityError unknown, slot-booked */
export function withdrawSlot({ store, clock }: ApplicationDesk, slotId: string, officerId: string): Promise<void> {
  return store.transaction(async (tx) => {
    const slot = await holdSlot(tx, slotId);
    if (slot.officerId !== officerId) throw new IdentityError("unknown");
    if (slot.withdrawnAt !== null) return;
    if (await isBooked(tx, slotId)) throw new IdentityError("slot-booked");
    const now = clock.now();
    await tx.update(appointmentSlots).set({ withdrawnAt: now }).where(eq(appointmentSlots.id, slotId));
    const details = { startsAt: slot.startsAt.toISOString() };
    await appendAudit(tx, {
      at: now,
      actor: `officer:${officerId}`,
      action: "appointment.withdraw",
      subject: `office:${slot.officeId}`,
      details,
    });
  });
}
