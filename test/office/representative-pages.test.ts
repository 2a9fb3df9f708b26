// The legal representative's pages over HTTP (S6, S40, S42, S43), on both databases: how the key is handed over and shown, who gets in, what they see and
// revoke; what officers see and do; what the log does not tell. Without a browser.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { REVOCATION_REASONS } from "../../office/issuance/revocation-reasons.ts";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { appointRepresentative } from "../../office/representatives/handing-over.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { legalRepresentatives } from "../../office/store/application-schema.ts";
import { certificates, organisations, revocations } from "../../office/store/schema.ts";
import { accountCookie } from "../support/account-cookie.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa, type TestOfficer } from "../support/office-rows.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { officerCookie } from "../support/officer-cookie.ts";
import { testSealing } from "../support/test-sealing.ts";

const ORIGIN = "http://127.0.0.1:8080";
const MINUTE_MS = 60_000;
const EMAIL = "paul@cabinet.example";
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

type Jar = Map<string, string>;
type Fields = Readonly<Record<string, string>>;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let rows: OfficeRows;
  let app: FastifyInstance;
  let identifier = "";
  let key = "";
  let time = ROWS_START;
  const mails: Mail[] = [];
  const log: string[] = [];
  const secrets = new Set<string>();

  beforeAll(async () => {
    bench = await openTestStore(kind);
    rows = await fillOffice(bench.store);
    const { store } = bench;
    const clock = { now: () => time };
    const common = { store, clock, sealing: testSealing, publicUrl: ORIGIN };
    const order = { organisationId: rows.organisations.paris, name: "Paul O'Brien", email: EMAIL, language: "fr" as const };
    await appointRepresentative(common, order, { actor: `officer:${rows.officers.all.id}`, now: time });
    app = await createOfficeServer({
      ...common,
      revoking: revokingWithoutCa(store, clock.now),
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
    time = new Date(time.getTime() + 20 * MINUTE_MS); // new limits
  });

  const SAME = { origin: ORIGIN };
  const jar = (): Jar => new Map([["sceau-language", "fr"]]);
  const header = (cookies: Jar): string => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  function keep(cookies: Jar, answer: LightMyRequestResponse): LightMyRequestResponse {
    for (const { name, value } of answer.cookies) {
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
      if (name === "sceau-representative" && value !== "") secrets.add(value);
    }
    return answer;
  }
  const get = async (url: string, cookies: Jar) =>
    keep(cookies, await app.inject({ method: "GET", url, headers: { cookie: header(cookies) } }));
  async function post(url: string, fields: Fields, cookies: Jar, headers: Record<string, string> = SAME) {
    const own = cookies.get("sceau-representative");
    const officer = cookies.get("sceau-session");
    const account = cookies.get("sceau-account");
    const tokens = {
      ...(own && { "representative-csrf": csrfToken(own) }),
      ...(officer && { csrf: csrfToken(officer) }),
      ...(account && { "account-csrf": csrfToken(account) }),
    };
    const type = { "content-type": "application/x-www-form-urlencoded", cookie: header(cookies) };
    const payload = new URLSearchParams({ ...tokens, ...fields }).toString();
    return keep(cookies, await app.inject({ method: "POST", url, headers: { ...type, ...headers }, payload }));
  }
  const told = ({ body }: LightMyRequestResponse): string => /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? "";
  const problems = ({ body }: LightMyRequestResponse): string[] =>
    [...body.matchAll(/class="problem"[^>]*>([^<]+)</g)].map(([, text = ""]) => text);
  const digitsOf = ({ body }: LightMyRequestResponse): string =>
    /<code class="number[^"]*">((?:<wbr>|<\/?span>|\d)+)<\/code>/.exec(body)?.[1]?.replace(/<[^>]+>/g, "") ?? "";

  async function officer({ id }: TestOfficer): Promise<Jar> {
    const { cookie } = await officerCookie(bench.store, id, time);
    return jar().set("sceau-session", cookie.replace("sceau-session=", ""));
  }
  async function mailed(email: string): Promise<string> {
    const send = async (mail: Mail): Promise<void> => void mails.push(mail);
    await runDueJobs(bench.store, new Map([[MAIL_JOB, mailJob(testSealing, { send })]]), () => time);
    return mails.findLast(({ to }) => to === email)?.text ?? "";
  }
  const codeFor = async (email: string): Promise<string> => /^ {4}(\d{4} \d{4})$/m.exec(await mailed(email))?.[1] ?? "none";
  const sheet = () => `/organisations/${rows.organisations.paris}/legal-representative`;

  /** From the identifier to the open session. */
  async function comeIn(start: string, fields: Fields): Promise<Jar> {
    const own = jar();
    expect((await post(start, fields, own)).headers["location"]).toBe("/representative/mailbox");
    expect((await post("/representative/mailbox", { email: EMAIL }, own)).headers["location"]).toBe("/representative/code");
    const code = await codeFor(EMAIL);
    secrets.add(code).add(code.replace(" ", ""));
    const { headers } = await post("/representative/code", { code }, own);
    expect(headers["location"]).toBe(start === "/representative/key" ? "/representative/key/show" : "/representative");
    return own;
  }
  const signedIn = () => comeIn("/representative/sign-in", { identifier, key });

  test("S43: an officer gives the code, the representative collects the key, and sees it once, in both languages", async () => {
    const [namer, other, helpdesk, elsewhere] = [
      await officer(rows.officers.all),
      await officer(rows.officers.second),
      await officer(rows.officers.helpdesk),
      await officer(rows.officers.lyon),
    ];
    identifier = /ORG-[0-9A-Z]{8}/.exec(await mailed(EMAIL))?.[0] ?? "";
    const page = await get(`/organisations/${rows.organisations.paris}`, helpdesk);
    expect(page.body).toContain(identifier);
    expect(page.body).not.toContain(`href="${sheet()}"`);
    for (const address of [sheet(), `${sheet()}/give`]) {
      expect((await get(address, helpdesk)).statusCode).toBe(403);
      expect((await get(address, elsewhere)).statusCode).toBe(404);
    }
    expect((await post(`${sheet()}/give`, { reason: "rappelé" }, helpdesk)).statusCode).toBe(403);
    expect((await get(sheet(), other)).body).toContain(`href="${sheet()}/give"`);
    expect(problems(await post(`${sheet()}/give`, {}, other))).toHaveLength(1);
    expect(told(await post(`${sheet()}/give`, { reason: "rappelé" }, namer))).toBe("Un autre agent, s'il vous plaît".replace("'", "&#39;"));
    const shown = await post(`${sheet()}/give`, { reason: "rappelé" }, other);
    const code = digitsOf(shown);
    secrets.add(code);
    expect(code).toMatch(/^\d{8}$/);
    const again = await post(`${sheet()}/give/shown`, { code, lang: "en" }, other);
    expect([told(again), digitsOf(again)]).toEqual(["Hand-over code", code]);

    expect(problems(await post("/representative/key", { identifier: "", code: "1" }, jar()))).toHaveLength(2);
    const own = await comeIn("/representative/key", { identifier, code });
    expect((await get("/representative", own)).headers["location"]).toBe("/representative/key/show");
    expect(digitsOf(await get("/representative/key/show", own))).toBe("");
    const answer = await post("/representative/key/show", {}, own);
    key = digitsOf(answer);
    secrets.add(key);
    expect(key).toMatch(/^\d{20}$/);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(own.has("sceau-representative")).toBe(false);
    const english = await post("/representative/key/shown", { identifier, key, lang: "en" }, own);
    expect([told(english), digitsOf(english)]).toEqual(["Your access key", key]);
    expect((await post("/representative/key/show", {}, own)).headers["location"]).toBe("/representative/sign-in");
    expect((await get(sheet(), other)).body).not.toContain(key);
    expect((await get(`${sheet()}/give`, other)).statusCode).toBe(409);
  });

  test("S43: what is wrong is said the same for an identifier that nobody has, and the key is not sent back", async () => {
    const bad = key.replace(/^./, (first) => String((Number(first) + 1) % 10));
    const [known, unknown] = [
      await post("/representative/sign-in", { identifier, key: bad }, jar()),
      await post("/representative/sign-in", { identifier: "ORG-00000000", key: bad }, jar()),
    ];
    expect([known.statusCode, unknown.statusCode, known.cookies, unknown.cookies]).toEqual([422, 422, [], []]);
    expect(unknown.body.replaceAll("ORG-00000000", identifier)).toBe(known.body);
    expect(known.body).not.toContain(bad);
    expect(problems(await post("/representative/sign-in", { identifier, key: "123" }, jar()))).toEqual([
      "La clé d&#39;accès a 20 chiffres.",
    ]);
    expect((await post("/representative/sign-in", { identifier, key }, jar(), { origin: "https://elsewhere.example" })).statusCode).toBe(
      403,
    );
  });

  test("S43: each step is only for whoever came so far; a cookie of an officer or an account opens nothing; the session ends by itself", async () => {
    const own = jar();
    for (const address of ["/representative", "/representative/mailbox", "/representative/code", "/representative/key/show"])
      expect((await get(address, own)).headers["location"], address).toBe("/representative/sign-in");
    const begun = await post("/representative/sign-in", { identifier, key }, own);
    expect(begun.cookies).toMatchObject([{ httpOnly: true, sameSite: "Strict", path: "/" }]);
    for (const address of ["/representative", "/representative/code", `/representative/certificates/${rows.certificates.active}/revoke`])
      expect((await get(address, own)).headers["location"], address).toBe("/representative/mailbox");
    const page = await get("/representative/mailbox", own);
    expect(page.body).toContain("p•••@•••.example");
    expect(page.body).not.toContain(EMAIL);
    expect(problems(await post("/representative/mailbox", { email: "paul" }, own))).toHaveLength(1);
    await post("/representative/mailbox", { email: "someone@else.example" }, own);
    expect(await mailed("someone@else.example")).toBe("");
    const wrong = await post("/representative/code", { code: "0000 0000" }, own);
    expect([wrong.statusCode, /il reste \d essais?/i.exec(wrong.body)?.[0]]).toEqual([422, "Il reste 3 essais"]);
    await post("/representative/mailbox", { email: EMAIL }, own);
    const late = await codeFor(EMAIL);
    time = new Date(time.getTime() + 11 * MINUTE_MS);
    expect((await post("/representative/code", { code: late }, own)).body).toContain("périmé");
    const open = await signedIn();
    expect((await get("/representative", open)).statusCode).toBe(200);
    const secret = open.get("sceau-representative") ?? "";
    for (const name of ["sceau-session", "sceau-account"]) {
      expect((await get("/representative", jar().set(name, secret))).headers["location"]).toBe("/representative/sign-in");
    }
    expect((await get("/search", jar().set("sceau-session", secret))).statusCode).toBe(401);
    expect((await get("/account", jar().set("sceau-account", secret))).statusCode).toBe(401);
    time = new Date(time.getTime() + 20 * MINUTE_MS);
    expect((await get("/representative", open)).headers["location"]).toBe("/representative/sign-in?over=yes");
  });

  const stateOf = async (id: string) => (await bench.store.db.select().from(certificates).where(eq(certificates.id, id)))[0]?.state;
  const form = async (id: string, reason = "holder-left"): Promise<Fields> => {
    const [row] = await bench.store.db.select().from(certificates).where(eq(certificates.id, id));
    return { reason, confirmation: row?.serialNumber.slice(-8) ?? "" };
  };

  test("S6, S40, S42: the list, the eleven reasons, a confirmation; revoked once, and both are told", async () => {
    const own = await signedIn();
    const list = await get("/representative", own);
    for (const column of ["N° de série du certificat", "État", "Nom commun et courriel", "Validité", "Action"])
      expect(list.body).toContain(`>${column}</th>`);
    const offered = (body: string) => [...body.matchAll(/certificates\/([0-9a-f-]{36})\/revoke/g)].map(([, id = ""]) => id).sort();
    expect(offered(list.body)).toEqual([rows.certificates.active, rows.certificates.issued, ...rows.active].sort());
    expect(offered((await get("/representative?name=martin&state=valid", own)).body)).toEqual(
      [rows.certificates.active, rows.certificates.issued].sort(),
    );
    expect(offered((await get("/representative?state=revoked", own)).body)).toEqual([]);
    expect((await get("/representative?email=%25", own)).body).toContain("Aucun certificat ne correspond");
    expect(offered((await get("/representative?name=%00", own)).body)).toHaveLength(2 + rows.active.length); // no search at all

    const id = rows.certificates.active;
    const address = `/representative/certificates/${id}/revoke`;
    const page = await get(address, own);
    const reasons = [...page.body.matchAll(/name="reason" value="([a-z-]+)"/g)].map(([, reason]) => reason);
    expect(reasons).toEqual(Object.keys(REVOCATION_REASONS));
    for (const { fr } of Object.values(REVOCATION_REASONS)) expect(page.body.replaceAll("&#39;", "'")).toContain(fr);
    expect(page.body).toContain("définitive et irréversible");
    for (const { certificate } of [rows.otherOffice]) {
      const theirs = `/representative/certificates/${certificate}/revoke`;
      expect([(await get(theirs, own)).statusCode, (await post(theirs, await form(certificate), own)).statusCode]).toEqual([404, 404]);
      expect(await stateOf(certificate)).toBe("active");
    }
    expect((await get(`/representative/certificates/${rows.certificates.expired}/revoke`, own)).statusCode).toBe(409);
    expect(problems(await post(address, { confirmation: "0" }, own))).toHaveLength(2);
    for (const [fields, headers] of [
      [{ ...(await form(id)), "representative-csrf": "" }, SAME],
      [await form(id), { origin: "https://elsewhere.example" }],
      [await form(id), {}],
    ] as const) {
      expect((await post(address, fields, own, headers)).statusCode).toBe(403);
    }
    expect(await stateOf(id)).toBe("active");
    expect((await post(address, await form(id), own)).headers["location"]).toBe("/representative?done=revoked");
    expect((await post(address, await form(id, "key-compromise"), own)).headers["location"]).toBe("/representative?done=before");
    const [revocation] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id));
    expect(revocation).toMatchObject({ reason: "holder-left", channel: "legal", officerId: null });
    const before = mails.length;
    await mailed(EMAIL);
    const confirming = mails.slice(before);
    expect(confirming.map(({ to }) => to).sort()).toEqual([EMAIL, "personne1007@exemple.fr"].sort());
    for (const { text } of confirming) expect(text).toContain("Départ ou mutation du titulaire");
    const seen = await get(`/certificates/${id}`, await officer(rows.officers.issuer));
    expect(seen.body).toContain("Le représentant légal");
    await post("/representative/sign-out", {}, own);
    expect((await get("/representative", own)).headers["location"]).toBe("/representative/sign-in");
  });

  test("S43: wrong keys to the limit: locked, also for the right one, until an officer unlocks on the page", async () => {
    const bad = key.replace(/^./, (first) => String((Number(first) + 1) % 10));
    for (let n = 0; n < 5; n++) await post("/representative/sign-in", { identifier, key: bad }, jar());
    expect((await post("/representative/sign-in", { identifier, key }, jar())).statusCode).toBe(422);
    const helpdesk = await officer(rows.officers.helpdesk);
    const address = `/unlock/representative/${rows.organisations.paris}`;
    expect((await get("/unlock", helpdesk)).body).toContain(`href="${address}"`);
    expect((await get(`/organisations/${rows.organisations.paris}`, helpdesk)).body).toContain("Bloqué par cinq essais faux");
    expect((await post(address, { reason: "rappelé au standard" }, helpdesk)).headers["location"]).toBe("/unlock?done=unlocked");
    expect(await mailed(EMAIL)).toContain("débloqué votre accès de représentant légal");
    await signedIn();
  });

  test("S6: the key is replaced, and the representative; the one who is asked for with a corporate account is shown to the officer who opens it", async () => {
    const [namer, other] = [await officer(rows.officers.all), await officer(rows.officers.second)];
    const own = await signedIn();
    expect((await post(`${sheet()}/renew`, { reason: "clé\0perdue" }, other)).statusCode).toBe(422);
    expect((await post(`${sheet()}/renew`, { reason: "clé perdue" }, other)).headers["location"]).toBe(`${sheet()}?done=renewed`);
    expect((await get("/representative", own)).headers["location"]).toBe("/representative/sign-in?over=yes");
    expect((await post("/representative/sign-in", { identifier, key }, jar())).statusCode).toBe(422);
    expect(problems(await post(`${sheet()}/appoint`, {}, namer))).toHaveLength(3);
    const order = { name: "Jeanne Martel", email: "Jeanne@cabinet.example", language: "en" };
    expect((await post(`${sheet()}/appoint`, order, namer)).headers["location"]).toBe(`${sheet()}?done=appointed`);
    expect(await mailed("jeanne@cabinet.example")).toContain("Dear Jeanne Martel");

    const { cookie } = await accountCookie(bench.store, "nadia@nouveau.example", time);
    const manager = jar().set("sceau-account", cookie.replace("sceau-account=", ""));
    const request = {
      name: "Cabinet Nouveau",
      country: "FR",
      office: rows.paris,
      managerName: "Nadia Benali",
      phone: "+33 1 23 45 67 89",
      users: "5",
    };
    const half = await post("/my/organisations/request", { ...request, representativeName: "Ève Lenoir" }, manager);
    expect(problems(half)).toEqual(["Ce champ est obligatoire."]);
    const full = { ...request, representativeName: "Ève Lenoir", representativeEmail: "Eve@nouveau.example" };
    for (const fields of [full, request]) expect((await post("/my/organisations/request", fields, manager)).statusCode).toBe(303);
    const made = await bench.store.db.select().from(organisations).where(eq(organisations.name, "Cabinet Nouveau"));
    const named = await Promise.all(
      made.map(
        async ({ id }) => (await bench.store.db.select().from(legalRepresentatives).where(eq(legalRepresentatives.organisationId, id)))[0],
      ),
    );
    expect(named.map((row) => `${row?.name} ${row?.email} ${row?.state}`).sort()).toEqual([
      "Nadia Benali nadia@nouveau.example named",
      "Ève Lenoir eve@nouveau.example named",
    ]);
    const asked = made[named.findIndex((row) => row?.name === "Ève Lenoir")];
    expect((await get(`/organisations/${asked?.id}/open`, other)).body).toContain("eve@nouveau.example");
  });

  test("the log has none of the keys, codes and cookies", () => {
    expect([...secrets].filter((secret) => log.some((line) => line.includes(secret)))).toEqual([]);
    expect(secrets.size).toBeGreaterThan(6);
  });
});
