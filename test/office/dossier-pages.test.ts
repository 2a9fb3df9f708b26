// The officers' pages of dossiers: what waits for whom, what is offered and refused, what is typed. Without a browser; on both databases.

import { generateKeyPairSync } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAudit } from "../../office/audit/audit-trail.ts";
import type { Dossier } from "../../office/dossiers/dossiers.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { activations, dossiers, questionAnswers, questionSets } from "../../office/store/application-schema.ts";
import { officerRoles, offices } from "../../office/store/schema.ts";
import { type AccountCookie, accountCookie } from "../support/account-cookie.ts";
import { DossierBench } from "../support/dossier-bench.ts";
import { revokingWithoutCa } from "../support/office-rows.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { type OfficerCookie, officerCookie } from "../support/officer-cookie.ts";
import { testSealing } from "../support/test-sealing.ts";

const URL = "http://127.0.0.1:8080";
const NOTE = "Tableau de l'Ordre, consulté ce jour";

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: DossierBench;
  let app: FastifyInstance;
  let verifier: OfficerCookie;
  let approver: OfficerCookie;
  let helpdesk: OfficerCookie;

  beforeAll(async () => {
    bench = await DossierBench.open(kind);
    const clock = { now: () => bench.now };
    app = await createOfficeServer({
      store: bench.desk.store,
      clock,
      publicUrl: URL,
      revoking: revokingWithoutCa(bench.desk.store, clock.now),
      auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      sealing: testSealing,
      ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      logLevel: "silent",
    });
    verifier = await officerCookie(bench.desk.store, bench.verifierId, bench.now);
    approver = await officerCookie(bench.desk.store, bench.approverId, bench.now);
    helpdesk = await officerCookie(bench.desk.store, await bench.officer(["helpdesk"]), bench.now);
  }, STORE_START_LIMIT_MS);

  afterAll(async () => {
    await app.close();
    await bench.close();
  });

  const get = (url: string, { cookie }: OfficerCookie, language = "fr"): Promise<LightMyRequestResponse> =>
    app.inject({ method: "GET", url, headers: { cookie, "accept-language": language } });
  function post(url: string, form: Record<string, string>, { cookie, csrf }: OfficerCookie): Promise<LightMyRequestResponse> {
    const headers = { cookie, origin: URL, "content-type": "application/x-www-form-urlencoded" };
    return app.inject({ method: "POST", url, headers, payload: new URLSearchParams({ csrf, ...form }).toString() });
  }
  const sheet = ({ id }: Dossier): string => `/dossiers/${id}`;
  const approve = (dossier: Dossier, who = approver) => post(`${sheet(dossier)}/approve`, { confirmed: "yes", note: NOTE }, who);
  const stateOf = async ({ id }: Dossier) => (await bench.read(id)).state;

  describe("the work list", () => {
    const waits = async (dossier: Dossier, who: OfficerCookie): Promise<boolean> =>
      (await get(`/dossiers?q=${dossier.number}`, who)).body.includes(`${dossier.number}</code></a>`);

    test("shows each officer what waits for them, and nobody their own check to approve", async () => {
      const pending = await bench.dossier({ state: "identity_pending" });
      const verified = await bench.dossier();
      const due = await bench.dossier({ payment: "due", state: "submitted" });
      const failed = await bench.dossier({ state: "identity_failed" });
      const ready = await bench.dossier({ state: "activation_ready" });
      const issuer = await officerCookie(bench.desk.store, await bench.officer(["issuer"]), bench.now);
      for (const [dossier, whose] of [
        [pending, [verifier]],
        [verified, [approver]],
        [due, [approver]],
        [failed, [verifier, approver]],
        [ready, [issuer]],
      ] as const) {
        for (const who of [verifier, approver, issuer, helpdesk]) {
          expect(await waits(dossier, who), dossier.state).toBe((whose as readonly OfficerCookie[]).includes(who));
        }
      }
      const bothId = await bench.officer(["verifier", "approver"]);
      const both = await officerCookie(bench.desk.store, bothId, bench.now);
      const own = await bench.dossier({ verifierId: bothId });
      expect(await waits(own, both)).toBe(false);
      expect(await waits(own, approver)).toBe(true);
    });

    test("finds by number, name and e-mail, in each list, and takes nothing that is typed as a pattern", async () => {
      const dossier = await bench.dossier({ givenName: "Zoé", surname: "O'Neill 100%", state: "active" });
      for (const q of [dossier.number.toLowerCase(), "zoe o'ne", "ZOÉ", "100%", dossier.email]) {
        const { body } = await get(`/dossiers?list=over&q=${encodeURIComponent(q)}`, helpdesk);
        expect(body, q).toContain(dossier.number);
      }
      for (const q of ["%", "_oé", "zoé xy"]) {
        const { body } = await get(`/dossiers?list=over&q=${encodeURIComponent(`${q} ${dossier.number}`)}`, helpdesk);
        expect(body.includes(`${dossier.number}</code>`), q).toBe(q === "%");
      }
    });

    test("has no draft, nothing of another office, and nothing for those without the permission", async () => {
      const draft = await bench.dossier({ state: "draft" });
      const [lyon] = await bench.db.insert(offices).values({ name: "Lyon", timeZone: "Europe/Paris", createdAt: bench.now }).returning();
      const elsewhere = await bench.dossier({ officeId: lyon?.id ?? "" });
      for (const list of ["waiting", "identity", "approval", "activation", "payment", "over", "no-such-list"]) {
        const { body, statusCode } = await get(`/dossiers?list=${list}&page=1`, approver);
        expect(statusCode).toBe(200);
        for (const { number } of [draft, elsewhere]) expect(body).not.toContain(number);
      }
      for (const dossier of [draft, elsewhere]) {
        expect((await get(sheet(dossier), approver)).statusCode).toBe(404);
        expect((await approve(dossier)).statusCode).toBe(404);
      }
      const auditor = await officerCookie(bench.desk.store, await bench.officer(["auditor"]), bench.now);
      expect((await get("/dossiers", auditor)).statusCode).toBe(403);
      expect((await app.inject({ url: "/dossiers" })).body).not.toContain("</code></a>");
      await bench.db.delete(officerRoles).where(eq(officerRoles.officeId, lyon?.id ?? ""));
    });
  });

  describe("the sheet", () => {
    test("shows what is known, never questions nor answers, and what is written is text", async () => {
      const dossier = await bench.dossier({ givenName: "<b>Gras</b>", title: '"><script>alert(1)</script>' });
      const values = { accountId: dossier.accountId, state: "open" as const, failedTries: 0, createdAt: bench.now };
      const [set] = await bench.db.insert(questionSets).values(values).returning();
      await bench.db.insert(questionAnswers).values({ setId: set?.id ?? "", question: "first-pet", answerHash: "$argon2id$secret" });
      for (const language of ["fr", "en"]) {
        const { body } = await get(sheet(dossier), approver, language);
        expect(body).toContain("&lt;b&gt;Gras");
        expect(body).not.toMatch(/<script|<b>|argon2id|first-pet/);
        expect(body).toContain(language === "fr" ? "choisies" : "chosen");
        expect(body).toContain(dossier.phone);
      }
    });

    test("offers what state and roles allow, and says who else may", async () => {
      const dossier = await bench.dossier();
      const offered = async (who: OfficerCookie, of = dossier) =>
        [...(await get(sheet(of), who)).body.matchAll(/href="\/dossiers\/[^/"]+\/([a-z]+)"/g)].map(([, action]) => action);
      expect(await offered(approver)).toEqual(["approve", "reject", "undo", "cancel"]);
      expect(await offered(verifier)).toEqual([]);
      expect((await get(sheet(dossier), verifier)).body).toContain("Rôles qui le permettent");
      expect(await offered(approver, await bench.dossier({ state: "submitted", payment: "due" }))).toEqual([
        "reject",
        "pay",
        "waive",
        "cancel",
      ]);
      expect(await offered(helpdesk, await bench.dossier({ state: "activation_ready" }))).toEqual(["reference"]);
      expect(await offered(verifier, await bench.dossier({ state: "identity_failed" }))).toEqual(["reopen"]);
      expect(await offered(approver, await bench.dossier({ state: "rejected" }))).toEqual([]);
    });

    test("says to whoever checked the identity, and to the applicant, why they can't approve", async () => {
      const bothId = await bench.officer(["verifier", "approver"], { givenName: "Aude", surname: "Double" });
      const both = await officerCookie(bench.desk.store, bothId, bench.now);
      for (const [part, text] of [
        [{ verifierId: bothId }, "Vous avez pris part au contrôle"],
        [{ givenName: "Aude", surname: "DOUBLE" }, "semble être la même personne que vous"],
        [{ payment: "due" }, "Le paiement est encore dû"],
      ] as const) {
        const dossier = await bench.dossier(part);
        const { body } = await get(sheet(dossier), both);
        expect(body).toContain(text);
        expect(body).not.toContain(`${sheet(dossier)}/approve`);
        for (const answer of [await get(`${sheet(dossier)}/approve`, both), await approve(dossier, both)]) {
          expect(answer.statusCode).toBe(409);
          expect(answer.body).toContain(text);
        }
        expect(await stateOf(dossier)).toBe("identity_verified");
      }
    });
  });

  test("the audit trail tells auditors of their own offices' dossiers only, and of their activations and questions", async () => {
    const [lyon] = await bench.db.insert(offices).values({ name: "Lyon", timeZone: "Europe/Paris", createdAt: bench.now }).returning();
    const away = await bench.officer([]);
    await bench.db.insert(officerRoles).values({ officerId: away, officeId: lyon?.id ?? "", role: "auditor" });
    const here = await bench.officer(["auditor"]);
    const dossier = await bench.dossier();
    await approve(dossier);
    const [activation] = await bench.db.select().from(activations).where(eq(activations.dossierId, dossier.id));
    const set = { accountId: dossier.accountId, state: "locked" as const, failedTries: 5, createdAt: bench.now };
    const [questions] = await bench.db.insert(questionSets).values(set).returning();
    const subjects = [`dossier:${dossier.id}`, `activation:${activation?.id}`, `questions:${questions?.id}`];
    for (const subject of subjects.slice(1)) {
      await bench.desk.store.transaction((tx) => appendAudit(tx, { at: bench.now, actor: "system", action: "test.event", subject }));
    }
    for (const subject of subjects) {
      for (const [officerId, isShown] of [
        [here, true],
        [away, false],
      ] as const) {
        const { body } = await get(`/audit?q=${encodeURIComponent(subject)}`, await officerCookie(bench.desk.store, officerId, bench.now));
        expect(body.includes("<tbody"), subject).toBe(isShown);
      }
    }
  });

  describe("a decision", () => {
    test("S12: approval wants the status confirmed and told; then the number goes out and stands on no page", async () => {
      const dossier = await bench.dossier();
      for (const form of [
        {},
        { confirmed: "yes" },
        { note: NOTE },
        { confirmed: "yes", note: "ok" },
        { confirmed: "yes", note: "a\u0000bc" },
      ]) {
        const answer = await post(`${sheet(dossier)}/approve`, form as Record<string, string>, approver);
        expect(answer.statusCode).toBe(422);
        if ("note" in form && form.note === NOTE) expect(answer.body).toContain("Tableau de l&#39;Ordre");
      }
      expect(await stateOf(dossier)).toBe("identity_verified");
      const done = await approve(dossier);
      expect(done).toMatchObject({ statusCode: 303, headers: { location: `${sheet(dossier)}?done=approve` } });
      expect(await stateOf(dossier)).toBe("activation_ready");
      await bench.runJobs();
      const reference =
        /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(bench.mailed.find(({ to }) => to === dossier.email)?.text ?? "")?.[0] ?? "none";
      const { body } = await get(`${sheet(dossier)}?done=approve`, approver);
      expect(body).toContain("La demande est approuvée");
      expect(body).toContain("Tableau de l&#39;Ordre");
      expect(body).not.toContain(reference);
      expect((await approve(dossier)).headers.location).toBe(`${sheet(dossier)}?done=before`);
    });

    test("what is final wants the dossier's number typed", async () => {
      for (const [action, state] of [
        ["reject", "rejected"],
        ["cancel", "cancelled"],
      ] as const) {
        const dossier = await bench.dossier({ payment: "paid" });
        const page = `${sheet(dossier)}/${action}`;
        expect((await get(page, approver)).body).toContain("remboursement");
        for (const confirmation of ["", "WRONG123"]) {
          expect((await post(page, { note: NOTE, confirmation }, approver)).statusCode).toBe(422);
        }
        expect((await post(page, { note: NOTE, confirmation: ` ${dossier.number.toLowerCase()}` }, approver)).statusCode).toBe(303);
        expect(await bench.read(dossier.id)).toMatchObject({ state, reason: NOTE });
        expect((await get(page, approver)).statusCode).toBe(409);
      }
    });

    test("S9: payment is marked, waived and taken back on pages of their own", async () => {
      const dossier = await bench.dossier({ state: "submitted", payment: "due" });
      for (const [action, payment] of [
        ["pay", "paid"],
        ["undo", "due"],
        ["waive", "waived"],
      ] as const) {
        expect((await get(`${sheet(dossier)}/${action}`, approver)).statusCode).toBe(200);
        expect((await post(`${sheet(dossier)}/${action}`, { note: "Reçu 4711" }, approver)).statusCode).toBe(303);
        expect((await bench.read(dossier.id)).payment).toBe(payment);
      }
      expect((await get(sheet(dossier), approver)).body).toContain("Reçu 4711");
    });

    test("whoever failed gets another appointment, and whoever lost the mail another number", async () => {
      const failed = await bench.dossier({ state: "identity_failed" });
      expect((await post(`${sheet(failed)}/reopen`, { note: "Document renouvelé" }, verifier)).statusCode).toBe(303);
      expect(await stateOf(failed)).toBe("submitted");
      const approved = await bench.dossier();
      await approve(approved);
      expect((await get(`${sheet(approved)}/reference`, helpdesk)).statusCode).toBe(200);
      expect((await post(`${sheet(approved)}/reference`, {}, helpdesk)).headers.location).toContain("done=reference");
    });

    test("S15: the applicant asks for another number on their own page, and nobody else's; a locked one is the office's", async () => {
      const dossier = await bench.dossier();
      await approve(dossier);
      const own = await accountCookie(bench.desk.store, dossier.email, bench.now);
      const stranger = await accountCookie(bench.desk.store, `stranger@${kind}.example.org`, bench.now);
      const page = `/my/dossiers/${dossier.id}/reference`;
      const send = ({ cookie, csrf }: AccountCookie, language = "fr") =>
        app.inject({
          method: "POST",
          url: page,
          headers: { cookie, origin: URL, "accept-language": language, "content-type": "application/x-www-form-urlencoded" },
          payload: new URLSearchParams({ "account-csrf": csrf }).toString(),
        });
      const numbers = () => bench.db.select().from(activations).where(eq(activations.dossierId, dossier.id));
      expect((await app.inject({ url: `/my/dossiers/${dossier.id}`, headers: { cookie: own.cookie } })).body).toContain(page);
      for (const method of ["GET", "POST"] as const) {
        const answer = method === "POST" ? await send(stranger) : await app.inject({ url: page, headers: { cookie: stranger.cookie } });
        expect(answer.statusCode).toBe(404);
      }
      expect(await send({ ...own, csrf: "x" })).toMatchObject({ statusCode: 403 });
      expect(await numbers()).toHaveLength(1);
      expect(await send(own)).toMatchObject({ statusCode: 303, headers: { location: `${page}?done=sent` } });
      expect(await numbers()).toHaveLength(2);
      expect((await app.inject({ url: `${page}?done=sent`, headers: { cookie: own.cookie } })).body).toContain('role="status"');
      await bench.db
        .update(activations)
        .set({ state: "locked" })
        .where(and(eq(activations.dossierId, dossier.id), eq(activations.state, "mailed")));
      const locked = await send(own, "en");
      expect(locked.statusCode).toBe(409);
      expect(locked.body).toContain("The office can unlock it");
      expect(await numbers()).toHaveLength(2);
      await bench.db.update(dossiers).set({ state: "active" }).where(eq(dossiers.id, dossier.id));
      expect((await app.inject({ url: page, headers: { cookie: own.cookie } })).statusCode).toBe(409);
    });

    test("is refused to other roles, without the form's token, from elsewhere, and at addresses that there are none of", async () => {
      const dossier = await bench.dossier();
      for (const who of [verifier, helpdesk]) {
        expect((await get(`${sheet(dossier)}/approve`, who)).statusCode).toBe(403);
        expect((await approve(dossier, who)).statusCode).toBe(403);
      }
      expect((await approve(dossier, { ...approver, csrf: "x" })).statusCode).toBe(403);
      const headers = { cookie: approver.cookie, origin: "https://elsewhere.example", "content-type": "application/x-www-form-urlencoded" };
      const payload = new URLSearchParams({ csrf: approver.csrf, confirmed: "yes", note: NOTE }).toString();
      expect((await app.inject({ method: "POST", url: `${sheet(dossier)}/approve`, headers, payload })).statusCode).toBe(403);
      for (const path of [`${sheet(dossier)}/toString`, `${sheet(dossier)}/prepare`, "/dossiers/no-uuid", "/dossiers/no-uuid/approve"]) {
        expect((await get(path, approver)).statusCode, path).toBe(404);
      }
      expect(await bench.db.select().from(dossiers).where(eq(dossiers.id, dossier.id))).toEqual([dossier]);
    });
  });
});
