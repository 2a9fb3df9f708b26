// S13: appointments that are offered, booked, moved and given up; the check, and its decision with what follows for the dossier. On both kinds of store.

import { randomUUID } from "node:crypto";
import { and, eq, isNull, ne } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IdentityBench } from "../../test/support/identity-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { LimitError } from "../registration/limits.ts";
import { appointmentSlots, identityChecks, mails } from "../store/application-schema.ts";
import { officers, organisations } from "../store/schema.ts";
import { bookCheck, cancelBooking } from "./booking.ts";
import { beginCheck, CHECKLIST, type CheckVerdict, callOffCheck, decideCheck, takeUpCheck } from "./checks.ts";
import { endIdentity } from "./ending.ts";
import type { IdentityRefusal } from "./identity-error.ts";
import { checksBetween, checksOfDossier, freeSlots, unfinishedChecks } from "./identity-records.ts";
import type { Offer } from "./slots.ts";
import { withdrawSlot } from "./slots.ts";

const HOUR_MS = 3_600_000;
const NOTE = "Passeport vu à l'écran, hologramme visible.";

const refused = (refusal: IdentityRefusal) => expect.objectContaining({ name: "IdentityError", refusal });

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IdentityBench;

  beforeAll(async () => {
    bench = await IdentityBench.open(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());

  const checkOf = async (id: string) => (await bench.db.select().from(identityChecks).where(eq(identityChecks.id, id)))[0];
  const stateOf = async (dossierId: string) => (await bench.dossiers.read(dossierId)).state;
  const verdict = (checkId: string, part: Partial<CheckVerdict> = {}): CheckVerdict => ({
    checkId,
    officerId: bench.dossiers.verifierId,
    decision: "accept",
    seen: CHECKLIST,
    note: NOTE,
    ...part,
  });

  describe("S13 hours that a verifier offers", () => {
    test("are cut into appointments, in the office's zone", async () => {
      expect(await bench.offer({ day: "2026-12-02", from: "09:00", to: "10:15", everyMinutes: 30 })).toBe(2);
      const slots = await freeSlots(bench.db, bench.dossiers.officeId, bench.dossiers.now);
      expect(slots.map(({ startsAt }) => startsAt.toISOString())).toEqual(["2026-12-02T08:00:00.000Z", "2026-12-02T08:30:00.000Z"]);
      expect(await bench.audited()).toMatchObject([
        { action: "appointment.offer", details: { count: 2, day: "2026-12-02", kind: "video" } },
      ]);
    });

    test("never overlap with those that they offer already; another verifier's may", async () => {
      const day = "2026-12-03";
      await bench.offer({ day });
      for (const hours of [
        { from: "09:00", to: "10:00" },
        { from: "08:00", to: "12:00" },
        { from: "09:45", to: "10:15" },
      ]) {
        await expect(bench.offer({ day, ...hours, everyMinutes: 15 })).rejects.toEqual(refused("slot-overlap"));
      }
      expect(await bench.offer({ day, from: "10:00", to: "11:00" })).toBe(2);
      expect(await bench.offer({ day, officerId: await bench.dossiers.officer(["verifier"]) })).toBe(2);
    });

    test("two offers at once of one verifier: one of them counts", async () => {
      const both = await Promise.allSettled([bench.offer({ day: "2026-12-04" }), bench.offer({ day: "2026-12-04" })]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });

    test.each<[string, Partial<Offer>, IdentityRefusal]>([
      ["in the past", { day: "2026-11-22" }, "slot-past"],
      ["that end before they begin", { from: "10:00", to: "09:00" }, "slot-hours"],
      ["in which none fits", { from: "09:00", to: "09:20" }, "slot-hours"],
      ["that do not exist", { day: "2027-03-28", from: "02:30", to: "05:00" }, "slot-hours"],
      ["of a minute each", { everyMinutes: 1 }, "slot-hours"],
      ["in years", { day: "2029-01-01" }, "slot-hours"],
    ])("are refused: %s", async (_name, part, refusal) => {
      await expect(bench.offer(part)).rejects.toEqual(refused(refusal));
    });

    test("are taken back while nobody has booked them, by whoever offers them", async () => {
      const slotId = await bench.slot();
      await expect(withdrawSlot(bench.desk, slotId, bench.dossiers.approverId)).rejects.toEqual(refused("unknown"));
      await withdrawSlot(bench.desk, slotId, bench.dossiers.verifierId);
      const { id: dossierId, accountId } = await bench.applicant();
      await expect(bookCheck(bench.desk, { dossierId, accountId, slotId })).rejects.toEqual(refused("slot-taken"));
      const { slotId: booked } = await bench.booked();
      await expect(withdrawSlot(bench.desk, booked, bench.dossiers.verifierId)).rejects.toEqual(refused("slot-booked"));
    });
  });

  describe("S13 booking", () => {
    test("brings the dossier on, and mails when and where", async () => {
      const { dossier, checkId, slotId } = await bench.booked();
      expect(await stateOf(dossier.id)).toBe("identity_pending");
      expect(await checkOf(checkId)).toMatchObject({ state: "booked", slotId, officerId: null });
      expect(await bench.audited()).toMatchObject([
        { action: "dossier.book", subject: `dossier:${dossier.id}`, actor: `account:${dossier.accountId}` },
      ]);
      await bench.runJobs();
      const mail = bench.mailed.find(({ to }) => to === dossier.email);
      expect(mail?.text).toContain("https://video.example/room");
    });

    test("of five who want one appointment, one gets it, and the others keep what they have", async () => {
      const slotId = await bench.slot();
      const applicants = await Promise.all(Array.from({ length: 5 }, () => bench.applicant()));
      const tries = await Promise.allSettled(
        applicants.map(({ id, accountId }) => bookCheck(bench.desk, { dossierId: id, accountId, slotId })),
      );
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const one of tries) if (one.status === "rejected") expect(one.reason).toEqual(refused("slot-taken"));
      const states = await Promise.all(applicants.map(({ id }) => stateOf(id)));
      expect(states.filter((state) => state === "submitted")).toHaveLength(4);
    });

    test("one dossier has one open check: two bookings at once leave one", async () => {
      const { id: dossierId, accountId } = await bench.applicant();
      const slots = [await bench.slot(), await bench.slot()];
      await Promise.allSettled(slots.map((slotId) => bookCheck(bench.desk, { dossierId, accountId, slotId })));
      const open = await bench.db
        .select()
        .from(identityChecks)
        .where(and(eq(identityChecks.dossierId, dossierId), ne(identityChecks.state, "cancelled")));
      expect(open).toHaveLength(1);
    });

    test("another one instead frees the first, and a refused one leaves it", async () => {
      const { dossier, slotId: first } = await bench.booked();
      const { slotId: taken } = await bench.booked();
      const order = { dossierId: dossier.id, accountId: dossier.accountId };
      await expect(bookCheck(bench.desk, { ...order, slotId: taken })).rejects.toEqual(refused("slot-taken"));
      expect((await checksOfDossier(bench.db, dossier.id))[0]?.check).toMatchObject({ state: "booked", slotId: first });
      const second = await bench.slot();
      await bookCheck(bench.desk, { ...order, slotId: second });
      const other = await bench.applicant();
      await bookCheck(bench.desk, { dossierId: other.id, accountId: other.accountId, slotId: first });
      expect(await stateOf(dossier.id)).toBe("identity_pending");
    });

    test("is given up until it begins; the appointment is free again", async () => {
      const { dossier, slotId } = await bench.booked();
      const order = { dossierId: dossier.id, accountId: dossier.accountId };
      await cancelBooking(bench.desk, order);
      expect(await stateOf(dossier.id)).toBe("submitted");
      await bookCheck(bench.desk, { ...order, slotId });
      const { dossier: begun } = await bench.begun();
      await expect(cancelBooking(bench.desk, { dossierId: begun.id, accountId: begun.accountId })).rejects.toEqual(refused("too-late"));
    });

    test("is refused for somebody else's dossier, another office's appointment, one that is over, and a draft", async () => {
      const { id: dossierId, accountId } = await bench.applicant();
      const slotId = await bench.slot();
      const stranger = await bench.applicant();
      await expect(bookCheck(bench.desk, { dossierId, accountId: stranger.accountId, slotId })).rejects.toMatchObject({
        refusal: "unknown",
      });
      await expect(bookCheck(bench.desk, { dossierId, accountId, slotId: randomUUID() })).rejects.toEqual(refused("unknown"));
      const past = new Date(bench.dossiers.now.getTime() - 1);
      await bench.db.update(appointmentSlots).set({ startsAt: past }).where(eq(appointmentSlots.id, slotId));
      await expect(bookCheck(bench.desk, { dossierId, accountId, slotId })).rejects.toEqual(refused("slot-past"));
      const draft = await bench.dossiers.dossier({ state: "draft" });
      const order = { dossierId: draft.id, accountId: draft.accountId, slotId: await bench.slot() };
      await expect(bookCheck(bench.desk, order)).rejects.toMatchObject({ name: "StateError" });
    });

    test("with an officer who is no verifier any more is not offered", async () => {
      const officerId = await bench.dossiers.officer(["verifier"]);
      const slotId = await bench.slot({ officerId });
      expect((await freeSlots(bench.db, bench.dossiers.officeId, bench.dossiers.now)).map(({ id }) => id)).toContain(slotId);
      await bench.db.update(officers).set({ state: "withdrawn" }).where(eq(officers.id, officerId));
      expect((await freeSlots(bench.db, bench.dossiers.officeId, bench.dossiers.now)).map(({ id }) => id)).not.toContain(slotId);
      const { id: dossierId, accountId } = await bench.applicant();
      await expect(bookCheck(bench.desk, { dossierId, accountId, slotId })).rejects.toEqual(refused("slot-taken"));
    });

    test("S9: waits for the corporate account that is not open", async () => {
      const organisationId = await bench.dossiers.organisation("Fermée", "company");
      const { id: dossierId, accountId } = await bench.dossiers.dossier({ state: "submitted", organisationId });
      await bench.db.update(organisations).set({ state: "requested" }).where(eq(organisations.id, organisationId));
      const slotId = await bench.slot();
      await expect(bookCheck(bench.desk, { dossierId, accountId, slotId })).rejects.toMatchObject({ refusal: "organisation-not-open" });
    });

    test("no more than twelve a day", async () => {
      const { id: dossierId, accountId } = await bench.applicant();
      const slots = [await bench.slot(), await bench.slot()];
      for (let i = 0; i < 12; i++) await bookCheck(bench.desk, { dossierId, accountId, slotId: slots[i % 2] ?? "" });
      await expect(bookCheck(bench.desk, { dossierId, accountId, slotId: slots[0] ?? "" })).rejects.toThrow(LimitError);
    });
  });

  describe("S13 the check", () => {
    test("accepted: with all points seen, the dossier is verified by that officer, in one transaction", async () => {
      const { dossier, checkId } = await bench.begun();
      await expect(decideCheck(bench.desk, verdict(checkId, { seen: CHECKLIST.slice(1) }))).rejects.toEqual(refused("checklist"));
      await expect(decideCheck(bench.desk, verdict(checkId, { note: " " }))).rejects.toEqual(refused("evidence-missing"));
      await decideCheck(bench.desk, verdict(checkId));
      const verifierId = bench.dossiers.verifierId;
      expect(await bench.dossiers.read(dossier.id)).toMatchObject({
        state: "identity_verified",
        verifierId,
        verifiedAt: bench.dossiers.now,
      });
      expect(await checkOf(checkId)).toMatchObject({ state: "accepted", note: NOTE, checklist: { face: true, document: true } });
      expect(await bench.audited()).toMatchObject([
        { action: "identity.accept", actor: `officer:${verifierId}`, subject: `dossier:${dossier.id}` },
      ]);
    });

    test("a dossier that can't be moved leaves the check as it was", async () => {
      const { dossier, checkId } = await bench.begun();
      await bench.dossiers.db.execute(`update dossiers set state = 'expired' where id = '${dossier.id}'`);
      await expect(decideCheck(bench.desk, verdict(checkId))).rejects.toMatchObject({ name: "StateError" });
      expect(await checkOf(checkId)).toMatchObject({ state: "in_review", decidedAt: null });
    });

    test("refused: the applicant reads why", async () => {
      const { dossier, checkId } = await bench.begun();
      await expect(decideCheck(bench.desk, verdict(checkId, { decision: "refuse", note: "" }))).rejects.toEqual(refused("note"));
      await decideCheck(bench.desk, verdict(checkId, { decision: "refuse", seen: [], note: "La pièce est périmée." }));
      expect(await bench.dossiers.read(dossier.id)).toMatchObject({ state: "identity_failed", reason: "La pièce est périmée." });
      await bench.runJobs();
      expect(bench.mailed.find(({ to, text }) => to === dossier.email && text.includes("La pièce est périmée."))).toBeDefined();
    });

    test("doubted: another verifier takes it up and decides, never the same person, nor by another record", async () => {
      const { dossier, checkId } = await bench.begun();
      const { verifierId } = bench.dossiers;
      await decideCheck(bench.desk, verdict(checkId, { decision: "doubt", seen: ["present"], note: "L'hologramme ne se voit pas." }));
      expect(await stateOf(dossier.id)).toBe("identity_pending");
      const twin = await bench.dossiers.officer(["verifier"], { givenName: "Bruno", surname: "Lefevre" });
      for (const officerId of [verifierId, twin]) {
        await expect(takeUpCheck(bench.desk, { checkId, officerId })).rejects.toEqual(refused("other-verifier"));
      }
      const second = await bench.dossiers.officer(["verifier"]);
      await takeUpCheck(bench.desk, { checkId, officerId: second });
      expect(await checkOf(checkId)).toMatchObject({ state: "manual", officerId: second, doubtedBy: verifierId });
      await expect(decideCheck(bench.desk, verdict(checkId))).rejects.toEqual(refused("other-verifier"));
      await expect(decideCheck(bench.desk, verdict(checkId, { officerId: second, decision: "doubt" }))).rejects.toMatchObject({
        name: "StateError",
      });
      await decideCheck(bench.desk, verdict(checkId, { officerId: second }));
      expect(await bench.dossiers.read(dossier.id)).toMatchObject({ state: "identity_verified", verifierId: second });
      expect((await checkOf(checkId))?.note).toBe(`L'hologramme ne se voit pas.\n\n${NOTE}`);
    });

    test("is one officer's: who has not begun it does not decide, who pressed twice has begun once", async () => {
      const { checkId } = await bench.begun();
      const other = await bench.dossiers.officer(["verifier"]);
      await beginCheck(bench.desk, { checkId, officerId: bench.dossiers.verifierId });
      await expect(beginCheck(bench.desk, { checkId, officerId: other })).rejects.toEqual(refused("other-verifier"));
      await expect(decideCheck(bench.desk, verdict(checkId, { officerId: other }))).rejects.toEqual(refused("other-verifier"));
    });

    test("two decisions at once: one counts", async () => {
      const { dossier, checkId } = await bench.begun();
      const both = await Promise.allSettled([
        decideCheck(bench.desk, verdict(checkId)),
        decideCheck(bench.desk, verdict(checkId, { decision: "refuse" })),
      ]);
      expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const pair = [(await checkOf(checkId))?.state, await stateOf(dossier.id)];
      expect([
        ["accepted", "identity_verified"],
        ["refused", "identity_failed"],
      ]).toContainEqual(pair);
    });

    test("nobody checks themselves: the same mailbox is the same person", async () => {
      const { dossier, checkId } = await bench.booked();
      const self = await bench.dossiers.officer(["verifier"], { email: dossier.email });
      await expect(beginCheck(bench.desk, { checkId, officerId: self })).rejects.toEqual(refused("own-application"));
    });

    test("called off: the applicant reads why and books again, and nobody gets that hour", async () => {
      const { dossier, checkId, slotId } = await bench.booked();
      const { verifierId } = bench.dossiers;
      await expect(callOffCheck(bench.desk, { checkId, officerId: verifierId, reason: "" })).rejects.toEqual(refused("note"));
      await callOffCheck(bench.desk, { checkId, officerId: verifierId, reason: "L'agent est malade." });
      expect(await stateOf(dossier.id)).toBe("submitted");
      const order = { dossierId: dossier.id, accountId: dossier.accountId };
      await expect(bookCheck(bench.desk, { ...order, slotId })).rejects.toEqual(refused("slot-taken"));
      await bookCheck(bench.desk, { ...order, slotId: await bench.slot() });
      await bench.runJobs();
      expect(bench.mailed.find(({ to, text }) => to === dossier.email && text.includes("L'agent est malade."))).toBeDefined();
    });

    test("ends with its dossier", async () => {
      const { dossier, checkId } = await bench.begun();
      await bench.desk.store.transaction((tx) => endIdentity(tx, dossier.id, bench.dossiers.now));
      expect(await checkOf(checkId)).toMatchObject({ state: "cancelled" });
    });

    test("is in its day's list, and later among those that wait", async () => {
      const { checkId, slotId } = await bench.booked();
      const [slot] = await bench.db.select().from(appointmentSlots).where(eq(appointmentSlots.id, slotId));
      const startsAt = slot?.startsAt ?? new Date(0);
      const scope = [bench.dossiers.officeId];
      const listed = await checksBetween(bench.db, scope, startsAt, new Date(startsAt.getTime() + 1));
      expect(listed).toMatchObject([{ id: checkId, state: "booked", officerName: null }]);
      expect(await checksBetween(bench.db, [randomUUID()], startsAt, new Date(startsAt.getTime() + 1))).toEqual([]);
      expect((await unfinishedChecks(bench.db, scope, new Date(startsAt.getTime() + HOUR_MS))).map(({ id }) => id)).toContain(checkId);
    });
  });

  test("S13 an appointment at which nobody began is given up by the clock, a day later", async () => {
    const { dossier, checkId, slotId } = await bench.booked();
    const { checkId: begun } = await bench.begun();
    await bench.runJobs();
    const [slot] = await bench.db.select().from(appointmentSlots).where(eq(appointmentSlots.id, slotId));
    const before = bench.dossiers.now;
    bench.dossiers.now = new Date((slot?.startsAt.getTime() ?? 0) + 23 * HOUR_MS);
    await bench.runJobs();
    expect(await stateOf(dossier.id)).toBe("identity_pending");
    bench.dossiers.now = new Date((slot?.startsAt.getTime() ?? 0) + 25 * HOUR_MS);
    await bench.runJobs();
    expect(await stateOf(dossier.id)).toBe("submitted");
    expect(await checkOf(checkId)).toMatchObject({ state: "cancelled" });
    expect(await checkOf(begun)).toMatchObject({ state: "in_review" });
    expect(
      await bench.db
        .select()
        .from(mails)
        .where(and(eq(mails.recipient, dossier.email), isNull(mails.sentAt))),
    ).toEqual([]);
    bench.dossiers.now = before;
  });
});
