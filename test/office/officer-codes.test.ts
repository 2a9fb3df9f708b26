// Officers' codes on the pages: another code for whoever was invited, is active or was withdrawn; a code that another language does not lose, and that
// no address and no log has.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { enrolOfficer, inviteOfficer, officer, useLink } from "../../office/registration/officers.ts";
import { secretDigest } from "../../office/registration/secret.ts";
import { redeemLink, sessionOfficer } from "../../office/registration/sign-in.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { auditEvents, officerCodeSights, oneTimeLinks } from "../../office/store/schema.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa, signInLink, type TestOfficer } from "../support/office-rows.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { testSealing } from "../support/test-sealing.ts";

const URL = "http://127.0.0.1:8080";
const MINUTE = 60_000;
const CODE = /<code class="command">([A-Za-z0-9_-]{43})<\/code>/;
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let rows: OfficeRows;
  let app: FastifyInstance;
  let time = ROWS_START;
  const mails: Mail[] = [];
  const log: string[] = [];
  let made = 0;

  beforeAll(async () => {
    bench = await openTestStore(kind);
    rows = await fillOffice(bench.store);
    app = await createOfficeServer({
      store: bench.store,
      clock: { now: () => time },
      publicUrl: URL,
      revoking: revokingWithoutCa(bench.store, () => time),
      auditKey: newKey().publicKey,
      sealing: testSealing,
      ocspKey: ocspKey(newKey().privateKey),
      logTo: { write: (line) => log.push(line) },
    });
  }, STORE_START_LIMIT_MS + 60_000);

  afterAll(async () => {
    await app.close();
    await bench.close();
  });

  beforeEach(() => {
    time = new Date(time.getTime() + 20 * MINUTE); // new limits
  });

  interface Session {
    readonly cookie: string;
    readonly csrf: string;
    readonly secret: string;
  }

  async function signIn(who: TestOfficer): Promise<Session> {
    const link = await signInLink(bench.store, URL, who, time);
    const { secret } = await redeemLink(bench.store, link, time);
    return { cookie: `sceau-session=${secret}`, csrf: csrfToken(secret), secret };
  }

  const get = (url: string, { cookie }: Session): Promise<LightMyRequestResponse> =>
    app.inject({ method: "GET", url, headers: { cookie } });

  function post(url: string, form: Record<string, string>, { cookie, csrf }: Session): Promise<LightMyRequestResponse> {
    const headers = { "content-type": "application/x-www-form-urlencoded", origin: URL, "sec-fetch-site": "same-origin", cookie };
    return app.inject({ method: "POST", url, headers, payload: new URLSearchParams({ csrf, ...form }).toString() });
  }

  /** What has left since it was asked before. */
  async function mailed(): Promise<Mail[]> {
    const jobs = new Map([[MAIL_JOB, mailJob(testSealing, { send: async (mail) => void mails.push(mail) })]]);
    await runDueJobs(bench.store, jobs, () => time);
    return mails.splice(0);
  }
  const codeIn = ({ text }: Mail): string => /^ {4}([A-Za-z0-9_-]{43})$/m.exec(text)?.[1] ?? "";
  const codeOn = ({ body }: LightMyRequestResponse): string => CODE.exec(body)?.[1] ?? "";
  const told = ({ body }: LightMyRequestResponse): string => /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? "";
  const stateOf = async (id: string) => (await officer(bench.store.db, id)).state;

  /** Of a button for the other language: where it leads and what it sends. */
  function otherLanguage({ body }: LightMyRequestResponse): { action: string; fields: Record<string, string> } {
    const list = /<ul class="languages"[\s\S]*?<\/ul>/.exec(body)?.[0] ?? "";
    const fields = Object.fromEntries(
      [...list.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]),
    );
    const [, lang = ""] = /<button[^>]* name="lang" value="([^"]+)"/.exec(list) ?? [];
    return { action: /<form method="post" action="([^"]+)"/.exec(list)?.[1] ?? "", fields: { ...fields, lang } };
  }

  async function newOfficer(): Promise<TestOfficer> {
    const { publicKey, privateKey } = newKey();
    const spki = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
    const acting = { actor: "system", now: time };
    const id = await bench.store.transaction(async (tx) => {
      const roles = [{ officeId: rows.paris, role: "helpdesk" as const }];
      const { officerId } = await inviteOfficer(tx, rows.people[made++] ?? "", roles, acting);
      await enrolOfficer(tx, officerId, spki, acting);
      return officerId;
    });
    return { id, publicKey: spki, privateKey };
  }

  test("an active officer is given another code: their key signs them in until it is used, and not at all when the token is lost", async () => {
    const session = await signIn(rows.officers.all);
    const victim = await newOfficer();
    const own = await signIn(victim);
    const page = await get(`/officers/${victim.id}/code`, session);
    expect([page.statusCode, told(page).startsWith("Nouveau code pour")]).toEqual([200, true]);
    const unanswered = await post(`/officers/${victim.id}/code`, { state: "active" }, session);
    expect([unanswered.statusCode, unanswered.body.includes('id="token-problem"')]).toEqual([422, true]);
    const held = await post(`/officers/${victim.id}/code`, { state: "active", token: "held" }, session);
    expect([held.statusCode, held.headers.location]).toEqual([303, "/officers?done=mailed"]);
    const [mail] = await mailed();
    const heldCode = mail === undefined ? "" : codeIn(mail);
    expect(heldCode).toMatch(/^.{43}$/);
    expect((await sessionOfficer(bench.store, own.secret, time))?.id).toBe(victim.id);
    const lost = await post(`/officers/${victim.id}/code`, { state: "active", token: "lost", handover: "show" }, session);
    expect(await sessionOfficer(bench.store, own.secret, time)).toBeNull();
    await expect(signInLink(bench.store, URL, victim, time)).rejects.toMatchObject({ refusal: "key-unknown" });
    expect(await stateOf(victim.id)).toBe("invited");
    const use = (code: string) => bench.store.transaction((tx) => useLink(tx, code, "enrol", time));
    await expect(use(heldCode)).rejects.toMatchObject({ refusal: "link-used" });
    expect(await use(codeOn(lost))).toBe(victim.id);
  });

  test("a page that shows an older state does nothing", async () => {
    const session = await signIn(rows.officers.all);
    const { id } = await newOfficer();
    for (const state of ["invited", "withdrawn"]) expect((await post(`/officers/${id}/code`, { state }, session)).statusCode).toBe(409);
    expect((await post(`/officers/${id}/code`, { state: "nonsense" }, session)).statusCode).toBe(422);
    expect(await stateOf(id)).toBe("active");
  });

  test("a withdrawn officer is reinstated with a code, and is active once they have enrolled", async () => {
    const session = await signIn(rows.officers.all);
    const victim = await newOfficer();
    await post(`/officers/${victim.id}/withdraw`, {}, session);
    expect(await stateOf(victim.id)).toBe("withdrawn");
    expect((await get("/officers", session)).body).toMatch(new RegExp(`href="/officers/${victim.id}/code">Réintégrer<`));
    const back = await post(`/officers/${victim.id}/code`, { state: "withdrawn", handover: "show" }, session);
    expect([back.statusCode, await stateOf(victim.id)]).toEqual([200, "invited"]);
    await expect(signInLink(bench.store, URL, victim, time)).rejects.toMatchObject({ refusal: "key-unknown" });
    expect(await bench.store.transaction((tx) => useLink(tx, codeOn(back), "enrol", time))).toBe(victim.id);
  });

  test("the other language shows the same code, without an address that has it", async () => {
    const session = await signIn(rows.officers.all);
    const form = { office: rows.paris, roles: "issuer", handover: "show" };
    const invited = await post(`/officers/invite?person=${rows.people[made++]}`, form, session);
    const code = codeOn(invited);
    expect(code).not.toBe("");
    const { action, fields } = otherLanguage(invited);
    expect([action, fields["code"], fields["lang"]]).toEqual([
      expect.stringMatching(/^\/officers\/[0-9a-f-]{36}\/code\/shown$/),
      code,
      "en",
    ]);
    const english = await post(action, fields, session);
    expect([english.statusCode, told(english), codeOn(english)]).toEqual([200, "Officer invited", code]);
    expect(english.body).toContain('<html lang="en">');
    expect(english.cookies).toContainEqual(expect.objectContaining({ name: "sceau-language", value: "en" }));
    const cookie = { ...session, cookie: `${session.cookie}; sceau-language=en` };
    const french = otherLanguage(english);
    expect(codeOn(await post(french.action, french.fields, cookie))).toBe(code);
    for (const page of [invited, english]) expect([...page.body.matchAll(/(?:href|action)="([^"]*)"/g)].join()).not.toContain(code);
    expect(log.join("")).not.toContain(code);
    const other = await newOfficer();
    expect((await post(`/officers/${other.id}/code/shown`, fields, session)).statusCode).toBe(404);
    expect((await post(action, { ...fields, code: "x".repeat(43) }, session)).statusCode).toBe(404);
    expect((await post(action, { ...fields, csrf: "" }, session)).statusCode).toBe(403);
    await bench.store.transaction((tx) => useLink(tx, code, "enrol", time));
    expect((await post(action, fields, session)).statusCode).toBe(410);
  });

  test("a code that goes by mail is on no page and in no log; one that was shown is told to its officer, on record, and its key is nobody's alone", async () => {
    await mailed();
    const session = await signIn(rows.officers.all);
    const administrator = (await officer(bench.store.db, rows.officers.all.id)).name;
    const page = await get("/officers/invite", session);
    expect(page.body).toMatch(/name="handover" value="mail" checked/);
    const personId = rows.people[made++];
    const invited = await post(`/officers/invite?person=${personId}`, { office: rows.paris, roles: "issuer" }, session);
    expect([invited.statusCode, invited.headers.location]).toEqual([303, "/officers?done=invited"]);
    const list = await get("/officers?done=invited", session);
    expect(list.body).toContain("part par courriel");
    const [mail, ...more] = await mailed();
    const code = mail === undefined ? "" : codeIn(mail);
    expect([code.length, more]).toEqual([43, []]);
    expect(mail?.text).toContain(administrator);
    for (const text of [invited.body, list.body, log.join("")]) expect(text).not.toContain(code);
    const id = await bench.store.transaction((tx) => useLink(tx, code, "enrol", time));
    const sights = async () => {
      const { seenBy, until } = officerCodeSights;
      return bench.store.db.select({ seenBy, until }).from(officerCodeSights).where(eq(officerCodeSights.officerId, id));
    };
    const mayHaveIt = { seenBy: rows.officers.all.id, until: null };
    const enrol = (seenBy: string | null, publicKey = newKey().publicKey) => {
      const spki = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
      return bench.store.transaction((tx) => enrolOfficer(tx, id, spki, { actor: "system", now: time }, seenBy));
    };
    await enrol(null);
    const shown = await post(`/officers/${id}/code`, { state: "active", token: "held", handover: "show" }, session);
    const [told] = await mailed();
    expect(told).toMatchObject({ to: mail?.to, text: expect.stringContaining(administrator) });
    expect(JSON.stringify(told)).not.toContain(codeOn(shown));
    const [link] = await bench.store.db
      .select()
      .from(oneTimeLinks)
      .where(eq(oneTimeLinks.digest, secretDigest(codeOn(shown))));
    expect(link?.seenBy).toBe(rows.officers.all.id);
    const events = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `officer:${id}`))
      .orderBy(auditEvents.number);
    expect(events.map(({ action, details }) => [action, details["codeSeenBy"]])).toEqual([
      ["officer.invite", undefined],
      ["officer.enrol", undefined],
      ["officer.renew", rows.officers.all.id],
    ]);
    const { publicKey } = newKey();
    await enrol(rows.officers.all.id, publicKey);
    expect(await sights()).toEqual([mayHaveIt]);
    await enrol(null, publicKey); // the same key: who may have it is as before
    expect(await sights()).toEqual([mayHaveIt]);
    await enrol(id); // shown to whoever has that key: that does not make another one the officer's own
    expect(await sights()).toEqual([mayHaveIt]);
    await enrol(null); // had it until now: what the officer did before may have been their doing
    expect(await sights()).toEqual([{ ...mayHaveIt, until: time }]);
    await enrol(id);
    expect(await sights()).toEqual([{ ...mayHaveIt, until: time }]);
    await enrol(rows.officers.all.id);
    expect(await sights()).toEqual([mayHaveIt]);
    expect((await post(`/officers/${id}/code`, { state: "active", token: "held", handover: "both" }, session)).statusCode).toBe(422);
  });

  test("codes are for administrators of the officer's office, and nobody withdraws themselves", async () => {
    const { id } = await newOfficer();
    const helpdesk = await signIn(rows.officers.helpdesk);
    const lyon = await signIn(rows.officers.lyon);
    const form = { state: "active", token: "lost" };
    for (const [session, status] of [
      [helpdesk, 403],
      [lyon, 404],
    ] as const) {
      expect((await get(`/officers/${id}/code`, session)).statusCode).toBe(status);
      expect((await post(`/officers/${id}/code`, form, session)).statusCode).toBe(status);
    }
    const session = await signIn(rows.officers.all);
    expect((await post(`/officers/${id}/code`, { ...form, csrf: "" }, session)).statusCode).toBe(403);
    expect(await stateOf(id)).toBe("active");
    const own = rows.officers.all.id;
    expect((await get("/officers", session)).body).not.toContain(`/officers/${own}/withdraw`);
    const refused = await post(`/officers/${own}/withdraw`, {}, session);
    expect([refused.statusCode, told(refused), await stateOf(own)]).toEqual([409, "C&#39;est vous", "active"]);
  });
});
