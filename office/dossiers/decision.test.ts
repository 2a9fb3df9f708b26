// Approval and rejection: who may, what has to be settled, and all that an approval does at once.

import { asc, eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DossierBench } from "../../test/support/dossier-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { LimitError } from "../registration/limits.ts";
import { NotPermittedError } from "../registration/roles.ts";
import { StateError } from "../states/state-table.ts";
import { accounts, activations, appointmentSlots, dossiers, evidence, identityChecks, mails } from "../store/application-schema.ts";
import { auditEvents, officerCodeSights, officers, organisations, people } from "../store/schema.ts";
import { approveDossier, rejectDossier } from "./decision.ts";
import { DecisionError } from "./decision-error.ts";
import { cancelDossier } from "./dossier-rules.ts";
import type { Dossier } from "./dossiers.ts";
import { newReference } from "./new-reference.ts";
import { decidePayment } from "./payment.ts";
import { REFERENCE_LIFE_MS } from "./prepare-activation.ts";
import { readReferenceNumber } from "./reference-number.ts";

const NOTE = "Tableau de l'Ordre consulté ce jour : inscrite, en exercice";
const REFERENCE = /[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}/;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: DossierBench;
  beforeAll(async () => {
    bench = await DossierBench.open(kind);
  }, STORE_START_LIMIT_MS);
  beforeEach(() => {
    bench.mailed.length = 0;
  });
  afterAll(() => bench.close());

  const approve = ({ id }: Dossier, officerId = bench.approverId, statusNote = NOTE) =>
    approveDossier(bench.desk, id, { officerId, statusNote });
  const reject = ({ id }: Dossier, officerId = bench.approverId) =>
    rejectDossier(bench.desk, id, { officerId, reason: "Le document présenté n'est plus valable" });
  const activationsOf = ({ id }: Dossier) =>
    bench.db.select().from(activations).where(eq(activations.dossierId, id)).orderBy(asc(activations.createdAt));
  const actionsOf = async (...subjects: string[]) => {
    const rows = await bench.db.select().from(auditEvents).where(inArray(auditEvents.subject, subjects)).orderBy(auditEvents.number);
    return rows.map(({ action, actor }) => [action, actor]);
  };
  const asFound = async (dossier: Dossier) => {
    expect(await bench.read(dossier.id)).toEqual(dossier);
    expect(await activationsOf(dossier)).toEqual([]);
    expect(await bench.db.select().from(people).where(eq(people.number, dossier.number))).toEqual([]);
  };
  /** The last mail to the applicant. */
  const mailTo = async ({ email }: Dossier) => {
    await bench.runJobs();
    return bench.mailed.filter(({ to }) => to === email).at(-1);
  };
  const mailedNumber = async (dossier: Dossier): Promise<string> => REFERENCE.exec((await mailTo(dossier))?.text ?? "")?.[0] ?? "no number";

  describe("S12: an approval", () => {
    test("makes the person with title and membership, keeps what was seen of the status, and sends the reference number (S15)", async () => {
      const dossier = await bench.dossier();
      const { personId, isNew } = await approve(dossier);
      expect(isNew).toBe(true);
      expect(await bench.read(dossier.id)).toMatchObject({
        state: "activation_ready",
        approverId: bench.approverId,
        decidedAt: bench.now,
        statusNote: NOTE,
        personId,
        expiresAt: new Date(bench.now.getTime() + 90 * DAY_MS),
      });
      const [person] = await bench.db.select().from(people).where(eq(people.id, personId));
      const { givenName, surname, email, number, title, memberNumber, associationId } = dossier;
      expect(person).toMatchObject({
        givenName,
        surname,
        email,
        number,
        title,
        memberNumber,
        associationId,
        organisationId: bench.associationId,
      });
      const actor = `officer:${bench.approverId}`;
      expect(await actionsOf(`dossier:${dossier.id}`, `person:${personId}`)).toEqual([
        ["person.add", actor],
        ["dossier.approve", actor],
        ["dossier.prepare", actor],
      ]);
      const reference = await mailedNumber(dossier);
      expect(await activationsOf(dossier)).toMatchObject([
        {
          state: "mailed",
          failedTries: 0,
          tokenSerial: null,
          digest: readReferenceNumber(reference)?.digest,
          expiresAt: new Date(bench.now.getTime() + REFERENCE_LIFE_MS),
        },
      ]);
    });

    test("the number is nowhere in the store, neither before nor after its mail has left", async () => {
      const dossier = await bench.dossier();
      await approve(dossier);
      const rows = async () =>
        JSON.stringify([
          await bench.db.select().from(mails),
          await bench.db.select().from(activations),
          await bench.db.select().from(auditEvents),
        ]);
      const before = await rows();
      const reference = await mailedNumber(dossier);
      for (const text of [before, await rows()]) {
        expect(text).not.toContain(reference);
        expect(text).not.toContain(reference.replaceAll("-", ""));
      }
    });

    test("of somebody whom an organisation's account pays for makes a person of that organisation", async () => {
      const dossier = await bench.dossier({
        organisationId: bench.companyId,
        associationId: null,
        payment: "covered",
        title: " ",
        memberNumber: "12",
      });
      const { personId } = await approve(dossier);
      const [person] = await bench.db.select().from(people).where(eq(people.id, personId));
      expect(person).toMatchObject({ organisationId: bench.companyId, title: null, memberNumber: null, associationId: null });
    });

    test("twice is done once, also at the same moment", async () => {
      const dossier = await bench.dossier();
      const all = await Promise.all([1, 2, 3].map(() => approve(dossier)));
      expect(all.map(({ isNew }) => isNew).sort()).toEqual([false, false, true]);
      expect(new Set(all.map(({ personId }) => personId)).size).toBe(1);
      expect(await activationsOf(dossier)).toHaveLength(1);
      const second = await bench.officer(["approver"]);
      await expect(approve(dossier, second)).rejects.toThrow(StateError);
    });

    test("approved and rejected at the same moment: one of the two", async () => {
      const dossier = await bench.dossier();
      const other = await bench.officer(["approver"]);
      const outcomes = await Promise.allSettled([approve(dossier), reject(dossier, other)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: expect.any(StateError) });
    });

    test("the second dossier of the same person confirms the person that there is", async () => {
      const first = await bench.dossier();
      const { personId } = await approve(first);
      const { id: _, ...same } = first;
      const again = { ...same, number: `${first.number}B`, title: "Notaire honoraire" };
      const [second] = await bench.db.insert(dossiers).values(again).returning();
      if (second === undefined) throw new Error("no second dossier");
      expect((await approve(second)).personId).toBe(personId);
      const [person] = await bench.db.select().from(people).where(eq(people.id, personId));
      expect(person).toMatchObject({ title: "Notaire honoraire", number: first.number });
    });
  });

  test("everybody at once: no deadlock, and of what ends a dossier one thing happens", async () => {
    const other = await bench.officer(["approver"]);
    for (let round = 0; round < 5; round++) {
      const dossier = await bench.dossier({ payment: "due" });
      const { id, accountId } = dossier;
      await decidePayment(bench.desk, id, { officerId: other, decision: "pay", note: "reçu" });
      const outcomes = await Promise.allSettled([
        approve(dossier),
        reject(dossier, other),
        cancelDossier(bench.desk, { dossierId: id, by: { accountId }, reason: null }),
        decidePayment(bench.desk, id, { officerId: other, decision: "undo", note: "erreur" }),
        newReference(bench.desk, id, { accountId }),
        newReference(bench.desk, id, { officerId: other }),
        bench.runJobs(),
      ]);
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") continue;
        const isRefused = outcome.reason instanceof StateError || outcome.reason instanceof DecisionError;
        expect(isRefused, String(outcome.reason)).toBe(true);
      }
      const { state, personId } = await bench.read(id);
      const open = (await activationsOf(dossier)).filter((row) => row.state === "mailed");
      expect(open).toHaveLength(state === "activation_ready" ? 1 : 0);
      expect(["activation_ready", "rejected", "cancelled"]).toContain(state);
      expect(personId === null || state !== "rejected").toBe(true);
    }
  }, 60_000);

  describe("two officers being the same person: an approval is refused", () => {
    test("by the verifier, who has both roles", async () => {
      const both = await bench.officer(["verifier", "approver"]);
      const dossier = await bench.dossier({ verifierId: both });
      await expect(approve(dossier, both)).rejects.toMatchObject({ refusal: "same-officer" });
      await expect(reject(dossier, both)).rejects.toMatchObject({ refusal: "same-officer" });
      await asFound(dossier);
    });

    test.each([
      ["with the same mailbox", { givenName: "Une", surname: "Autre", email: "Bruno.L@Example.org" }],
      ["with a part of the same mailbox", { givenName: "Une", surname: "Autre", email: "bruno.l+bureau@example.org" }],
      ["with the same name, written another way", { givenName: "BRUNO-léo", surname: "le fevre", email: "x@example.net" }],
    ])("by the verifier's other record, %s", async (_, named) => {
      const verifierId = await bench.officer(["verifier"], { givenName: "Bruno Léo", surname: "Le Fèvre", email: "bruno.l@example.org" });
      const second = await bench.officer(["approver"], named);
      const dossier = await bench.dossier({ verifierId });
      await expect(approve(dossier, second)).rejects.toMatchObject({ refusal: "same-officer" });
      await asFound(dossier);
    });

    test("by whoever had a part in the check: looked and left it to another, doubted, broke off, or put a scan there", async () => {
      const both = await bench.officer(["verifier", "approver"]);
      const other = await bench.officer(["verifier"]);
      const checked = async (values: Partial<typeof identityChecks.$inferInsert>): Promise<Dossier> => {
        const dossier = await bench.dossier();
        const when = { startsAt: new Date(bench.now.getTime() + slots++ * DAY_MS), minutes: 20 };
        const slot = { ...when, officeId: bench.officeId, officerId: both, kind: "desk" as const, place: "Guichet" };
        const [row] = await bench.db.insert(appointmentSlots).values(slot).returning({ id: appointmentSlots.id });
        const check = { dossierId: dossier.id, slotId: row?.id ?? "", state: "accepted" as const, checklist: {}, createdAt: bench.now };
        await bench.db.insert(identityChecks).values({ ...check, ...values });
        return dossier;
      };
      let slots = 1;
      const looked: Partial<typeof identityChecks.$inferInsert>[] = [
        { state: "inconclusive", officerId: both },
        { state: "accepted", officerId: other, doubtedBy: both },
        { state: "refused", officerId: both },
        { state: "cancelled", officerId: both },
        { state: "cancelled", officerId: other, doubtedBy: both },
      ];
      for (const values of looked) {
        const dossier = await checked(values);
        await expect(approve(dossier, both)).rejects.toMatchObject({ refusal: "same-officer" });
        await asFound(dossier);
      }
      const scanned = await checked({ officerId: other });
      const about = { dossierId: scanned.id, kind: "document-front", mediaType: "image/png", sizeBytes: 1, sha256: new Uint8Array(32) };
      const upload = { ...about, uploadedBy: `officer:${both}`, uploadedAt: bench.now, destroyAt: bench.now };
      await bench.db.insert(evidence).values(upload);
      await expect(approve(scanned, both)).rejects.toMatchObject({ refusal: "same-officer" });
      // A slot of theirs, at which somebody else checked, is nothing that they did.
      expect((await approve(await checked({ officerId: other }), both)).isNew).toBe(true);
    });

    test("by whoever saw the code by which the verifier's key was enrolled, and the other way round", async () => {
      const seeing = await bench.officer(["approver", "administrator"]);
      const seen = (officerId: string, seenBy: string) => bench.db.insert(officerCodeSights).values({ officerId, seenBy });
      const verifierId = await bench.officer(["verifier"]);
      const approver = await bench.officer(["approver"]);
      const dossier = await bench.dossier({ verifierId });
      await seen(verifierId, seeing);
      await expect(approve(dossier, seeing)).rejects.toMatchObject({ refusal: "same-officer" });
      await seen(approver, seeing); // may have both keys
      await expect(approve(dossier, approver)).rejects.toMatchObject({ refusal: "same-officer" });
      // The verifier has enrolled anew, by a code that went to their own mailbox: the check may still be the other's doing.
      await bench.db.update(officerCodeSights).set({ until: bench.now });
      await expect(approve(dossier, seeing)).rejects.toMatchObject({ refusal: "same-officer" });
      await bench.db.delete(officerCodeSights);
      await seen(approver, verifierId);
      await expect(approve(dossier, approver)).rejects.toMatchObject({ refusal: "same-officer" });
      const self = { email: "codes.own@example.org", givenName: "Codes", surname: "Own" };
      const administrator = await bench.officer(["administrator"], self);
      await bench.db.delete(officerCodeSights);
      await seen(approver, administrator);
      await expect(approve(await bench.dossier(self), approver)).rejects.toMatchObject({ refusal: "own-dossier" });
      await asFound(dossier);
      expect((await approve(dossier, approver)).isNew).toBe(true);
    });

    test.each([
      ["their mailbox", { givenName: "Une", surname: "Autre", email: "approver.self@example.org" }],
      ["their name", { givenName: "Sélène", surname: "D'Arc", email: "elsewhere@example.org" }],
    ])("of an application of the officer's own, known by %s", async (_, applicant) => {
      const officerId = await bench.officer(["approver"], { givenName: "Selene", surname: "d’Arc", email: "approver.self@example.org" });
      const dossier = await bench.dossier(applicant);
      await expect(approve(dossier, officerId)).rejects.toMatchObject({ refusal: "own-dossier" });
      await expect(reject(dossier, officerId)).rejects.toMatchObject({ refusal: "own-dossier" });
      await asFound(dossier);
    });

    test("when the account's mailbox is the officer's, whatever the form says", async () => {
      const officerId = await bench.officer(["approver"], { email: `two.boxes@${kind}.example.org` });
      const dossier = await bench.dossier();
      await bench.db
        .update(accounts)
        .set({ email: `two.boxes@${kind}.example.org` })
        .where(eq(accounts.id, dossier.accountId));
      await expect(approve(dossier, officerId)).rejects.toMatchObject({ refusal: "own-dossier" });
    });

    test("when whoever checked the identity was the applicant", async () => {
      const verifierId = await bench.officer(["verifier"], { givenName: "Léon", surname: "Soi" });
      const dossier = await bench.dossier({ verifierId, givenName: "Leon", surname: "SOI" });
      await expect(approve(dossier)).rejects.toMatchObject({ refusal: "own-dossier" });
      await asFound(dossier);
    });

    test("by one who has another name and mailbox it is not", async () => {
      const dossier = await bench.dossier();
      expect((await approve(dossier, await bench.officer(["approver"]))).isNew).toBe(true);
    });
  });

  describe("an approval is refused", () => {
    test("S9: while the payment is due", async () => {
      const dossier = await bench.dossier({ payment: "due" });
      await expect(approve(dossier)).rejects.toMatchObject({ refusal: "payment-due" });
      await asFound(dossier);
    });

    test.each(["", "  ok ", "x".repeat(1001)])("without a note of the status: %j", async (statusNote) => {
      const dossier = await bench.dossier();
      expect(() => approve(dossier, bench.approverId, statusNote)).toThrow(expect.objectContaining({ refusal: "note-missing" }));
    });

    test("to officers without the permission, of another office, or withdrawn", async () => {
      const dossier = await bench.dossier();
      for (const roles of [[], ["verifier"], ["administrator", "issuer", "helpdesk", "auditor"]] as const) {
        await expect(approve(dossier, await bench.officer(roles))).rejects.toThrow(NotPermittedError);
        await expect(reject(dossier, await bench.officer(roles))).rejects.toThrow(NotPermittedError);
      }
      const withdrawn = await bench.officer(["approver"]);
      await bench.db.update(officers).set({ state: "withdrawn" }).where(eq(officers.id, withdrawn));
      await expect(approve(dossier, withdrawn)).rejects.toThrow(NotPermittedError);
      await asFound(dossier);
    });

    test.each(["draft", "submitted", "identity_pending", "identity_failed", "rejected", "cancelled", "expired"] as const)(
      "from %s",
      async (state) => {
        const dossier = await bench.dossier({ state });
        await expect(approve(dossier)).rejects.toThrow(StateError);
        await asFound(dossier);
      },
    );

    test("when the association, or the corporate account, is closed, or what is named is no association", async () => {
      const associationId = await bench.organisation("Ordre fermé", "association");
      const organisationId = await bench.organisation("Cabinet fermé", "company");
      const ofBoth = await bench.dossier({ associationId, organisationId });
      await bench.db.update(organisations).set({ state: "closed" }).where(eq(organisations.id, organisationId));
      await expect(approve(ofBoth)).rejects.toMatchObject({ refusal: "organisation-not-open" });
      await bench.db.update(organisations).set({ state: "open" }).where(eq(organisations.id, organisationId));
      await bench.db.update(organisations).set({ state: "closed" }).where(eq(organisations.id, associationId));
      await expect(approve(ofBoth)).rejects.toMatchObject({ refusal: "association-not-open" });
      await asFound(ofBoth);
      const ofCompany = await bench.dossier({ associationId: bench.companyId });
      await expect(approve(ofCompany)).rejects.toMatchObject({ refusal: "association-not-open" });
      const ofNone = await bench.dossier({ associationId: null });
      await expect(approve(ofNone)).rejects.toMatchObject({ refusal: "no-organisation" });
    });

    test.each([{ surname: "x".repeat(70) }, { title: "x".repeat(65) }, { memberNumber: "x".repeat(60) }, { email: "é@example.org" }])(
      "when no certificate can say it: %j",
      async (part) => {
        const dossier = await bench.dossier({ ...part, ...(part.email && { email: `é${kind}@example.org` }) });
        await expect(approve(dossier)).rejects.toMatchObject({ refusal: "not-certifiable" });
        await asFound(dossier);
      },
    );
  });

  describe("a rejection", () => {
    test("tells the applicant why, and ends the dossier", async () => {
      const dossier = await bench.dossier({ state: "identity_failed", payment: "due" });
      expect(await reject(dossier)).toEqual({ isNew: true });
      expect(await reject(dossier)).toEqual({ isNew: false });
      expect(await bench.read(dossier.id)).toMatchObject({
        state: "rejected",
        approverId: bench.approverId,
        reason: expect.stringContaining("document"),
      });
      expect(await mailTo(dossier)).toMatchObject({ text: expect.stringContaining("n'est plus valable") });
      expect(await activationsOf(dossier)).toEqual([]);
      expect(await actionsOf(`dossier:${dossier.id}`)).toEqual([["dossier.reject", `officer:${bench.approverId}`]]);
    });

    test.each(["draft", "identity_pending", "activation_ready", "active", "cancelled"] as const)("is refused from %s", async (state) => {
      const dossier = await bench.dossier({ state });
      await expect(reject(dossier)).rejects.toThrow(StateError);
    });
  });

  describe("S9: the payment gate", () => {
    const pay = ({ id }: Dossier, decision: "pay" | "waive" | "undo", officerId = bench.approverId, note = "Carte, reçu 4711") =>
      decidePayment(bench.desk, id, { officerId, decision, note });

    test("an officer marks a dossier paid or waived, and back, with who and why", async () => {
      const dossier = await bench.dossier({ payment: "due", state: "submitted" });
      for (const [decision, payment] of [
        ["pay", "paid"],
        ["undo", "due"],
        ["waive", "waived"],
      ] as const) {
        expect(await pay(dossier, decision, bench.approverId, ` ${decision}, vu `)).toEqual({ payment, isNew: true });
        const row = await bench.read(dossier.id);
        expect(row).toMatchObject({ payment, paymentOfficerId: bench.approverId, paymentNote: `${decision}, vu`, paymentAt: bench.now });
      }
      expect(await pay(dossier, "waive")).toEqual({ payment: "waived", isNew: false });
      await expect(pay(dossier, "pay")).rejects.toThrow(StateError);
      expect(await actionsOf(`dossier:${dossier.id}`)).toEqual(
        ["pay", "undo", "waive"].map((event) => [`payment.${event}`, `officer:${bench.approverId}`]),
      );
    });

    test("what the organisation's account covers stays so; what is approved, too", async () => {
      const covered = await bench.dossier({ payment: "covered" });
      for (const decision of ["pay", "waive", "undo"] as const) await expect(pay(covered, decision)).rejects.toThrow(StateError);
      const approved = await bench.dossier();
      await approve(approved);
      await expect(pay(approved, "undo")).rejects.toMatchObject({ refusal: "payment-decided" });
    });

    test("is refused without a note, without the permission, and to the applicant themselves", async () => {
      const dossier = await bench.dossier({ payment: "due", givenName: "Paul", surname: "Propre" });
      expect(() => pay(dossier, "pay", bench.approverId, " ")).toThrow(expect.objectContaining({ refusal: "note-missing" }));
      await expect(pay(dossier, "pay", bench.verifierId)).rejects.toThrow(NotPermittedError);
      const own = await bench.officer(["administrator"], { givenName: "Paul", surname: "Propre" });
      await expect(pay(dossier, "waive", own)).rejects.toMatchObject({ refusal: "own-dossier" });
      expect(await bench.read(dossier.id)).toEqual(dossier);
    });
  });

  describe("S15: the reference number", () => {
    const ready = async (): Promise<Dossier> => {
      const dossier = await bench.dossier();
      await approve(dossier);
      await bench.runJobs();
      bench.mailed.length = 0;
      bench.later(1000);
      return bench.read(dossier.id);
    };
    const setOpen = (dossier: Dossier, values: Partial<typeof activations.$inferInsert>) =>
      bench.db.update(activations).set(values).where(eq(activations.dossierId, dossier.id));

    test("a new one on request makes the old one worthless; wrong answers count on, and the token stays", async () => {
      const dossier = await ready();
      await setOpen(dossier, { failedTries: 3 });
      await newReference(bench.desk, dossier.id, { accountId: dossier.accountId });
      const reference = await mailedNumber(dossier);
      expect(await activationsOf(dossier)).toMatchObject([
        { state: "expired" },
        { state: "mailed", failedTries: 3, digest: readReferenceNumber(reference)?.digest },
      ]);
      expect((await bench.read(dossier.id)).state).toBe("activation_ready");
    });

    test("an officer of the helpdesk may send one, with new tries; a stranger and a verifier may not", async () => {
      const dossier = await ready();
      await setOpen(dossier, { failedTries: 4 });
      const stranger = await bench.dossier();
      await expect(newReference(bench.desk, dossier.id, { accountId: stranger.accountId })).rejects.toMatchObject({ refusal: "unknown" });
      await expect(newReference(bench.desk, dossier.id, { officerId: bench.verifierId })).rejects.toThrow(NotPermittedError);
      await newReference(bench.desk, dossier.id, { officerId: await bench.officer(["helpdesk"]) });
      expect(await activationsOf(dossier)).toMatchObject([{ state: "expired" }, { state: "mailed", failedTries: 0 }]);
    });

    test("a locked one is an officer's to replace", async () => {
      const dossier = await ready();
      await setOpen(dossier, { state: "locked", failedTries: 5 });
      await expect(newReference(bench.desk, dossier.id, { accountId: dossier.accountId })).rejects.toMatchObject({ refusal: "locked" });
      await newReference(bench.desk, dossier.id, { officerId: bench.approverId });
      expect(await activationsOf(dossier)).toMatchObject([{ state: "expired" }, { state: "mailed", failedTries: 0 }]);
    });

    test("five a day are enough", async () => {
      const dossier = await ready();
      for (let i = 0; i < 5; i++) await newReference(bench.desk, dossier.id, { accountId: dossier.accountId });
      await expect(newReference(bench.desk, dossier.id, { accountId: dossier.accountId })).rejects.toThrow(LimitError);
    });

    test("two at once leave one that is good", async () => {
      const dossier = await ready();
      await Promise.all([1, 2, 3].map(() => newReference(bench.desk, dossier.id, { accountId: dossier.accountId })));
      expect((await activationsOf(dossier)).filter(({ state }) => state === "mailed")).toHaveLength(1);
    });

    test("not before the approval, nor after the activation", async () => {
      for (const state of ["submitted", "identity_verified", "active", "rejected"] as const) {
        const dossier = await bench.dossier({ state });
        await expect(newReference(bench.desk, dossier.id, { accountId: dossier.accountId })).rejects.toThrow(StateError);
        expect(await activationsOf(dossier)).toEqual([]);
      }
    });

    test("after 14 days it is over, by the clock, and another can be asked for", async () => {
      const dossier = await ready();
      bench.later(REFERENCE_LIFE_MS - 2000);
      await bench.runJobs();
      expect(await activationsOf(dossier)).toMatchObject([{ state: "mailed" }]);
      bench.later(2000);
      await bench.runJobs();
      expect(await activationsOf(dossier)).toMatchObject([{ state: "expired" }]);
      expect((await bench.read(dossier.id)).state).toBe("approved");
      expect(bench.mailed.filter(({ to }) => to === dossier.email)).toMatchObject([
        { subject: expect.stringContaining("plus valable"), text: expect.not.stringMatching(REFERENCE) },
      ]);
      expect((await actionsOf(`dossier:${dossier.id}`)).at(-1)).toEqual(["dossier.lapse", "clock"]);
      await newReference(bench.desk, dossier.id, { accountId: dossier.accountId });
      expect(await activationsOf(dossier)).toMatchObject([{ state: "expired" }, { state: "mailed" }]);
      expect((await bench.read(dossier.id)).state).toBe("activation_ready");
    });

    test("one whose time was put off ends at its new time", async () => {
      const dossier = await ready();
      await setOpen(dossier, { expiresAt: new Date(bench.now.getTime() + 20 * DAY_MS) });
      bench.later(REFERENCE_LIFE_MS);
      await bench.runJobs();
      expect(await activationsOf(dossier)).toMatchObject([{ state: "mailed" }]);
      bench.later(6 * DAY_MS);
      await bench.runJobs();
      expect(await activationsOf(dossier)).toMatchObject([{ state: "expired" }]);
    });
  });
});
