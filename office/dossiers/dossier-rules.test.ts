// An application up to the moment it is sent, and how it ends early: whose it is, what it needs, what follows.

import { randomBytes, randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ANSWERS, ApplicationBench } from "../../test/support/application-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { runDueJobs } from "../jobs/jobs.ts";
import { changeOrganisation } from "../registration/organisations.ts";
import { changePeriods } from "../settings/change-settings.ts";
import { DEFAULT_PERIODS } from "../settings/default-settings.ts";
import { activations, consents, dossiers, evidence, mails } from "../store/application-schema.ts";
import { auditEvents, certificates, issuanceChallenges, issuers, keys, organisations, people, tokens } from "../store/schema.ts";
import { levelsFor } from "./certificate-level.ts";
import { consentTo, digestOfText, documentsNow } from "./consents.ts";
import { DOSSIER_EXPIRY_JOB, dossierExpiryJob } from "./dossier-expiry.ts";
import { beginDossier, cancelDossier, type Details, DRAFT_LIFE_MS, reopenDossier, saveDraft, submitDossier } from "./dossier-rules.ts";
import { changeDossier, dossierOf, dossiersOf, holdDossier } from "./dossiers.ts";
import { setQuestions } from "./question-sets.ts";

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ApplicationBench;
  let accountId: string;

  beforeAll(async () => {
    bench = await ApplicationBench.open(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());
  beforeEach(async () => {
    accountId = await bench.account();
  });

  const db = () => bench.desk.store.db;
  const stateOf = async (id: string) => (await dossierOf(db(), id)).state;
  const eventsOf = async (id: string) => {
    const rows = await db()
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `dossier:${id}`))
      .orderBy(asc(auditEvents.number));
    return rows.map(({ action, actor }) => `${action} ${actor.split(":")[0]}`);
  };
  const mailsTo = async (id: string) => {
    const { email } = await dossierOf(db(), id);
    const rows = await db().select().from(mails).where(eq(mails.recipient, email)).orderBy(asc(mails.createdAt));
    return rows.map(({ template }) => template).sort();
  };

  test("S10: a draft is begun, filled in and sent by its applicant, and two mails leave", async () => {
    const id = await bench.submitted(accountId);
    const row = await dossierOf(db(), id);
    expect(row).toMatchObject({ state: "submitted", payment: "due", officeId: bench.officeId, surname: "Morel", memberNumber: "12-345" });
    expect(row.number).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(row.submittedAt).toEqual(bench.now);
    expect(await mailsTo(id)).toEqual(["application-received", "book-check"]);
    expect(await eventsOf(id)).toEqual(["dossier.begin account", "dossier.submit account"]);
  });

  /** The dossier has led to this certificate. */
  async function certified(dossierId: string, profile: string, state: "active" | "revoked" = "active"): Promise<string> {
    const at = { createdAt: bench.now };
    const number = randomUUID();
    const digest = new Uint8Array(randomBytes(32));
    const { givenName, surname, email } = await dossierOf(db(), dossierId);
    const named = { organisationId: bench.associationId, givenName, surname, email, language: "fr", number, ...at };
    const [person] = await db().insert(people).values(named).returning({ id: people.id });
    const own = { personId: person?.id ?? "", tokenSerial: number };
    const about = { officeId: bench.officeId, model: "m", firmware: "1.0.0", rootFingerprint: "00", state: "active" as const, ...at };
    await db()
      .insert(tokens)
      .values({ ...about, serial: number, personId: own.personId });
    const attested = { attestation: digest, attestationIssuer: digest, state: "certified" as const, ...at };
    const [key] = await db()
      .insert(keys)
      .values({ ...attested, tokenSerial: number, slot: "9c", publicKey: digest })
      .returning({ id: keys.id });
    const ca = { name: number, certificate: digest, isOnline: false, isCurrent: false, crlNumber: 0 };
    const [issuer] = await db().insert(issuers).values(ca).returning({ id: issuers.id });
    await db()
      .insert(issuanceChallenges)
      .values({ ...own, digest, profile, expiresAt: bench.now });
    const times = { notBefore: bench.now, notAfter: new Date(bench.now.getTime() + 365 * DAY_MS), issuedAt: bench.now };
    const ids = { issuerId: issuer?.id ?? "", keyId: key?.id ?? "", personId: own.personId, challengeDigest: digest };
    const values = { ...ids, ...times, serialNumber: number, profile, state, der: digest };
    const [row] = await db().insert(certificates).values(values).returning({ id: certificates.id });
    await db()
      .update(dossiers)
      .set({ state: "active", certificateId: row?.id ?? "" })
      .where(eq(dossiers.id, dossierId));
    return row?.id ?? "";
  }

  test("S17: the QCP level is for whoever has a certificate of the LCP level by the same names, mailbox and telephone, where it is offered", async () => {
    const acting = { actor: "system", now: bench.now };
    const offer = (offersQcp: boolean) => changePeriods(bench.desk.store, { ...DEFAULT_PERIODS, offersQcp }, acting);
    const first = await bench.submitted(accountId);
    const certificateId = await certified(first, "SIGN-LCP");
    const dossierId = await bench.begin(accountId);
    const qcp = { ...bench.details(), profile: "SIGN-QCP" as const };
    const save = (details: Details) => saveDraft(bench.desk, { accountId, dossierId, details });
    const refusal = { refusal: "profile" };
    const levels = async () => levelsFor(db(), await dossierOf(db(), dossierId), bench.now);
    expect(await levels()).toEqual(["SIGN-LCP"]);
    await expect(save(qcp)).rejects.toMatchObject(refusal);
    await offer(true);
    expect(await levels()).toEqual(["SIGN-LCP", "SIGN-QCP"]);
    for (const other of [{ givenName: "Léo" }, { surname: "Morell" }, { phone: "+33 6 00 00 00 01" }]) {
      await expect(save({ ...qcp, ...other })).rejects.toMatchObject(refusal);
    }
    await db().update(dossiers).set({ email: "former@example.org" }).where(eq(dossiers.id, first));
    await expect(save(qcp)).rejects.toMatchObject(refusal);
    const { email } = await dossierOf(db(), dossierId);
    await db().update(dossiers).set({ email }).where(eq(dossiers.id, first));
    await save({ ...qcp, phone: qcp.phone.replaceAll(" ", "") });
    expect(await dossierOf(db(), dossierId)).toMatchObject({ profile: "SIGN-QCP" });
    // It ended before the application was sent.
    await db().update(certificates).set({ state: "revoked" }).where(eq(certificates.id, certificateId));
    await expect(bench.submit(accountId, dossierId)).rejects.toMatchObject(refusal);
    await db().update(certificates).set({ state: "active" }).where(eq(certificates.id, certificateId));
    await bench.submit(accountId, dossierId);
    expect(await dossierOf(db(), dossierId)).toMatchObject({ state: "submitted", profile: "SIGN-QCP" });
    // Somebody who has none, or only one of that very level.
    const stranger = await bench.account();
    const own = await bench.begin(stranger);
    await expect(saveDraft(bench.desk, { accountId: stranger, dossierId: own, details: qcp })).rejects.toMatchObject(refusal);
    await saveDraft(bench.desk, { accountId: stranger, dossierId: own, details: bench.details() });
    expect(await dossierOf(db(), own)).toMatchObject({ profile: "SIGN-LCP" });
    await certified(own, "SIGN-QCP");
    const again = await bench.begin(stranger);
    await expect(saveDraft(bench.desk, { accountId: stranger, dossierId: again, details: qcp })).rejects.toMatchObject(refusal);
    await offer(false);
  });

  test("S10: nobody else fills it in, sends it or cancels it", async () => {
    const id = await bench.filled(accountId);
    const other = await bench.account();
    await setQuestions(bench.desk, other, ANSWERS);
    const order = { accountId: other, dossierId: id };
    await expect(saveDraft(bench.desk, { ...order, details: bench.details() })).rejects.toMatchObject({ refusal: "unknown" });
    await expect(submitDossier(bench.desk, { ...order, consents: [] })).rejects.toMatchObject({ refusal: "unknown" });
    await expect(cancelDossier(bench.desk, { dossierId: id, by: { accountId: other }, reason: null })).rejects.toMatchObject({
      refusal: "unknown",
    });
    expect(await stateOf(id)).toBe("draft");
  });

  test("one is under way on one's own; another may begin when it is over", async () => {
    const [one, two] = await Promise.allSettled([bench.begin(accountId), bench.begin(accountId)]);
    expect([one.status, two.status].sort()).toEqual(["fulfilled", "rejected"]);
    const [dossier] = await dossiersOf(db(), accountId);
    await cancelDossier(bench.desk, { dossierId: dossier?.id ?? "", by: { accountId }, reason: null });
    await bench.begin(accountId);
    expect(await dossiersOf(db(), accountId)).toHaveLength(2);
  });

  test("S10: an application that lacks something is not sent, and stays a draft", async () => {
    const dossierId = await bench.begin(accountId);
    const send = async () => submitDossier(bench.desk, { accountId, dossierId, consents: (await documentsNow(db(), "fr")).map(consentTo) });
    await expect(send()).rejects.toMatchObject({ refusal: "incomplete" });
    await saveDraft(bench.desk, { accountId, dossierId, details: { ...bench.details(), memberNumber: "" } });
    await expect(send()).rejects.toMatchObject({ refusal: "incomplete" });
    await saveDraft(bench.desk, { accountId, dossierId, details: bench.details() });
    await expect(send()).rejects.toMatchObject({ refusal: "questions-missing" });
    await setQuestions(bench.desk, accountId, ANSWERS);
    expect(await stateOf(dossierId)).toBe("draft");
    expect(await mailsTo(dossierId)).toEqual([]);
    await send();
    await expect(send()).rejects.toThrow("no submit from submitted");
    await expect(saveDraft(bench.desk, { accountId, dossierId, details: bench.details() })).rejects.toThrow("no submit from submitted");
  });

  test("S12: who authorises is an open association", async () => {
    const order = { accountId, language: "fr" as const, associationId: randomUUID() };
    await expect(beginDossier(bench.desk, order)).rejects.toMatchObject({ refusal: "unknown-association" });
    const dossierId = await bench.filled(accountId);
    await expect(
      saveDraft(bench.desk, { accountId, dossierId, details: { ...bench.details(), associationId: null } }),
    ).rejects.toMatchObject({ refusal: "unknown-association" });
    const acting = { actor: "system", now: bench.now };
    const { associationId } = bench;
    await bench.desk.store.transaction((tx) => changeOrganisation(tx, associationId, "close", acting));
    await expect(bench.submit(accountId, dossierId)).rejects.toMatchObject({ refusal: "unknown-association" });
    await bench.desk.store.transaction((tx) => changeOrganisation(tx, associationId, "reopen", acting));
    await db().update(organisations).set({ kind: "company" }).where(eq(organisations.id, associationId));
    await expect(bench.submit(accountId, dossierId)).rejects.toMatchObject({ refusal: "unknown-association" });
    await db().update(organisations).set({ kind: "association" }).where(eq(organisations.id, associationId));
    await bench.submit(accountId, dossierId);
  });

  test("S12: what would not fit into the certificate is said in the form", async () => {
    const dossierId = await bench.begin(accountId);
    const save = (changed: Partial<ReturnType<typeof bench.details>>) =>
      saveDraft(bench.desk, { accountId, dossierId, details: { ...bench.details(), ...changed } });
    await expect(save({ givenName: "a".repeat(40), surname: "b".repeat(24) })).rejects.toMatchObject({ refusal: "names" });
    await expect(save({ memberNumber: "1".repeat(64 - "Ordre des ingénieurs: ".length + 1) })).rejects.toMatchObject({
      refusal: "membership",
    });
    await save({ givenName: "a".repeat(40), surname: "b".repeat(23), memberNumber: "1".repeat(64 - "Ordre des ingénieurs: ".length) });
    expect(await dossierOf(db(), dossierId)).toMatchObject({ surname: "b".repeat(23) });
  });

  test("S20: the consents are to the texts that hold now, and their versions and digests are kept", async () => {
    const dossierId = await bench.filled(accountId);
    const [terms, privacy] = (await documentsNow(db(), "fr")).map(consentTo);
    if (terms === undefined || privacy === undefined) throw new Error("no documents");
    const send = (given: (typeof terms)[]) => submitDossier(bench.desk, { accountId, dossierId, consents: given });
    await expect(send([terms])).rejects.toMatchObject({ refusal: "consents-changed" });
    await expect(send([terms, { ...privacy, version: "0" }])).rejects.toMatchObject({ refusal: "consents-changed" });
    await expect(send([terms, { ...privacy, digest: digestOfText("another") }])).rejects.toMatchObject({ refusal: "consents-changed" });
    await send([terms, privacy]);
    const kept = await db().select().from(consents).where(eq(consents.dossierId, dossierId)).orderBy(asc(consents.document));
    expect(kept.map(({ document, version, digest }) => ({ document, version, digest }))).toEqual([privacy, terms]);
  });

  test("cancelled: its check, its evidence and its reference number end with it", async () => {
    const id = await bench.submitted(accountId);
    const acting = { actor: "system", now: bench.now };
    await bench.desk.store.transaction(async (tx) => {
      for (const event of ["book", "verify", "approve", "prepare"] as const)
        await changeDossier(tx, await holdDossier(tx, id), event, acting);
    });
    const expiresAt = new Date(bench.now.getTime() + DAY_MS);
    const digest = new Uint8Array(32).fill(kind === "pglite" ? 1 : 2);
    await db().insert(activations).values({ dossierId: id, digest, state: "mailed", failedTries: 0, createdAt: bench.now, expiresAt });
    const file = { dossierId: id, kind: "other", mediaType: "image/png", sizeBytes: 1, sha256: digest, uploadedBy: `account:${accountId}` };
    await db()
      .insert(evidence)
      .values({ ...file, sealed: digest, uploadedAt: bench.now, destroyAt: expiresAt });
    await cancelDossier(bench.desk, { dossierId: id, by: { accountId }, reason: null });
    expect(await stateOf(id)).toBe("cancelled");
    const [activation] = await db().select().from(activations).where(eq(activations.dossierId, id));
    expect(activation?.state).toBe("expired");
    const [piece] = await db().select().from(evidence).where(eq(evidence.dossierId, id));
    expect(piece?.destroyAt).toEqual(bench.now);
    await expect(cancelDossier(bench.desk, { dossierId: id, by: { accountId }, reason: null })).rejects.toThrow("no cancel from cancelled");
  });

  test("an officer cancels with a reason that the applicant reads", async () => {
    const id = await bench.submitted(accountId);
    await cancelDossier(bench.desk, { dossierId: id, by: { officerId: randomUUID() }, reason: "Demande en double" });
    expect(await dossierOf(db(), id)).toMatchObject({ state: "cancelled", reason: "Demande en double" });
    expect((await eventsOf(id)).at(-1)).toBe("dossier.cancel officer");
  });

  test("S13: whoever failed the check is asked to book another when an officer takes it up again", async () => {
    const id = await bench.submitted(accountId);
    const acting = { actor: "system", now: bench.now };
    await bench.desk.store.transaction(async (tx) => {
      const pending = await changeDossier(tx, await holdDossier(tx, id), "book", acting);
      await changeDossier(tx, pending, "fail", acting, { reason: "Pièce expirée" });
    });
    const order = { dossierId: id, officerId: randomUUID(), reason: "Nouvelle pièce" };
    await reopenDossier(bench.desk, order);
    expect(await dossierOf(db(), id)).toMatchObject({ state: "submitted", reason: null });
    expect(await mailsTo(id)).toEqual(["application-received", "book-check", "book-check"]);
    await expect(reopenDossier(bench.desk, order)).rejects.toThrow("no reopen from submitted");
  });

  describe("by the clock", () => {
    const handlers = new Map([[DOSSIER_EXPIRY_JOB, dossierExpiryJob]]);
    const failures: unknown[] = [];
    const run = () =>
      runDueJobs(
        bench.desk.store,
        handlers,
        () => bench.now,
        (job, error) => job.kind === DOSSIER_EXPIRY_JOB && failures.push(error),
      );

    test("a draft that nobody sends ends, a dossier that goes on ends later, one with a certificate does not", async () => {
      const draft = await bench.begin(accountId);
      const going = await bench.submitted(await bench.account());
      const other = await bench.account();
      const issued = await bench.submitted(other);
      bench.pass(DRAFT_LIFE_MS - 1);
      await run();
      expect(await stateOf(draft)).toBe("draft");
      bench.pass(1);
      await run();
      expect(await stateOf(draft)).toBe("expired");
      expect((await eventsOf(draft)).at(-1)).toBe("dossier.expire clock");
      expect(await stateOf(going)).toBe("submitted");

      const { expiresAt } = await dossierOf(db(), going);
      const moved = new Date(expiresAt.getTime() + 3 * DAY_MS);
      await db().update(dossiers).set({ expiresAt: moved }).where(eq(dossiers.id, going));
      await db().update(dossiers).set({ state: "active" }).where(eq(dossiers.id, issued));
      bench.pass(expiresAt.getTime() - bench.now.getTime());
      await run();
      expect(await stateOf(going)).toBe("submitted");
      bench.pass(3 * DAY_MS);
      await run();
      expect(await stateOf(going)).toBe("expired");
      expect(await stateOf(issued)).toBe("active");
      expect(failures).toEqual([]);
    });
  });
});
