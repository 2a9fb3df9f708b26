// What the pages let happen, and what not: who may see and do what, where a change may come from, what is said when something is wrong, and
// what the log does not tell. Without a browser; on both databases.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { and, eq, like } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addActivationRoutes } from "../../office/activation/activation-routes.ts";
import { enrolOfficer, useLink } from "../../office/registration/officers.ts";
import { signInMessage } from "../../office/registration/sign-in.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { auditEvents, certificates, officers, people, revocations } from "../../office/store/schema.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa, signInLink, type TestOfficer } from "../support/office-rows.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { send } from "../support/raw-http.ts";
import { registeredRoutes } from "../support/registered-routes.ts";
import { mustRun } from "../support/run.ts";
import { testSealing } from "../support/test-sealing.ts";

const URL = "http://127.0.0.1:8080";
const outcomeOf = (status: number): string => ({ 401: "nobody", 403: "refused" })[status] ?? "let in";

/** An officer is nobody on an account's pages. Evidence is looked for first: there is none by that number. */
function ofHelpdesk(url: string, permission: string): string {
  if (permission === "an account" || permission === "its manager") return "nobody";
  const isLetIn = ["search", "applications", "unlock", "a session"].includes(permission) || url.startsWith("/identity/evidence/");
  return isLetIn ? "let in" : "refused";
}

