// Accounts over HTTP, on both databases: signing in by a code (S18), what an account's pages let happen and what not, unlocking by an officer, the help
// page (S16) and the settings behind it.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MAILBOX_TRIES } from "../../office/accounts/mailbox-lock.ts";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { redeemLink } from "../../office/registration/sign-in.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { consentText, readSettings } from "../../office/settings/settings.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { mailboxes, mailCodes } from "../../office/store/application-schema.ts";
import { auditEvents, officerRoles } from "../../office/store/schema.ts";
import { accountCookie } from "../support/account-cookie.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa, signInLink, type TestOfficer } from "../support/office-rows.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { testSealing } from "../support/test-sealing.ts";

const URL_ = "http://127.0.0.1:8080";
const MINUTE = 60_000;
const SAME = { origin: URL_, "sec-fetch-site": "same-origin" };
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

type Jar = Map<string, string>;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let rows: OfficeRows;
  let app: FastifyInstance;
  let time = ROWS_START;
  let people = 0;
  const mails: Mail[] = [];
  const log: string[] = [];

  beforeAll(async () => {
    bench = await openTestStore(kind);
    rows = await fillOffice(bench.store);
    app = await createOfficeServer({
      store: bench.store,
      clock: { now: () => time },
      sealing: testSealing,
      publicUrl: URL_,
      revoking: revokingWithoutCa(bench.store, () => time),
      auditKey: newKey().publicKey,
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

  const jar = (language = "fr"): Jar => new Map([["sceau-language", language]]);
  const header = (cookies: Jar): string => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  function keep(cookies: Jar, answer: LightMyRequestResponse): LightMyRequestResponse {
    for (const { name, value, expires } of answer.cookies) {
      if (value === "" || (expires !== undefined && expires.getTime() === 0)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  }
  const get = async (url: string, cookies: Jar) =>
    keep(cookies, await app.inject({ method: "GET", url, headers: { cookie: header(cookies) } }));
  async function post(url: string, fields: Record<string, string>, cookies: Jar, headers: Record<string, string> = SAME) {
    const [account, officer] = ["sceau-account", "sceau-session"].map((name) => cookies.get(name));
    const tokens = { ...(account && { "account-csrf": csrfToken(account) }), ...(officer && { csrf: csrfToken(officer) }) };
    const own = { "content-type": "application/x-www-form-urlencoded", cookie: header(cookies) };
    const payload = new URLSearchParams({ ...tokens, ...fields }).toString();
    return keep(cookies, await app.inject({ method: "POST", url, headers: { ...own, ...headers }, payload }));
  }
  const told = ({ body }: LightMyRequestResponse): string => /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? "";
  const somebody = (): string => `paul.${++people}@example.org`;

  async function mailed(email: string): Promise<string> {
    const send = async (mail: Mail): Promise<void> => void mails.push(mail);
    await runDueJobs(bench.store, new Map([[MAIL_JOB, mailJob(testSealing, { send })]]), () => time);
    return mails.findLast(({ to }) => to === email)?.text ?? "";
  }
  const codeFor = async (email: string): Promise<string> => /^ {4}(\d{4} \d{4})$/m.exec(await mailed(email))?.[1] ?? "none";
  const wrong = (code: string): string => (code.startsWith("0") ? "11111111" : "00000000");

  async function officer(who: TestOfficer, cookies = jar()): Promise<Jar> {
    const { secret } = await redeemLink(bench.store, await signInLink(bench.store, URL_, who, time), time);
    return cookies.set("sceau-session", secret);
  }

  test("S18 somebody who wants an account's page gives the mailbox, then the code that was mailed, and is on that page", async () => {
    const [email, own] = [somebody(), jar()];
    const wanted = await get("/account?x=1", own);
    expect([wanted.statusCode, told(wanted)]).toEqual([401, "Accès à votre espace"]);
    expect(wanted.body).toContain(`name="next" value="/account?x=1"`);
    expect(told(await get("/account/code", own))).toBe("");
    const asked = await post("/account/sign-in", { email: ` ${email.toUpperCase()} `, next: "/account?x=1" }, own);
    expect([asked.statusCode, asked.headers.location]).toEqual([303, "/account/code?next=%2Faccount%3Fx%3D1"]);
    const page = await get(String(asked.headers.location), own);
    expect(page.body).toContain(`<b>${email}</b>`);
    expect(page.body).toMatch(/id="code"[^>]*autocomplete="one-time-code"[^>]*inputmode="numeric"/);
    const nothing = await post("/account/code", { code: "12", next: "/account?x=1" }, own);
    expect([nothing.statusCode, nothing.body.includes("Le code a huit chiffres.")]).toEqual([422, true]);
    const code = await codeFor(email);
    const missed = await post("/account/code", { code: wrong(code), next: "/account" }, own);
    expect([missed.statusCode, missed.body.includes("Il reste 4 essais")]).toEqual([422, true]);
    const entered = await post("/account/code", { code, next: "/account?x=1" }, own);
    expect([entered.statusCode, entered.headers.location]).toEqual([303, "/account?x=1"]);
    expect(entered.cookies.find(({ name }) => name === "sceau-account")).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    expect(own.has("sceau-code")).toBe(false);
    const inside = await get("/account", own);
    expect([inside.statusCode, told(inside)]).toEqual([200, "Mon espace"]);
    expect(inside.body).toContain(email);
    expect((await get("/", own)).headers.location).toBe("/account");
    const out = await post("/account/sign-out", {}, own);
    expect([out.statusCode, own.has("sceau-account")]).toEqual([303, false]);
    expect((await get("/account", own)).statusCode).toBe(401);
  });

  test("the same page for a mailbox with an account and one without, and the code opens nothing in another browser", async () => {
    const [known, unknown] = [somebody(), somebody()];
    await accountCookie(bench.store, known, time);
    const pages: string[] = [];
    for (const email of [known, unknown]) {
      const own = jar();
      const asked = await post("/account/sign-in", { email }, own);
      const page = await get(String(asked.headers.location), own);
      pages.push(`${asked.statusCode} ${asked.headers.location} ${page.body.replaceAll(email, "X")}`);
    }
    expect(pages[0]).toBe(pages[1]);
    const stranger = jar();
    await post("/account/sign-in", { email: known }, stranger);
    const first = await codeFor(known);
    await post("/account/sign-in", { email: known }, stranger);
    expect(await codeFor(known)).not.toBe(first);
    expect((await post("/account/code", { code: first }, stranger)).statusCode).toBe(422);
    const none = await post("/account/code", { code: first }, jar());
    expect([none.statusCode, told(none)]).toEqual([422, "Aucun code demandé ici"]);
  });

  test("another site can neither ask for a code, nor enter one, nor change what an account has; a link from a mail works", async () => {
    const email = somebody();
    const { cookie, csrf } = await accountCookie(bench.store, email, time);
    const own = jar().set("sceau-account", cookie.split("=")[1] ?? "");
    const foreign = { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" };
    for (const [path, fields] of [
      ["/account/sign-in", { email }],
      ["/account/code", { code: "12345678" }],
      ["/account/language", { language: "en" }],
      ["/account/sign-out", {}],
    ] as const) {
      expect((await post(path, fields, own, foreign)).statusCode, path).toBe(403);
    }
    for (const token of ["", csrfToken("another session"), csrf.slice(1)]) {
      expect((await post("/account/language", { language: "en", "account-csrf": token }, own)).statusCode).toBe(403);
    }
    expect((await post("/account/language", { language: "en" }, own)).headers.location).toBe("/account?done=saved");
    expect((await post("/account/language", { language: "xx" }, own)).statusCode).toBe(404);
    for (const next of [
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/ /\n/evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      "",
    ]) {
      const asked = await post("/account/sign-in", { email, next }, jar());
      const target = new URLSearchParams(String(asked.headers.location).split("?")[1]).get("next") ?? "";
      expect(new URL(target, URL_).origin, next).toBe(URL_);
    }
  });

  test("an officer's session and an account's may be open at once, each with its menu and its own sign-out; neither opens the other's pages", async () => {
    const { cookie } = await accountCookie(bench.store, somebody(), time);
    const account = jar().set("sceau-account", cookie.split("=")[1] ?? "");
    expect((await get("/search", account)).statusCode).toBe(401);
    const only = await officer(rows.officers.helpdesk);
    expect((await get("/account", only)).statusCode).toBe(401);
    const both = await officer(rows.officers.helpdesk, new Map(account));
    const { body } = await get("/account", both);
    expect(body.match(/<nav class="menu" aria-label="([^"]+)"/g)).toHaveLength(2);
    expect(body).toContain(`action="/sign-out"`);
    expect(body).toContain(`action="/account/sign-out"`);
    // One's token is of no use for the other.
    const mine = both.get("sceau-account") ?? "";
    expect((await post("/sign-out", { csrf: csrfToken(mine) }, both)).statusCode).toBe(403);
    expect((await post("/account/sign-out", {}, both)).statusCode).toBe(303);
    expect((await get("/search", both)).statusCode).toBe(200);
  });

  test("an account's owner sees the open sessions and ends another one, or all others", async () => {
    const email = somebody();
    const jars: Jar[] = [];
    for (let i = 0; i < 3; i++)
      jars.push(jar().set("sceau-account", (await accountCookie(bench.store, email, time)).cookie.split("=")[1] ?? ""));
    const [here = jar(), second = jar(), third = jar()] = jars;
    const { body } = await get("/account", here);
    const ids = [...body.matchAll(/name="session" value="([0-9a-f]{32})"/g)].map(([, id]) => id ?? "");
    expect(ids).toHaveLength(2);
    await post("/account/sessions/end", { session: ids[0] ?? "" }, here);
    const open = async (): Promise<number[]> => Promise.all([second, third].map(async (each) => (await get("/account", each)).statusCode));
    expect((await open()).sort()).toEqual([200, 401]);
    await post("/account/sessions/end", { session: "others" }, here);
    expect(await open()).toEqual([401, 401]);
    expect((await get("/account", here)).statusCode).toBe(200);
    expect((await post("/account/sessions/end", { session: "x" }, here)).statusCode).toBe(404);
  });

  test("S5 five wrong codes lock the mailbox; the helpdesk sees it, unlocks it with a reason, and the mailbox is told", async () => {
    const [email, own] = [somebody(), jar()];
    await post("/account/sign-in", { email }, own);
    const code = await codeFor(email);
    for (let i = 1; i < MAILBOX_TRIES; i++) expect((await post("/account/code", { code: wrong(code) }, own)).statusCode).toBe(422);
    const last = await post("/account/code", { code: wrong(code) }, own);
    expect([last.statusCode, told(last)]).toEqual([403, "Connexion bloquée"]);
    expect((await post("/account/code", { code }, own)).statusCode).toBe(403);
    expect(await mailed(email)).toContain("Cinq codes faux");
    const auditor = await officer(rows.officers.auditor);
    for (const refused of [await get("/unlock", auditor), await get("/settings", auditor)]) {
      expect([refused.statusCode, told(refused)]).toEqual([403, "Action non permise"]);
    }
    const helpdesk = await officer(rows.officers.helpdesk);
    const list = await get("/unlock", helpdesk);
    expect(list.body).toContain(email);
    const path = new RegExp(`${email}[\\s\\S]*?href="(/unlock/mailbox/[0-9a-f]{32})"`).exec(list.body)?.[1] ?? "";
    expect(told(await get(path, helpdesk))).toBe(`Débloquer ${email}`);
    const without = await post(path, { reason: " " }, helpdesk);
    expect([without.statusCode, without.body.includes("Ce champ est obligatoire.")]).toEqual([422, true]);
    expect((await post(path, { reason: "rappelé au 01 23 45" }, auditor)).statusCode).toBe(403);
    const refused = await post(path, { reason: "rappelé\0au 01 23 45" }, helpdesk);
    expect([refused.statusCode, refused.body.includes('value="rappelé\0au 01 23 45"')]).toEqual([422, true]);
    expect((await get("/dossiers?q=%00", helpdesk)).statusCode).toBe(200);
    expect((await post(path, { reason: "rappelé au 01 23 45" }, helpdesk)).headers.location).toBe("/unlock?done=unlocked");
    expect((await get("/unlock", helpdesk)).body).not.toContain(email);
    expect((await post(path, { reason: "encore" }, helpdesk)).statusCode).toBe(404);
    expect(await mailed(email)).toContain("Un agent a débloqué");
    expect((await post("/account/code", { code }, own)).statusCode).toBe(303);
    const events = await bench.store.db.select().from(auditEvents).where(eq(auditEvents.action, "mailbox.unlocked"));
    expect(events.at(-1)).toMatchObject({ actor: `officer:${rows.officers.helpdesk.id}`, details: { reason: "rappelé au 01 23 45" } });
  });

  test("S16 the help page is everybody's, and says what the office has set, in both languages", async () => {
    const none = await get("/help", jar());
    expect([none.statusCode, none.body.includes("n&#39;a pas encore indiqué comment le joindre")]).toEqual([200, true]);
    const { all } = rows.officers;
    await bench.store.db
      .insert(officerRoles)
      .values({ officerId: all.id, officeId: rows.paris, role: "administrator" })
      .onConflictDoNothing();
    const admin = await officer(all);
    expect((await get("/settings", admin)).statusCode).toBe(200);
    const shown = await get("/settings/help", admin);
    expect(shown.statusCode).toBe(200);
    const form = {
      email: "aide@bureau.example",
      phone: "+33 1 23 45 67 89",
      hoursFr: "Du lundi au vendredi, de 9 h à 17 h",
      faqFr: "Où est mon jeton ?\r\nIl arrive par la poste.\r\nComptez trois jours.\r\n\r\nEt <b>après</b> ?\r\nOn l'active.",
      videosFr: "Premiers pas | https://video.example/1\r\nSigner | https://video.example/2",
      webinarFr: "Chaque mardi | https://video.example/live",
      hoursEn: "Monday to Friday, 9 to 17",
      faqEn: "Where is my token?\r\nIt comes by post.",
      videosEn: "",
      webinarEn: "",
    };
    for (const [field, value, problem] of [
      ["email", "nowhere", "Ce n&#39;est pas une adresse de courriel"],
      ["faqFr", "Une question sans réponse", "Chaque question tient sur une ligne"],
      ["videosEn", "Bad | javascript:alert(1)", "Chaque ligne est un titre"],
      ["webinarFr", "sans adresse", "Chaque ligne est un titre"],
    ] as const) {
      const again = await post("/settings/help", { ...form, [field]: value }, admin);
      expect([again.statusCode, again.body.includes(problem), again.body.includes("It comes by post.")], field).toEqual([422, true, true]);
    }
    expect((await post("/settings/help", form, admin)).headers.location).toBe("/settings?done=saved");
    const french = await get("/help", jar());
    for (const part of [
      "aide@bureau.example",
      "tel:+33123456789",
      "Comptez trois jours.",
      "Et &lt;b&gt;après&lt;/b&gt; ?",
      "https://video.example/2",
      "Chaque mardi",
    ]) {
      expect(french.body).toContain(part);
    }
    const english = await get("/help", jar("en"));
    expect(english.body).toContain("It comes by post.");
    expect(english.body).not.toContain("video.example");
    // What is shown in the form is what is read back from it.
    const before = (await readSettings(bench.store.db)).help;
    const page = (await get("/settings/help", admin)).body;
    const field = (name: string): string =>
      (new RegExp(`name="${name}"[^>]*>([^<]*)</textarea>`).exec(page)?.[1] ?? "")
        .replaceAll("&#39;", "'")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">");
    await post("/settings/help", { ...form, faqFr: field("faqFr"), videosFr: field("videosFr") }, admin);
    expect((await readSettings(bench.store.db)).help).toEqual(before);
  });

  test("S20 a document that is changed becomes another version, the old one is kept, and everybody reads the one that holds", async () => {
    const admin = await officer(rows.officers.all);
    const before = await readSettings(bench.store.db);
    const texts = { fr: "Nouvelles conditions.\r\nDeuxième ligne.", en: "New terms.\r\nSecond line." };
    expect((await post("/settings/terms", { ...texts, en: "" }, admin)).statusCode).toBe(422);
    expect((await post("/settings/terms", texts, admin)).statusCode).toBe(303);
    expect((await post("/settings/terms", texts, admin)).statusCode).toBe(303);
    const now = await readSettings(bench.store.db);
    expect([before.consents.terms.version, now.consents.terms.version, now.consents.privacy.version]).toEqual(["1", "2", "1"]);
    expect(consentText(now, "terms", "fr")).toMatchObject({ version: "2", text: "Nouvelles conditions.\nDeuxième ligne." });
    expect(consentText(now, "terms", "fr").digest).not.toEqual(consentText(now, "terms", "en").digest);
    expect((await get("/settings", admin)).body).toContain("2 versions");
    const page = await get("/help/terms", jar("en"));
    expect([page.body.includes("New terms.<br>Second line."), page.body.includes("Version 2")]).toEqual([true, true]);
    expect((await get("/help/other", jar())).statusCode).toBe(404);
    const long = { fr: "é".repeat(39_000), en: "x".repeat(39_000) };
    expect((await post("/settings/privacy", long, admin)).statusCode).toBe(303);
    expect((await post("/settings/privacy", { ...long, fr: "é".repeat(41_000) }, admin)).statusCode).toBe(422);
    for (const [evidenceDays, status] of [
      ["0", 422],
      ["3651", 422],
      ["1.5", 422],
      ["30", 303],
    ] as const) {
      expect((await post("/settings/periods", { evidenceDays, dossierDays: "45" }, admin)).statusCode, evidenceDays).toBe(status);
    }
    expect(await readSettings(bench.store.db)).toMatchObject({ evidenceDays: 30, dossierDays: 45, offersQcp: false });
    const events = await bench.store.db.select().from(auditEvents).where(eq(auditEvents.action, "settings.changed"));
    expect(events.filter(({ subject }) => subject === "settings:terms")).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ subject: "settings:periods", details: { evidenceDays: 30, dossierDays: 45, offersQcp: false } });
  });

  test("the log has neither mailboxes nor codes nor cookies", async () => {
    const [email, own] = [somebody(), jar()];
    await post("/account/sign-in", { email }, own);
    const code = await codeFor(email);
    const cookie = own.get("sceau-code") ?? "none";
    await post("/account/code", { code }, own);
    const lines = log.join("\n");
    for (const secret of [email, code, code.replace(" ", ""), cookie, own.get("sceau-account") ?? "none"])
      expect(lines).not.toContain(secret);
    expect(lines).toContain("/account/code");
    expect(await bench.store.db.select().from(mailCodes).where(eq(mailCodes.email, email))).toHaveLength(1);
    expect(await bench.store.db.select().from(mailboxes).where(eq(mailboxes.email, email))).toHaveLength(1);
  });
});
