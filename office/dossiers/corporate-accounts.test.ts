// Corporate accounts (S9): asked for from five users on, opened by an officer, and only then does anything of their people's applications go on.

import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ANSWERS, ApplicationBench } from "../../test/support/application-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { changeOrganisation } from "../registration/organisations.ts";
import { accounts, mails, organisationManagers } from "../store/application-schema.ts";
import { auditEvents } from "../store/schema.ts";
import { consentTo, documentsNow } from "./consents.ts";
import { decideCorporateAccount, endInvitation, inviteToApply, requestCorporateAccount } from "./corporate-accounts.ts";
import { invitationsOf, managedBy, peopleOf } from "./corporate-records.ts";
import { beginDossier, cancelDossier, saveDraft, submitDossier } from "./dossier-rules.ts";
import { dossierOf, holdGoingDossier } from "./dossiers.ts";
import { invitationsFor } from "./invitations.ts";
import { replaceManager } from "./manager-replacement.ts";
import { setQuestions } from "./question-sets.ts";

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ApplicationBench;
  let manager: string;
  let made = 0;

  beforeAll(async () => {
    bench = await ApplicationBench.open(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());
  beforeEach(async () => {
    manager = await bench.account();
  });

  const db = () => bench.desk.store.db;
  const acting = () => ({ actor: `officer:${randomUUID()}`, now: bench.now });
  const request = (users = 5) =>
    requestCorporateAccount(bench.desk, {
      accountId: manager,
      officeId: bench.officeId,
      name: `Cabinet ${++made}`,
      country: "FR",
      managerName: "Nadia Benali",
      phone: "+33 1 23 45 67 89",
      users,
    });
  const opened = async () => {
    const id = await request();
    await decideCorporateAccount(bench.desk, id, "open", null, acting());
    return id;
  };
  const invite = (organisationId: string, email: string, accountId = manager) =>
    inviteToApply(bench.desk, { organisationId, accountId, email, language: "fr" });
  const invited = async (organisationId: string) => {
    const email = `invited.${++made}@example.org`;
    const accountId = await bench.account(email);
    await invite(organisationId, email.toUpperCase());
    const [invitation] = await invitationsFor(db(), { id: accountId, email }, bench.now);
    return { accountId, email, invitationId: invitation?.id ?? "" };
  };
  const begin = ({ accountId, invitationId }: { accountId: string; invitationId: string }) =>
    beginDossier(bench.desk, { accountId, language: "fr", invitationId });
  const templates = async (email: string) =>
    (await db().select().from(mails).where(eq(mails.recipient, email))).map(({ template }) => template);
  const emailOf = async (id: string) => (await db().select().from(accounts).where(eq(accounts.id, id)))[0]?.email ?? "";

  test("S9: four users are too few, five may ask; the manager hears of the decision", async () => {
    await expect(request(4)).rejects.toMatchObject({ refusal: "too-few-users" });
    const id = await request(5);
    const [own] = await managedBy(db(), manager);
    expect(own).toMatchObject({ id, state: "requested", managerName: "Nadia Benali", users: 5 });
    await decideCorporateAccount(bench.desk, id, "open", null, acting());
    expect(await templates(await emailOf(manager))).toEqual(["organisation-opened"]);
    await expect(decideCorporateAccount(bench.desk, id, "refuse", "trop tard", acting())).rejects.toThrow("no refuse from open");
  });

  test("S9: a refusal has a reason, which the manager reads", async () => {
    const id = await request();
    await expect(decideCorporateAccount(bench.desk, id, "refuse", " ", acting())).rejects.toMatchObject({ refusal: "reason-missing" });
    await decideCorporateAccount(bench.desk, id, "refuse", "Numéro inconnu au registre", acting());
    expect((await managedBy(db(), manager))[0]).toMatchObject({ state: "closed", refusal: "Numéro inconnu au registre" });
    expect(await templates(await emailOf(manager))).toEqual(["organisation-refused"]);
  });

  test("S9: one that was refused and is opened again has no reason any more, and its manager hears of it, as of its closing", async () => {
    const id = await request();
    await decideCorporateAccount(bench.desk, id, "refuse", "Numéro inconnu au registre", acting());
    await decideCorporateAccount(bench.desk, id, "reopen", null, acting());
    expect((await managedBy(db(), manager))[0]).toMatchObject({ state: "open", refusal: null });
    await decideCorporateAccount(bench.desk, id, "close", null, acting());
    expect((await managedBy(db(), manager))[0]).toMatchObject({ state: "closed", refusal: null });
    const told = await templates(await emailOf(manager));
    expect(told.sort()).toEqual(["organisation-closed", "organisation-refused", "organisation-reopened"]);
  });

  describe("a manager who has left", () => {
    const replacing = (email: string) => ({ email, name: "Karim Haddad", phone: "+33 1 98 76 54 32", reason: "Départ de Mme Benali" });

    test("is replaced by somebody who has proved their mailbox: both are told, and the former one invites nobody any more", async () => {
      const id = await opened();
      const someone = await invited(id);
      const successor = await bench.account();
      const email = await emailOf(successor);
      await replaceManager(bench.desk, id, replacing(` ${email.toUpperCase()}`), acting());
      expect(await managedBy(db(), manager)).toEqual([]);
      expect(await managedBy(db(), successor)).toMatchObject([{ id, managerName: "Karim Haddad", users: 5 }]);
      await expect(invite(id, "c@example.org")).rejects.toMatchObject({ refusal: "unknown" });
      await invite(id, "c@example.org", successor);
      await endInvitation(bench.desk, { invitationId: someone.invitationId, accountId: successor });
      expect(await templates(email)).toEqual(["manager-named"]);
      expect(await templates(await emailOf(manager))).toEqual(["organisation-opened", "manager-ended"]);
      const replaced = and(eq(auditEvents.action, "organisation.replace-manager"), eq(auditEvents.subject, `organisation:${id}`));
      const [event] = await db().select({ details: auditEvents.details }).from(auditEvents).where(replaced);
      expect(event?.details).toEqual({ from: `account:${manager}`, to: `account:${successor}`, reason: "Départ de Mme Benali" });
    });

    test("stays when nobody can take their place: an address that nobody proved, the same person, no reason", async () => {
      const id = await opened();
      const refused = (order: ReturnType<typeof replacing>) => expect(replaceManager(bench.desk, id, order, acting())).rejects;
      await refused(replacing("nobody.has.this@example.org")).toMatchObject({ refusal: "no-account" });
      await refused(replacing(await emailOf(manager))).toMatchObject({ refusal: "same-manager" });
      await refused({ ...replacing(await emailOf(await bench.account())), reason: " " }).toMatchObject({ refusal: "reason-missing" });
      expect(await managedBy(db(), manager)).toMatchObject([{ id, managerName: "Nadia Benali" }]);
    });

    test("has one successor, though two officers name one each at once", async () => {
      const id = await opened();
      const two = await Promise.all([bench.account(), bench.account()]);
      await Promise.all(two.map(async (account) => replaceManager(bench.desk, id, replacing(await emailOf(account)), acting())));
      const managers = await db().select().from(organisationManagers).where(eq(organisationManagers.organisationId, id));
      expect(managers).toHaveLength(1);
      expect(two).toContain(managers[0]?.accountId);
    });
  });

  test("S9: nothing of its people's applications goes on before the account is open, nor after it is closed", async () => {
    const id = await request();
    await expect(invite(id, "a@example.org")).rejects.toMatchObject({ refusal: "organisation-not-open" });
    await decideCorporateAccount(bench.desk, id, "open", null, acting());
    const someone = await invited(id);
    const change = (event: "close" | "reopen") => bench.desk.store.transaction((tx) => changeOrganisation(tx, id, event, acting()));
    await change("close");
    await expect(begin(someone)).rejects.toMatchObject({ refusal: "organisation-not-open" });
    expect(await invitationsFor(db(), { id: someone.accountId, email: someone.email }, bench.now)).toEqual([]);
    await change("reopen");
    const dossierId = await begin(someone);
    expect(await dossierOf(db(), dossierId)).toMatchObject({ organisationId: id, payment: "covered", officeId: bench.officeId });
    await change("close");
    const { accountId } = someone;
    const details = { ...bench.details(), associationId: null, title: "", memberNumber: "" };
    await expect(saveDraft(bench.desk, { accountId, dossierId, details })).rejects.toMatchObject({ refusal: "organisation-not-open" });
    await expect(bench.desk.store.transaction((tx) => holdGoingDossier(tx, dossierId))).rejects.toMatchObject({
      refusal: "organisation-not-open",
    });
    await change("reopen");
    await saveDraft(bench.desk, { accountId, dossierId, details });
    await setQuestions(bench.desk, accountId, ANSWERS);
    await submitDossier(bench.desk, { accountId, dossierId, consents: (await documentsNow(db(), "fr")).map(consentTo) });
    await change("close");
    await cancelDossier(bench.desk, { dossierId, by: { accountId }, reason: null });
  });

  test("S10: an invitation is its mailbox's, once, until it ends or is withdrawn", async () => {
    const id = await opened();
    const someone = await invited(id);
    const { invitationId } = someone;
    await expect(begin({ accountId: manager, invitationId })).rejects.toMatchObject({ refusal: "not-invited" });
    expect(await invitationsOf(db(), id)).toHaveLength(1);
    const dossierId = await begin(someone);
    await expect(begin(someone)).rejects.toMatchObject({ refusal: "invitation-used" });
    expect(await invitationsOf(db(), id)).toEqual([]);
    await cancelDossier(bench.desk, { dossierId, by: { accountId: someone.accountId }, reason: null });
    await begin(someone);

    const late = await invited(id);
    bench.pass(30 * DAY_MS);
    await expect(begin(late)).rejects.toMatchObject({ refusal: "not-invited" });
    const withdrawn = await invited(id);
    await endInvitation(bench.desk, { invitationId: withdrawn.invitationId, accountId: manager });
    await expect(begin(withdrawn)).rejects.toMatchObject({ refusal: "not-invited" });
  });

  test("invited twice is invited once, with the mail again", async () => {
    const id = await opened();
    const email = `twice.${++made}@example.org`;
    await invite(id, email);
    await invite(id, email);
    expect(await invitationsOf(db(), id)).toHaveLength(1);
    expect(await templates(email)).toEqual(["invitation-to-apply", "invitation-to-apply"]);
  });

  test("S2: only its manager invites, ends an invitation, and sees how far each person is", async () => {
    const id = await opened();
    const someone = await invited(id);
    const stranger = await bench.account();
    await expect(invite(id, "b@example.org", stranger)).rejects.toMatchObject({ refusal: "unknown" });
    await expect(endInvitation(bench.desk, { invitationId: someone.invitationId, accountId: stranger })).rejects.toMatchObject({
      refusal: "unknown",
    });
    expect(await managedBy(db(), stranger)).toEqual([]);
    await begin(someone);
    const people = await peopleOf(db(), id);
    expect(people).toMatchObject([{ email: someone.email, name: null, state: "draft" }]);
    expect(Object.keys(people[0] ?? {}).sort()).toEqual(["email", "name", "number", "since", "state"]);
  });
});
