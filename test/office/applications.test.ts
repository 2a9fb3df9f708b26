// Applications over HTTP, as browsers ask: by code into the account, the form in three parts with all that was typed kept, the dossier's page, corporate
// accounts. On both databases; in a real browser: application-pages.test.ts.

import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dossierOf, dossiersOf } from "../../office/dossiers/dossiers.ts";
import { accounts, dossiers, questionSets } from "../../office/store/application-schema.ts";
import { organisations } from "../../office/store/schema.ts";
import { ANSWER_FIELDS, APPLICANT_FIELDS, ApplicationClient, idIn, problemsOf } from "../support/application-client.ts";
import { ApplicationOffice } from "../support/application-office.ts";
import { mailed, mailsTo } from "../support/mail-folder.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import type { OfficerCookie } from "../support/officer-cookie.ts";

const STEP = /aria-current="step"><span class="step">([^<]+)</;

describe.each(STORE_KINDS)("%s", (kind) => {
  let office: ApplicationOffice;
  let approver: OfficerCookie;
  let made = 0;

  beforeAll(async () => {
    office = await ApplicationOffice.open(kind);
    approver = await office.officer(["approver"]);
  }, STORE_START_LIMIT_MS);
  afterAll(async () => {
    await office.close();
    expect(office.failures).toEqual([]);
  });

  const db = () => office.bench.desk.store.db;
  const newMailbox = (): string => `applicant.${++made}@example.org`;
  const applicant = (language = "fr") => office.applicant(newMailbox(), language);

  test("S1, S10: an applicant proves the mailbox, fills in the form alone, and sends it", async () => {
    const lea = await applicant();
    const id = await lea.apply();
    const dossier = await dossierOf(db(), id);
    expect(dossier).toMatchObject({ state: "submitted", email: lea.email, givenName: "Léa", memberNumber: "12-345" });
    const { text } = await lea.get(`/my/dossiers/${id}?done=sent`);
    expect(text).toContain("Votre demande est envoyée");
    expect(text).toContain(`/my/dossiers/${id}/appointment`);
    expect(await mailed(office.mails, lea.email, /\/my\/dossiers\/([0-9a-f-]{36})\/appointment/)).toBe(id);
  });

  test("S10: nobody without the mailbox's session sees or fills in anything of it", async () => {
    const lea = await applicant();
    const id = await lea.begin();
    const visitor = ApplicationClient.visitor(office.url, office.mails, newMailbox());
    const other = await applicant();
    for (const page of ["", "/details", "/questions", "/consents", "/cancel", "/form"]) {
      expect((await visitor.get(`/my/dossiers/${id}${page}`)).status).toBe(401);
      expect((await other.get(`/my/dossiers/${id}${page}`)).status).toBe(404);
    }
    for (const page of ["details", "questions", "consents", "cancel"]) {
      expect((await other.post(`/my/dossiers/${id}/${page}`, { ...APPLICANT_FIELDS, ...ANSWER_FIELDS })).status).toBe(404);
    }
    const { status } = await office.asOfficer(approver, `/my/dossiers/${id}/details`, { ...APPLICANT_FIELDS });
    expect(status).toBe(401);
    expect(await dossierOf(db(), id)).toMatchObject({ state: "draft", givenName: "" });
    expect((await other.get(`/my/dossiers/${randomUUID()}`)).status).toBe(404);
    expect((await other.get("/my/dossiers/none")).status).toBe(404);
  });

  test("S10: what was typed is kept at every error, and each problem stands at its field", async () => {
    const lea = await applicant();
    const id = await lea.begin();
    const typed = { ...APPLICANT_FIELDS, surname: "", phone: "six", association: office.bench.associationId };
    const answer = await lea.post(`/my/dossiers/${id}/details`, typed);
    expect(answer.status).toBe(422);
    expect(problemsOf(answer.text)).toEqual([
      "Ce champ est obligatoire.",
      "Ce n&#39;est pas un numéro de téléphone, comme +33 6 12 34 56 78.",
    ]);
    for (const kept of ['value="Léa"', 'value="six"', 'value="Ingénieure"', 'value="12-345"']) expect(answer.text).toContain(kept);

    const long = await lea.post(`/my/dossiers/${id}/details`, { ...typed, phone: "+33 6 12", surname: "d".repeat(62) });
    expect(problemsOf(long.text)).toEqual(["Prénoms et nom ensemble\u00a0: 64 caractères au plus dans un certificat."]);

    await lea.fillDetails(id);
    const same = { ...ANSWER_FIELDS, question2: "childhood-friend", answer2: "a b", answer3: "CAMILLE le goff" };
    const wrong = await lea.post(`/my/dossiers/${id}/questions`, same);
    expect(wrong.status).toBe(422);
    expect(problemsOf(wrong.text)).toEqual([
      "Cette question est déjà choisie.",
      "Il faut au moins trois lettres ou chiffres.",
      "Deux réponses sont les mêmes.",
    ]);
    for (const kept of ['value="a b"', 'value="CAMILLE le goff"', 'value="childhood-friend" selected']) expect(wrong.text).toContain(kept);

    await lea.fillQuestions(id);
    const unticked = await lea.post(`/my/dossiers/${id}/consents`, {});
    expect(unticked.status).toBe(422);
    expect(problemsOf(unticked.text)).toHaveLength(2);
    const changed = await lea.post(`/my/dossiers/${id}/consents`, { terms: `1|${"0".repeat(64)}`, privacy: `1|${"0".repeat(64)}` });
    expect(changed.status).toBe(422);
    expect(changed.text).toContain("Un document a changé");
    await lea.send(id);
  });

  test("S10: the parts are filled in in their order, and a sent application is filled in no more", async () => {
    const lea = await applicant();
    const id = await lea.begin();
    expect((await lea.get(`/my/dossiers/${id}/form`)).location).toBe(`/my/dossiers/${id}/details`);
    expect((await lea.get(`/my/dossiers/${id}/consents`)).location).toBe(`/my/dossiers/${id}/details`);
    await lea.fillDetails(id);
    expect((await lea.get(`/my/dossiers/${id}/consents`)).location).toBe(`/my/dossiers/${id}/questions`);
    await lea.fillQuestions(id);
    expect((await lea.get(`/my/dossiers/${id}/form`)).location).toBe(`/my/dossiers/${id}/consents`);
    expect((await lea.get(`/my/dossiers/${id}/questions`)).text).toContain("Les garder et continuer");
    await lea.send(id);
    for (const page of ["details", "questions", "consents", "form"]) {
      expect((await lea.get(`/my/dossiers/${id}/${page}`)).location).toBe(`/my/dossiers/${id}`);
    }
    expect((await lea.post(`/my/dossiers/${id}/questions`, ANSWER_FIELDS)).location).toBe(`/my/dossiers/${id}`);
    const { text } = await lea.get("/apply");
    expect(text).toContain("Vous avez déjà une demande en cours");
    expect((await lea.post("/apply", { association: office.bench.associationId })).status).toBe(409);
  });

  test("S11: the stepper shows four steps with their durations, and where the dossier is, in both languages", async () => {
    const lea = await applicant();
    const max = await applicant("en");
    const id = await lea.apply();
    const other = await max.begin();
    const steps = ["Abonnement", "Vérification d&#39;identité", "Approbation", "Activation"];
    for (const [state, step] of [
      ["draft", 0],
      ["submitted", 1],
      ["identity_pending", 1],
      ["identity_failed", 1],
      ["identity_verified", 2],
      ["approved", 3],
      ["activation_ready", 3],
    ] as const) {
      await db().update(dossiers).set({ state }).where(eq(dossiers.id, id));
      const { text } = await lea.get(`/my/dossiers/${id}`);
      expect(STEP.exec(text)?.[1]).toBe(steps[step]);
      expect(text.match(/aria-current="step"/g)).toHaveLength(1);
      for (const name of steps) expect(text).toContain(name);
      for (const duration of ["5 min", "10 min", "–"]) expect(text).toContain(`>${duration}<`);
    }
    await db().update(dossiers).set({ state: "active" }).where(eq(dossiers.id, id));
    expect((await lea.get(`/my/dossiers/${id}`)).text.match(/class="done"/g)).toHaveLength(4);
    await db().update(dossiers).set({ state: "cancelled" }).where(eq(dossiers.id, id));
    expect((await lea.get(`/my/dossiers/${id}`)).text).not.toContain('stepper" ');
    for (const path of ["/apply", `/my/dossiers/${other}/details`]) expect(STEP.exec((await max.get(path)).text)?.[1]).toBe("Subscription");
  });

  test("S5: every state is told in plain words, with what comes next", async () => {
    const lea = await applicant();
    const id = await lea.apply();
    const words = new Set<string>();
    const states = [
      "submitted",
      "identity_pending",
      "identity_failed",
      "identity_verified",
      "approved",
      "activation_ready",
      "active",
      "rejected",
      "expired",
    ] as const;
    for (const state of states) {
      await db()
        .update(dossiers)
        .set({ state, reason: state === "rejected" ? "Statut non confirmé" : null })
        .where(eq(dossiers.id, id));
      const { status, text } = await lea.get(`/my/dossiers/${id}`);
      expect(status).toBe(200);
      words.add(/class="lead">(.*)<\/p>/.exec(text)?.[1] ?? "");
      expect(text.includes("Statut non confirmé")).toBe(state === "rejected");
      expect(text.includes('href="/activate"')).toBe(state === "activation_ready");
    }
    expect(words.size).toBe(states.length);
  });

  test("cancelling takes the dossier's number, and is done once", async () => {
    const lea = await applicant();
    const id = await lea.apply();
    const { number } = await dossierOf(db(), id);
    const path = `/my/dossiers/${id}/cancel`;
    expect(problemsOf((await lea.post(path, { confirmation: "ABCDEFGH" })).text)).toEqual(["Ce n&#39;est pas le numéro de ce dossier."]);
    expect((await dossierOf(db(), id)).state).toBe("submitted");
    await lea.done(path, { confirmation: `${number.slice(0, 4)} ${number.slice(4)}`.toLowerCase() });
    expect((await dossierOf(db(), id)).state).toBe("cancelled");
    expect((await lea.post(path, { confirmation: number })).status).toBe(303);
    expect(await lea.apply()).not.toBe(id);
  });

  test("S10: questions that a dossier relies on are not changed by the mailbox alone", async () => {
    const lea = await applicant();
    const first = await lea.apply();
    await db().update(dossiers).set({ state: "active" }).where(eq(dossiers.id, first));
    const id = await lea.begin();
    await lea.fillDetails(id);
    const { text } = await lea.get(`/my/dossiers/${id}/questions`);
    expect(text).toContain("elles ne changent plus");
    expect(text).not.toContain('name="answer1"');
    const before = await db().select().from(questionSets);
    const { text: refused } = await lea.post(`/my/dossiers/${id}/questions`, { ...ANSWER_FIELDS, answer1: "Quelqu'un d'autre" });
    expect(refused).toContain("elles ne changent plus");
    expect(await db().select().from(questionSets)).toEqual(before);
    await lea.send(id);
  });

  describe("S9: a corporate account", () => {
    const REQUEST = { name: "Cabinet Lumière", country: "BE", managerName: "Nadia Benali", phone: "+33 1 23 45 67 89", users: "5" };

    async function asked(manager: ApplicationClient): Promise<string> {
      return idIn(await manager.done("/my/organisations/request", { ...REQUEST, office: office.bench.officeId }));
    }

    test("is asked for with five users or more, and opened by an officer; then its people are invited, and fill in alone", async () => {
      const manager = await applicant();
      const few = await manager.post("/my/organisations/request", { ...REQUEST, users: "4", office: office.bench.officeId });
      expect(problemsOf(few.text)).toEqual(["Un compte corporatif s&#39;ouvre à partir de cinq personnes."]);
      expect(few.text).toContain('value="Nadia Benali"');
      const id = await asked(manager);
      expect((await manager.get(`/my/organisations/${id}`)).text).toContain("Votre demande est reçue");
      const email = newMailbox();
      expect((await manager.post(`/my/organisations/${id}/invite`, { email, language: "fr" })).status).toBe(409);

      const sheet = await office.asOfficer(approver, `/organisations/${id}`);
      for (const known of ["Nadia Benali", manager.email, "+33 1 23 45 67 89"]) expect(sheet.text).toContain(known);
      expect((await office.asOfficer(approver, `/organisations/${id}/open`, {})).status).toBe(303);
      expect(await mailed(office.mails, manager.email, /\/my\/organisations\/([0-9a-f-]{36})/)).toBe(id);

      await manager.done(`/my/organisations/${id}/invite`, { email: email.toUpperCase(), language: "fr" });
      await mailed(office.mails, email, /\/apply/);
      expect((await manager.get(`/my/organisations/${id}`)).text).toContain(email);
      const invited = await office.applicant(email);
      const dossierId = await invited.beginInvited();
      await invited.fillDetails(dossierId, { title: "", memberNumber: "", association: "" });
      await invited.fillQuestions(dossierId);
      await invited.send(dossierId);
      const dossier = await dossierOf(db(), dossierId);
      expect(dossier).toMatchObject({ organisationId: id, associationId: null, payment: "covered", state: "submitted" });

      const page = (await manager.get(`/my/organisations/${id}`)).text;
      expect(page).toContain(dossier.number);
      expect(page).toContain("Identité à vérifier");
      for (const secret of [...Object.values(ANSWER_FIELDS), dossier.phone]) expect(page).not.toContain(secret);
      expect((await manager.get(`/my/dossiers/${dossierId}`)).status).toBe(404);
      expect((await invited.get(`/my/organisations/${id}`)).status).toBe(404);

      await db().update(organisations).set({ state: "closed" }).where(eq(organisations.id, id));
      expect((await invited.get(`/my/dossiers/${dossierId}`)).text).toContain("rien n&#39;avance");
    });

    test("is refused with a reason, which the manager reads", async () => {
      const manager = await applicant();
      const id = await asked(manager);
      const path = `/organisations/${id}/refuse`;
      const missing = await office.asOfficer(approver, path, { confirmation: REQUEST.name });
      expect(problemsOf(missing.text)).toEqual(["Ce champ est obligatoire."]);
      expect((await office.asOfficer(approver, path, { confirmation: REQUEST.name, reason: "Inconnu au registre" })).status).toBe(303);
      expect((await manager.get(`/my/organisations/${id}`)).text).toContain("Inconnu au registre");
      await mailed(office.mails, manager.email, /Inconnu au registre/);
    });

    test("gets another manager by an officer: somebody who has signed in once; the former one's page is gone", async () => {
      const manager = await applicant();
      const id = await asked(manager);
      const path = `/organisations/${id}/manager`;
      const fields = { email: newMailbox(), name: "Karim Haddad", phone: "+33 1 98 76 54 32", reason: "Départ" };
      const helpdesk = await office.officer(["helpdesk"]);
      expect((await office.asOfficer(helpdesk, path, fields)).status).toBe(403);
      const nobody = await office.asOfficer(approver, path, fields);
      expect([nobody.status, problemsOf(nobody.text)]).toEqual([422, [expect.stringContaining("Personne ne s&#39;est encore connecté")]]);
      expect(nobody.text).toContain('value="Karim Haddad"');
      const same = await office.asOfficer(approver, path, { ...fields, email: manager.email });
      expect(problemsOf(same.text)).toEqual(["Cette personne est déjà le gestionnaire."]);
      const successor = await applicant();
      const done = await office.asOfficer(approver, path, { ...fields, email: successor.email });
      expect([done.status, done.location]).toEqual([303, `/organisations/${id}?done=manager`]);
      expect((await office.asOfficer(approver, done.location)).text).toContain("Karim Haddad");
      expect((await manager.get(`/my/organisations/${id}`)).status).toBe(404);
      expect((await successor.get(`/my/organisations/${id}`)).text).toContain("Karim Haddad");
      expect(await mailed(office.mails, successor.email, /\/my\/organisations\/([0-9a-f-]{36})/)).toBe(id);
      await mailed(office.mails, manager.email, /une autre personne/);
    });

    test("an invitation that is withdrawn begins nothing", async () => {
      const manager = await applicant();
      const id = await asked(manager);
      await office.asOfficer(approver, `/organisations/${id}/open`, {});
      const email = newMailbox();
      await manager.done(`/my/organisations/${id}/invite`, { email, language: "en" });
      const page = (await manager.get(`/my/organisations/${id}`)).text;
      const invitation = /name="invitation" value="([0-9a-f-]{36})"/.exec(page)?.[1] ?? "";
      const invited = await office.applicant(email);
      await manager.done(`/my/organisations/${id}/end-invitation`, { invitation });
      expect((await invited.post("/apply", { invitation })).status).toBe(410);
      expect((await invited.get("/apply")).text).not.toContain("Cabinet Lumière");
      const [account] = await db().select().from(accounts).where(eq(accounts.email, email));
      expect(await dossiersOf(db(), account?.id ?? "")).toEqual([]);
      expect(mailsTo(office.mails, email)[0]?.subject).not.toBe("");
    });
  });

  test("S7: an association is added by an officer who may, and is offered at once", async () => {
    const name = `Chambre ${randomUUID().slice(0, 8)}`;
    const fields = { name, country: "FR", office: office.bench.officeId };
    const helpdesk = await office.officer(["helpdesk"]);
    expect((await office.asOfficer(helpdesk, "/associations/new", fields)).status).toBe(403);
    expect((await office.asOfficer(approver, "/associations/new", { ...fields, office: randomUUID() })).status).toBe(403);
    const added = await office.asOfficer(approver, "/associations/new", fields);
    expect(added.status).toBe(303);
    const lea = await applicant();
    const option = `<option value="${idIn(added.location)}">${name}</option>`;
    expect((await lea.get("/apply")).text).toContain(option);
    // Closed on a page of its own, with its name typed; and opened again.
    const id = idIn(added.location);
    expect((await office.asOfficer(approver, `/organisations/${id}/close`)).location).toBe(`/associations/${id}/close`);
    expect((await office.asOfficer(helpdesk, `/associations/${id}/close`, { confirmation: name })).status).toBe(403);
    expect((await office.asOfficer(approver, `/associations/${id}/close`, { confirmation: "autre" })).status).toBe(422);
    expect((await office.asOfficer(approver, `/associations/${id}/close`, { confirmation: name })).location).toContain("done=close");
    expect((await lea.get("/apply")).text).not.toContain(option);
    expect((await office.asOfficer(approver, `/associations/${id}/close`)).location).toContain("done=before");
    expect((await office.asOfficer(approver, `/associations/${id}/reopen`, {})).location).toContain("done=reopen");
    expect((await lea.get("/apply")).text).toContain(option);
    const listed = (await office.asOfficer(helpdesk, "/associations")).text;
    expect([listed.includes(name), listed.includes("/associations/new")]).toEqual([true, false]);
  });
});