/** «/a/{b,c}»: each of them. */
const eachOf = (urls: string): string[] => {
  const [head = "", choices] = urls.split(/[{}]/);
  return choices === undefined ? [urls] : choices.split(",").map((choice) => head + choice);
};
const MINUTE = 60_000;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let rows: OfficeRows;
  let app: FastifyInstance;
  let revoking: ReturnType<typeof revokingWithoutCa>;
  let isBroken = false;
  let time = ROWS_START;
  const log: string[] = [];
  const secrets = new Set<string>();

  beforeAll(async () => {
    bench = await openTestStore(kind);
    rows = await fillOffice(bench.store);
    revoking = revokingWithoutCa(bench.store, () => time);
    app = await createOfficeServer({
      store: bench.store,
      clock: { now: () => time },
      publicUrl: URL,
      revoking: {
        revoke: async (id, order) => {
          if (isBroken) await bench.store.db.execute("select 'the-password-in-a-query' from no_such_table");
          return revoking.revoke(id, order);
        },
        revokeIn: (...order) => revoking.revokeIn(...order),
        revokeToken: (...order) => revoking.revokeToken(...order),
        revokeKey: (...order) => revoking.revokeKey(...order),
        trust: revoking.trust,
      },
      auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      sealing: testSealing,
      ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      logTo: { write: (line) => log.push(line) },
    });
    // Here only for where they are: nothing is issued.
    const authority = null as never;
    const clock = { now: () => time };
    addActivationRoutes(app, { store: bench.store, clock, sealing: testSealing, publicUrl: URL, trust: revoking.trust, authority });
    await app.ready();
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
  }

  const SAME = { origin: URL, "sec-fetch-site": "same-origin" };

  const get = (url: string, session?: Session, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
    app.inject({ method: "GET", url, headers: { ...(session && { cookie: session.cookie }), ...headers } });

  function post(url: string, form: Record<string, string | string[]>, session?: Session, headers: Record<string, string> = SAME) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...(session && { csrf: session.csrf }), ...form })) {
      for (const each of [value].flat()) fields.append(name, each);
    }
    const own = { "content-type": "application/x-www-form-urlencoded", ...(session && { cookie: session.cookie }) };
    return app.inject({ method: "POST", url, headers: { ...own, ...headers }, payload: fields.toString() });
  }

  async function signIn(who: TestOfficer): Promise<Session> {
    const link = await signInLink(bench.store, URL, who, time);
    const { statusCode, cookies } = await post(`/sign-in/${link}`, {});
    expect(statusCode).toBe(303);
    const [{ name, value }] = cookies as [{ name: string; value: string }];
    const cookie = `${name}=${value}`;
    const csrf = /name="csrf" value="([^"]+)"/.exec((await get("/sessions", { cookie, csrf: "" })).body)?.[1] ?? "";
    for (const secret of [link, value, csrf]) secrets.add(secret);
    return { cookie, csrf };
  }

  const stateOf = async (id: string): Promise<string | undefined> =>
    (await bench.store.db.select().from(certificates).where(eq(certificates.id, id)))[0]?.state;
  const serialOf = async (id: string): Promise<string> =>
    (await bench.store.db.select().from(certificates).where(eq(certificates.id, id)))[0]?.serialNumber ?? "";
  const revocationForm = async (id: string): Promise<Record<string, string>> => ({
    reason: "wrong-name",
    confirmation: (await serialOf(id)).slice(-8),
  });
  const told = (response: LightMyRequestResponse): string => /<h1>([^<]*)<\/h1>/.exec(response.body)?.[1] ?? "";

  test("nothing but our own style and pictures is loaded, and no other site frames or reads a page", async () => {
    const { headers } = await get("/sign-in");
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none';style-src 'self';img-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
    );
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    });
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  test("opening the sign-in link uses nothing up; its button works once", async () => {
    const link = `/sign-in/${await signInLink(bench.store, URL, rows.officers.helpdesk, time)}`;
    for (let i = 0; i < 3; i++) {
      const page = await get(link);
      expect([page.statusCode, page.cookies]).toEqual([200, []]);
    }
    expect((await post(link, {}, undefined, { origin: "https://elsewhere.example" })).statusCode).toBe(403);
    expect((await post(link, {})).statusCode).toBe(303);
    expect((await post(link, {})).statusCode).toBe(410);
    expect((await post("/sign-in/made-up", {})).statusCode).toBe(404);
    const late = `/sign-in/${await signInLink(bench.store, URL, rows.officers.helpdesk, time)}`;
    time = new Date(time.getTime() + MINUTE);
    expect((await post(late, {})).statusCode).toBe(410);
  });

  test("a change needs the session's own token and our own origin", async () => {
    const [session, other] = [await signIn(rows.officers.all), await signIn(rows.officers.issuer)];
    const id = rows.certificates.issued;
    const form = await revocationForm(id);
    const tries = [
      post(`/certificates/${id}/revoke`, form, { ...session, csrf: "" }),
      post(`/certificates/${id}/revoke`, form, { ...session, csrf: other.csrf }),
      post(`/certificates/${id}/revoke`, { ...form, csrf: [session.csrf, session.csrf] }, session),
      post(`/certificates/${id}/revoke`, form, session, {}),
      post(`/certificates/${id}/revoke`, form, session, { origin: "https://elsewhere.example" }),
      post(`/certificates/${id}/revoke`, form, session, { origin: "null" }),
      post(`/certificates/${id}/revoke`, form, session, { origin: URL, "sec-fetch-site": "cross-site" }),
      post(`/certificates/${id}/revoke`, form, session, { "sec-fetch-site": "same-site" }),
    ];
    for (const refused of await Promise.all(tries)) expect([refused.statusCode, told(refused)]).toEqual([403, "Demande refusée"]);
    expect(await stateOf(id)).toBe("issued");
  });

  test("every address that changes something refuses a session's request without its token", async () => {
    const session = { ...(await signIn(rows.officers.all)), csrf: "" };
    const addresses = ["/sign-out", "/sessions/end", "/audit/verify", "/officers/invite", `/officers/${rows.officers.second.id}/withdraw`];
    for (const address of addresses) expect((await post(address, {}, session)).statusCode, address).toBe(403);
  });

  test("what a role does not permit is neither offered nor done", async () => {
    const session = await signIn(rows.officers.helpdesk);
    const id = rows.certificates.active;
    const sheet = await get(`/certificates/${id}`, session);
    expect(sheet.statusCode).toBe(200);
    for (const address of [`/certificates/${id}/revoke`, "/audit", "/officers"]) expect(sheet.body).not.toContain(`href="${address}"`);
    for (const address of [
      `/certificates/${id}/revoke`,
      "/audit",
      "/officers",
      "/officers/invite",
      `/officers/${rows.officers.all.id}/withdraw`,
    ]) {
      expect((await get(address, session)).statusCode, address).toBe(403);
    }
    const tries = [
      post(`/certificates/${id}/revoke`, await revocationForm(id), session),
      post("/audit/verify", {}, session),
      post("/officers/invite", { person: rows.people[0] ?? "", office: rows.paris, roles: ["issuer"] }, session),
      post(`/officers/${rows.officers.all.id}/withdraw`, {}, session),
    ];
    for (const refused of await Promise.all(tries)) expect(refused.statusCode).toBe(403);
    expect(await stateOf(id)).toBe("active");
  });

  test("what another office has is not there", async () => {
    const session = await signIn(rows.officers.all);
    const { person, token, certificate } = rows.otherOffice;
    const paths = [`/people/${person}`, `/tokens/${token}`, `/certificates/${certificate}`, `/certificates/${certificate}/revoke`];
    for (const path of [...paths, `/certificates/${certificate}/certificate.cer`, `/officers/${rows.officers.lyon.id}/withdraw`]) {
      const refused = await get(path, session);
      expect([refused.statusCode, told(refused)], path).toEqual([404, "Page introuvable"]);
      expect(refused.body).not.toMatch(/Guignol|Lyonnaise/);
    }
    const form = await revocationForm(certificate);
    expect((await post(`/certificates/${certificate}/revoke`, form, session)).statusCode).toBe(404);
    expect((await post(`/officers/${rows.officers.lyon.id}/withdraw`, {}, session)).statusCode).toBe(404);
    expect((await get(`/officers/invite?person=${person}`, session)).statusCode).toBe(404);
    expect(await stateOf(certificate)).toBe("active");
    for (const list of ["/search?q=lyonnais", `/search?q=${token}`, `/search?q=${await serialOf(certificate)}`, "/officers"]) {
      const { statusCode, body } = await get(list, session);
      expect(statusCode).toBe(200);
      expect(body, list).not.toMatch(/Guignol|Léa/);
    }
    const own = await get("/search?q=lyonnais", await signIn(rows.officers.lyon));
    expect(own.body).toContain("Guignol");
  });

  test("an auditor reads the events of their own office only", async () => {
    const [paris, lyon] = [await signIn(rows.officers.auditor), await signIn(rows.officers.lyon)];
    const of = async (session: Session): Promise<Set<string>> => {
      const subjects = new Set<string>();
      for (let page = 1; page < 10; page++) {
        const { body } = await get(`/audit?page=${page}`, session);
        for (const [, id = ""] of body.matchAll(/<code>(?:<a [^>]*>)?([0-9a-f-]{36})/g)) subjects.add(id);
      }
      return subjects;
    };
    const [own, theirs] = [await of(paris), await of(lyon)];
    expect(own.has(rows.people[0] ?? "")).toBe(true);
    expect(own.has(rows.otherOffice.person)).toBe(false);
    expect(theirs.has(rows.otherOffice.person)).toBe(true);
    expect([...own].filter((id) => theirs.has(id))).toEqual([]);
  });

  test("a session that is over shows the sign-in page, and its form does nothing", async () => {
    const session = await signIn(rows.officers.all);
    const id = rows.certificates.issued;
    time = new Date(time.getTime() + 31 * MINUTE);
    const page = await get(`/certificates/${id}`, session);
    expect([page.statusCode, told(page)]).toEqual([401, "Connexion des agents"]);
    expect(page.body).toContain(`href="/certificates/${id}"`);
    expect((await post(`/certificates/${id}/revoke`, await revocationForm(id), session)).statusCode).toBe(401);
    expect(await stateOf(id)).toBe("issued");
  });

  test("signing out ends the session, not only the cookie", async () => {
    const session = await signIn(rows.officers.auditor);
    const out = await post("/sign-out", {}, session);
    expect(out.cookies[0]).toMatchObject({ value: "" });
    expect((await get("/audit", session)).statusCode).toBe(401);
  });

  test("a revocation that is sent twice is done once, and the second is told so", async () => {
    const session = await signIn(rows.officers.issuer);
    const id = rows.active[1] ?? "";
    const form = await revocationForm(id);
    const answers = await Promise.all([1, 2, 3].map(() => post(`/certificates/${id}/revoke`, form, session)));
    const places = answers.map(({ statusCode, headers }) => [statusCode, headers.location]);
    expect(places.filter(([, to]) => to === `/certificates/${id}?done=revoked`)).toHaveLength(1);
    expect(places.filter(([status, to]) => status === 303 && to === `/certificates/${id}?done=revoked-before`)).toHaveLength(2);
    expect(await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id))).toHaveLength(1);
    const subject = and(eq(auditEvents.subject, `certificate:${id}`), eq(auditEvents.action, "certificate.revoke"));
    expect(await bench.store.db.select().from(auditEvents).where(subject)).toHaveLength(1);
    expect((await get(`/certificates/${id}/revoke`, session)).statusCode).toBe(303);
    expect((await get(`/certificates/${id}`, session)).body).toContain("Nom incorrect");
  });

  test("without a reason and the typed end of the serial number nothing is revoked", async () => {
    const session = await signIn(rows.officers.issuer);
    const id = rows.certificates.active;
    const { confirmation = "" } = await revocationForm(id);
    for (const form of [
      {},
      { reason: "wrong-name" },
      { confirmation },
      { reason: "not-proved", confirmation },
      { reason: "wrong-name", confirmation: `${confirmation}0` },
    ]) {
      const refused = await post(`/certificates/${id}/revoke`, form, session);
      expect(refused.statusCode).toBe(422);
      expect(refused.body).toContain('role="alert"');
    }
    expect(await stateOf(id)).toBe("active");
    const expired = await post(`/certificates/${rows.certificates.expired}/revoke`, { reason: "wrong-name", confirmation }, session);
    expect(expired.statusCode).toBe(409);
  });

  describe("the search", () => {
    const names = ({ body }: LightMyRequestResponse): string[] =>
      [...body.matchAll(/<th scope="row"[^>]*><a [^>]*>([^<]*)<\/a>/g)].map(([, name = ""]) => name);
    const count = ({ body }: LightMyRequestResponse): number => [...body.matchAll(/<th scope="row"/g)].length;
    const search = async (query: Record<string, string>): Promise<LightMyRequestResponse> =>
      get(`/search?${new URLSearchParams(query)}`, await signIn(rows.officers.helpdesk));

    test.each([
      ["helene", "Hélène Éluard"],
      ["ÉLU", "Hélène Éluard"],
      ["eluard hélène", "Hélène Éluard"],
      ["châtel", "Jean-Luc Châtelain"],
      ["o'brien", "Paul O&#39;Brien"],
      ["œuv", "Luc Œuvrard"],
      ["YILDIZ".replaceAll("I", "ı"), "Ömer Yıldız"],
      ["<SCRIPT>", "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; Durand"],
    ])("«%s» finds %s", async (q, name) => {
      expect(names(await search({ q }))).toEqual([name]);
    });

    test("by e-mail, partly, and by number", async () => {
      expect(names(await search({ q: "NNE1007@EXEM" }))).toEqual(["Anne Martin"]);
      expect(names(await search({ q: "1007" }))).toContain("Anne Martin");
    });

    test("a serial number is found by a part, in groups, with colons, in capitals", async () => {
      const serial = await serialOf(rows.certificates.active);
      const grouped = (serial.match(/.{4}/g) ?? []).join(" ");
      const colons = (serial.match(/../g) ?? []).join(":").toUpperCase();
      for (const q of [serial, serial.slice(2, 12), grouped, colons]) {
        expect((await search({ q })).body, q).toContain(`/certificates/${rows.certificates.active}`);
      }
      expect((await search({ q: rows.tokens[0]?.slice(3) ?? "" })).body).toContain(`/tokens/${rows.tokens[0]}`);
    });

    test("what is typed is no pattern and no SQL", async () => {
      for (const q of ["%", "_", "\\", "' or 1=1 --", ":", "a%b"]) {
        const found = await search({ q });
        expect([found.statusCode, count(found)], q).toEqual([200, 0]);
      }
      const refused = await search({ q: "\0" });
      expect(refused.statusCode).toBe(422);
      const long = await search({ q: "x".repeat(101) });
      expect([long.statusCode, long.body.includes(`value="${"x".repeat(101)}"`)]).toEqual([422, true]);
    });

    test("valid ones and revoked ones apart", async () => {
      const [valid, revoked] = [await search({ q: "martin", kind: "valid" }), await search({ q: "martin", kind: "revoked" })];
      expect(valid.body).toContain(`/certificates/${rows.certificates.active}`);
      expect(valid.body).not.toContain(`/certificates/${rows.certificates.expired}`);
      expect(revoked.body).toContain(`/certificates/${rows.certificates.revoked}`);
      expect(revoked.body).not.toContain(`/certificates/${rows.certificates.active}`);
    });

    test("pages hold everything once", async () => {
      const seen: string[] = [];
      for (let page = 1; page <= 5; page++) {
        const { body } = await search({ kind: "all", page: String(page) });
        seen.push(...[...body.matchAll(/<th scope="row"[^>]*><a href="([^"]+)"/g)].map(([, path = ""]) => path));
        if (!body.includes('rel="next"')) break;
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((path) => path.startsWith("/people/"))).toHaveLength(rows.people.length + 5);
      expect(seen.filter((path) => path.startsWith("/tokens/"))).toHaveLength(rows.tokens.length);
    });
  });

  test("sessions: an officer ends their own, and nobody else's", async () => {
    const [one, two, other] = [await signIn(rows.officers.second), await signIn(rows.officers.second), await signIn(rows.officers.all)];
    const others = [...(await get("/sessions", two)).body.matchAll(/name="session" value="([0-9a-f]+)"/g)].map(([, id = ""]) => id);
    expect(others).toHaveLength(1);
    const session = others[0] ?? "";
    expect((await post("/sessions/end", { session }, other)).statusCode).toBe(303);
    expect((await get("/sessions", one)).statusCode).toBe(200);
    expect((await post("/sessions/end", { session }, two)).statusCode).toBe(303);
    expect((await get("/sessions", one)).statusCode).toBe(401);
    expect((await get("/sessions", two)).statusCode).toBe(200);
  });

  test("an invitation: what is wrong stands beside its field, what was typed stays; the code is shown once and enrols", async () => {
    const session = await signIn(rows.officers.all);
    const [organisation = ""] =
      /<select id="organisation"[^>]*><option value="([^"]+)"/.exec((await get("/officers/invite", session)).body)?.slice(1) ?? [];
    const form = {
      givenName: " Ève ",
      surname: "Noël",
      email: "eve@exemple.fr",
      number: "1007",
      organisation,
      language: "fr",
      office: rows.paris,
      roles: ["issuer"],
    };
    const known = await post("/officers/invite", form, session);
    expect(known.statusCode).toBe(422);
    expect(known.body).toContain('id="number-problem"');
    expect(known.body).toContain('value="1007"');
    expect(known.body).toContain('value="issuer" checked');
    const wrong = await post("/officers/invite", { ...form, email: "eve", roles: [], organisation: rows.paris }, session);
    expect(wrong.body).toContain('id="email-problem"');
    expect(wrong.body).toContain('id="roles-problem"');
    expect((await post("/officers/invite", { ...form, number: "2000", office: rows.lyon }, session)).statusCode).toBe(403);
    const [lyonnais] = await bench.store.db.select().from(people).where(eq(people.id, rows.otherOffice.person));
    const elsewhere = await post("/officers/invite", { ...form, number: "2000", organisation: lyonnais?.organisationId ?? "" }, session);
    expect([elsewhere.statusCode, elsewhere.body.includes('id="organisation-problem"')]).toEqual([422, true]);
    const invited = await post("/officers/invite", { ...form, number: "2000", handover: "show" }, session);
    expect(invited.statusCode).toBe(200);
    const code = /<code class="command">([A-Za-z0-9_-]{43})<\/code>/.exec(invited.body)?.[1] ?? "";
    secrets.add(code);
    const officerId = await bench.store.transaction((tx) => useLink(tx, code, "enrol", time));
    const key = new Uint8Array(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" }));
    await bench.store.transaction((tx) => enrolOfficer(tx, officerId, key, { actor: "system", now: time }));
    const [row] = await bench.store.db
      .select()
      .from(officers)
      .innerJoin(people, eq(people.id, officers.personId))
      .where(eq(officers.id, officerId));
    expect(row?.people).toMatchObject({ givenName: "Ève", number: "2000" });
    const again = await post(`/officers/invite?person=${row?.people.id}`, { office: rows.paris, roles: ["issuer"] }, session);
    expect(again.statusCode).toBe(404);
  });

  test("withdrawing an officer ends their session; the last administrator stays", async () => {
    const [lyon, victim] = [await signIn(rows.officers.lyon), await signIn(rows.officers.second)];
    const session = await signIn(rows.officers.all);
    expect((await post(`/officers/${rows.officers.second.id}/withdraw`, {}, session)).headers.location).toBe("/officers?done=withdrawn");
    expect((await get("/officers", victim)).statusCode).toBe(401);
    // Each is the last of their own office, though another office has one.
    for (const [id, own] of [
      [rows.officers.lyon.id, lyon],
      [rows.officers.all.id, session],
    ] as const) {
      const last = await post(`/officers/${id}/withdraw`, {}, own);
      expect([last.statusCode, told(last)]).toEqual([409, "Dernier administrateur"]);
      expect((await get("/officers", own)).statusCode).toBe(200);
    }
  });

  describe("machine routes", () => {
    const call = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
      app.inject({ method: "POST", url, payload: JSON.stringify(payload), headers: { "content-type": "application/json", ...headers } });

    async function answer({ privateKey, publicKey }: TestOfficer, url = URL) {
      const { challenge } = (await call("/api/sign-in/challenge", {})).json() as { challenge: string };
      secrets.add(challenge);
      const signature = sign("sha256", signInMessage(url, challenge), privateKey).toString("base64url");
      return { challenge, signature, publicKey: Buffer.from(publicKey).toString("base64url") };
    }

    test("a signed challenge gets a link that opens a session", async () => {
      const got = await call("/api/sign-in/answer", await answer(rows.officers.issuer));
      expect(got.statusCode).toBe(200);
      const { link } = got.json() as { link: string };
      expect(link.startsWith(`${URL}/sign-in/`)).toBe(true);
      secrets.add(link.slice(-43));
      expect((await post(link.slice(URL.length), {})).headers.location).toBe("/search");
    });

    test("what is refused is a problem document that repeats nothing", async () => {
      const good = await answer(rows.officers.issuer);
      const bad = [
        [await answer(rows.officers.issuer, "https://elsewhere.example"), 401, "signature"],
        [{ ...good, challenge: "A".repeat(43) }, 401, "challenge-unknown"],
        [{ ...good, more: "SECRETLY" }, 400, "unreadable"],
        [{ ...good, signature: "SECRETLY!" }, 400, "unreadable"],
        [["SECRETLY"], 400, "unreadable"],
      ] as const;
      for (const [payload, status, type] of bad) {
        const refused = await call("/api/sign-in/answer", payload);
        expect(refused.headers["content-type"]).toMatch(/^application\/problem\+json/);
        expect(refused.json()).toMatchObject({ status, type: `urn:sceau:office:${type}` });
        expect(refused.body).not.toContain("SECRETLY");
      }
      const unreadable = await app.inject({
        method: "POST",
        url: "/api/sign-in/answer",
        payload: "{SECRETLY",
        headers: { "content-type": "application/json" },
      });
      expect([unreadable.statusCode, unreadable.body.includes("SECRETLY")]).toEqual([400, false]);
      expect((await call("/api/nothing", {})).json()).toMatchObject({ status: 404 });
      const plain = await app.inject({
        method: "POST",
        url: "/api/sign-in/challenge",
        payload: "{}",
        headers: { "content-type": "text/plain" },
      });
      expect([plain.statusCode, plain.json().type]).toEqual([415, "urn:sceau:office:unreadable"]);
      expect((await call("/api/sign-in/challenge", {}, { origin: "https://elsewhere.example" })).statusCode).toBe(403);
      expect((await call("/api/sign-in/challenge", { large: "x".repeat(70_000) })).statusCode).toBe(413);
    });

    test("tries are counted by key, and by address", async () => {
      const { publicKey } = await answer(rows.officers.auditor);
      const guess = () => call("/api/sign-in/answer", { challenge: "A".repeat(43), signature: "AAAA", publicKey });
      for (let i = 0; i < 20; i++) expect((await guess()).statusCode).toBe(401);
      const refused = await guess();
      expect(refused.json()).toMatchObject({ status: 429, type: "urn:sceau:office:too-many" });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
      expect((await call("/api/sign-in/answer", await answer(rows.officers.issuer))).statusCode).toBe(200);
      const statuses = [];
      for (let i = 0; i < 61; i++) statuses.push((await call("/api/sign-in/challenge", {})).statusCode);
      expect(statuses.at(0)).toBe(200);
      expect(statuses.at(-1)).toBe(429);
      const other = await app.inject({ method: "POST", url: "/api/sign-in/challenge", payload: {}, remoteAddress: "2001:db8::1" });
      expect(other.statusCode).toBe(200);
    });
  });

  test("the CA's certificates are there for everybody, with the fingerprints that openssl finds", async () => {
    const page = await get("/ca");
    expect(page.statusCode).toBe(200);
    const der = await get("/ca/root.cer");
    expect(der.headers["content-type"]).toBe("application/pkix-cert");
    expect(Buffer.compare(der.rawPayload, rows.root.der)).toBe(0);
    const pem = (await get("/ca/issuing-2.pem")).body;
    for (const [input, form] of [
      [der.rawPayload, "der"],
      [Buffer.from(pem), "pem"],
    ] as const) {
      const printed = mustRun("openssl", ["x509", "-inform", form, "-noout", "-fingerprint", "-sha256"], { input });
      const groups = printed.split("=")[1]?.trim().replaceAll(":", "").toLowerCase().match(/.{4}/g) ?? [];
      expect(page.body.replace(/<wbr>/g, "")).toContain(groups.map((group) => `<span>${group}</span>`).join(""));
    }
    for (const path of ["/ca/nothing.cer", "/ca/root.key", "/ca/..%2froot.cer", "/ca/root"])
      expect((await get(path)).statusCode, path).toBe(404);
  });

  test("every route that the server has stands in the README, and asks for what it says there", async () => {
    const readme = readFileSync(new globalThis.URL("../../office/pages/README.md", import.meta.url), "utf8");
    const rowsOf = [...readme.matchAll(/^\| (GET|POST|GET POST) +\| (\S+) +\| ([a-z– ]+?) +\|/gm)];
    const table = rowsOf.flatMap(([, methods = "", urls = "", permission = ""]) =>
      methods.split(" ").flatMap((method) => eachOf(urls).map((url) => [method, url, permission] as const)),
    );
    // Files of the pages themselves, and what programs fetch.
    const isElsewhere = (route: string): boolean => /^\w+ \/(?:style-|seal|ocsp\/|crl\/|api\/enrol\/)/.test(route);
    const told = table.map(([method, url]) => `${method} ${url}`).sort();
    expect(told).toEqual(registeredRoutes(app).filter((route) => !isElsewhere(route)));
    const session = await signIn(rows.officers.helpdesk);
    for (const [method, url, permission] of table) {
      expect(app.hasRoute({ method, url }), `${method} ${url}`).toBe(true);
      if (permission === "–") continue;
      const path = url.replace("/people/:id", `/people/${rows.people[0]}`).replace(":serial", rows.tokens[0] ?? "");
      const place = path
        .replace("/organisations/:id", `/organisations/${rows.organisations.paris}`)
        .replace("secrets/:id/:decision", "secrets/:id/agree");
      const real = place.replace("/officers/:id", `/officers/${rows.officers.all.id}`).replace(":id", rows.certificates.active);
      const ask = (who?: Session) => (method === "GET" ? get(real, who) : post(real, {}, who));
      const [nobody, helpdesk] = [await ask(), url === "/sign-out" ? null : await ask(session)];
      // A file is no page: it leads to its sheet.
      const isFile = url.endsWith(".cer") || url.startsWith("/identity/evidence/");
      expect(nobody.statusCode, `${method} ${url} of nobody`).toBe(isFile ? 303 : 401);
      if (helpdesk !== null) expect(outcomeOf(helpdesk.statusCode), `${method} ${url} of the helpdesk`).toBe(ofHelpdesk(url, permission));
    }
  });

  test.each([
    ["en-GB,en;q=0.9,fr;q=0.1", "en"],
    ["fr-CH, en;q=0.9", "fr"],
    ["de, en;q=0.5, fr;q=0.7", "fr"],
    ["en;q=0", "fr"],
    ["xx", "fr"],
    [";;;,,q=q", "fr"],
  ])("Accept-Language %s: %s", async (header, language) => {
    expect((await get("/sign-in", undefined, { "accept-language": header })).body).toContain(`<html lang="${language}">`);
  });

  test("the language's link goes nowhere else", async () => {
    const link = await get("//elsewhere.example/sign-in?lang=en");
    expect(String(link.headers.location ?? "/")).not.toMatch(/^\/\/|:/);
    const own = await get("/search?q=a&lang=en&page=2");
    expect(own.headers.location).toBe("/search?q=a&page=2");
    expect(own.cookies[0]).toMatchObject({ value: "en", httpOnly: true });
  });

  test("a page for an address that would be another host's links to us only", async () => {
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    for (const path of ["//elsewhere.example/x", "/\\elsewhere.example/x?a=b", "///elsewhere.example"]) {
      const { status, body } = await send(address, path);
      const links = [
        ...Buffer.from(body, "hex")
          .toString()
          .matchAll(/(?:href|action)="([^"]*)"/g),
      ].map(([, link]) => link);
      expect(status, path).toBe(404);
      expect(links.length).toBeGreaterThan(3);
      expect(
        links.filter((link) => /^[/\\]{2}|^[^/#]/.test(link ?? "")),
        path,
      ).toEqual([]);
    }
  });

  test("what does not exist and what is too much are pages, too", async () => {
    const missing = await get("/nothing-here", undefined, { "accept-language": "en" });
    expect([missing.statusCode, told(missing)]).toEqual([404, "Nothing there"]);
    const signedIn = await get("/nothing-here", await signIn(rows.officers.helpdesk));
    expect(signedIn.body).toContain('action="/sign-out"');
    const large = await post("/sign-in/x", { large: "x".repeat(70_000) });
    expect([large.statusCode, told(large)]).toEqual([413, "Demande trop grande"]);
    expect((await get("/people/%00")).statusCode).toBe(401);
    const garbled = await get("/%ff");
    expect([garbled.statusCode, told(garbled)]).toEqual([400, "Demande illisible"]);
  });

  test("an unexpected error is a page with a number that the log has, and nothing of what was wrong", async () => {
    const session = await signIn(rows.officers.issuer);
    const id = rows.active[2] ?? "";
    isBroken = true;
    const broken = await post(`/certificates/${id}/revoke`, await revocationForm(id), session);
    isBroken = false;
    expect([broken.statusCode, told(broken)]).toEqual([500, "Erreur du bureau"]);
    expect(broken.body).not.toMatch(/no_such_table|select/);
    const number = /<code>([0-9a-f-]{36})<\/code>/.exec(broken.body)?.[1] ?? "?";
    const line = log.find((text) => text.includes(number) && text.includes("unexpected error")) ?? "";
    expect(line).toContain('"code":"42P01"');
    expect(line).toContain("/certificates/:id/revoke");
    expect(await stateOf(id)).toBe("active");
  });

  test("no secret is in the log: no link, cookie, challenge, code or form", async () => {
    const text = log.join("");
    expect(text).toContain("/sign-in/:link");
    expect(secrets.size).toBeGreaterThan(20);
    for (const secret of secrets) expect(text.includes(secret), createHash("sha256").update(secret).digest("hex")).toBe(false);
    expect(text).not.toMatch(/the-password-in-a-query|csrf|cookie|exemple\.fr|helene|SECRETLY/i);
    const rest = await bench.store.db.select().from(auditEvents).where(like(auditEvents.action, "officer.%"));
    for (const secret of secrets) expect(JSON.stringify(rest).includes(secret)).toBe(false);
  });
});
