// What officers decide on the sheets of tokens and organisations: what is offered, who may, what is typed, what is said when two decide at once or when
// it is another office's; and what the search finds and says. Without a browser; on both databases. With a real authority: decisions/token-decision.test.ts.

import { generateKeyPairSync } from "node:crypto";
import { and, eq, inArray } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { formatReceipt } from "../../host-bridge/token/destruction-receipt.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { addPerson, changeOrganisation, RegistrationError, requestOrganisation } from "../../office/registration/organisations.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ORGANISATION, type OrganisationState } from "../../office/states/organisation-states.ts";
import { TOKEN, type TokenState } from "../../office/states/token-states.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { auditEvents, certificates, keys, organisations, revocations, tokens } from "../../office/store/schema.ts";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa, signInLink, type TestOfficer } from "../support/office-rows.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { testSealing } from "../support/test-sealing.ts";

const URL = "http://127.0.0.1:8080";
const MINUTE = 60_000;
const PREPARING = ["format", "assign", "activate"];

interface Session {
  readonly cookie: string;
  readonly csrf: string;
}

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let rows: OfficeRows;
  let app: FastifyInstance;
  let time = ROWS_START;
  let serials = 0;
  const trusted: Uint8Array[] = [];

  beforeAll(async () => {
    bench = await openTestStore(kind);
    rows = await fillOffice(bench.store);
    app = await createOfficeServer({
      store: bench.store,
      clock: { now: () => time },
      publicUrl: URL,
      revoking: revokingWithoutCa(bench.store, () => time, trusted),
      auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      sealing: testSealing,
      ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      logLevel: "silent",
    });
  }, STORE_START_LIMIT_MS + 60_000);

  afterAll(async () => {
    await app.close();
    await bench.close();
  });

  beforeEach(() => {
    time = new Date(time.getTime() + 20 * MINUTE); // new limits
  });

  const get = (url: string, session: Session, language = "fr"): Promise<LightMyRequestResponse> =>
    app.inject({ method: "GET", url, headers: { cookie: session.cookie, "accept-language": language } });

  function post(url: string, form: Record<string, string>, session: Session): Promise<LightMyRequestResponse> {
    const headers = { cookie: session.cookie, origin: URL, "content-type": "application/x-www-form-urlencoded" };
    return app.inject({ method: "POST", url, headers, payload: new URLSearchParams({ csrf: session.csrf, ...form }).toString() });
  }

  async function signIn(who: TestOfficer): Promise<Session> {
    const link = await signInLink(bench.store, URL, who, time);
    const { cookies } = await app.inject({ method: "POST", url: `/sign-in/${link}`, headers: { origin: URL } });
    const [{ name, value }] = cookies as [{ name: string; value: string }];
    const cookie = `${name}=${value}`;
    const csrf = /name="csrf" value="([^"]+)"/.exec((await get("/sessions", { cookie, csrf: "" })).body)?.[1] ?? "";
    return { cookie, csrf };
  }

  const told = ({ body }: LightMyRequestResponse): string => /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? "";
  const tokenState = async (serial: string): Promise<TokenState | undefined> =>
    (await bench.store.db.select().from(tokens).where(eq(tokens.serial, serial)))[0]?.state;
  const organisationState = async (id: string): Promise<OrganisationState | undefined> =>
    (await bench.store.db.select().from(organisations).where(eq(organisations.id, id)))[0]?.state;
  const events = async (subject: string, action: string) =>
    bench.store.db
      .select()
      .from(auditEvents)
      .where(and(eq(auditEvents.subject, subject), eq(auditEvents.action, action)));
  /** The decisions that a sheet offers. */
  const offered = (body: string, address: string): string[] =>
    [...body.matchAll(new RegExp(`href="${address}/([a-z]+)"`, "g"))].map(([, decision = ""]) => decision).sort();

  async function newToken(state: TokenState, officeId = rows.paris): Promise<string> {
    const serial = String(70_000_000 + ++serials);
    const about = { model: "Sceau", firmware: "0.1.0", rootFingerprint: "5c".repeat(32), createdAt: ROWS_START };
    await bench.store.db.insert(tokens).values({ serial, officeId, state, personId: rows.people[3] ?? null, ...about });
    return serial;
  }

  /** One of the certificates of the office moves to a new token. */
  async function newTokenWith(certificateId: string, state: TokenState = "active"): Promise<string> {
    const serial = await newToken(state);
    const [row] = await bench.store.db.select({ keyId: certificates.keyId }).from(certificates).where(eq(certificates.id, certificateId));
    await bench.store.db
      .update(keys)
      .set({ tokenSerial: serial })
      .where(eq(keys.id, row?.keyId ?? ""));
    return serial;
  }

  const newOrganisation = (name: string, state: OrganisationState, officeId = rows.paris): Promise<string> =>
    bench.store.transaction(async (tx) => {
      const acting = { actor: "system", now: time };
      const id = await requestOrganisation(tx, { officeId, name, country: "FR" }, acting);
      if (state !== "requested") await changeOrganisation(tx, id, "open", acting);
      if (state === "closed") await changeOrganisation(tx, id, "close", acting);
      return id;
    });

  describe("a token", () => {
    test("its sheet offers what the table of states allows, and each of it has a page", async () => {
      const session = await signIn(rows.officers.issuer);
      for (const state of Object.keys(TOKEN.table) as TokenState[]) {
        const serial = await newToken(state);
        const decisions = Object.keys(TOKEN.table[state]).filter((event) => !PREPARING.includes(event));
        const { body } = await get(`/tokens/${serial}`, session);
        expect(offered(body, `/tokens/${serial}`), state).toEqual(decisions.sort());
        for (const decision of decisions) {
          expect((await get(`/tokens/${serial}/${decision}`, session)).statusCode, `${decision} from ${state}`).toBe(200);
        }
        if (decisions.length === 0) expect(body).toContain("plus rien à décider");
      }
    });

    test("what the table does not allow is refused, with and without its page", async () => {
      const session = await signIn(rows.officers.issuer);
      const serial = await newToken("assigned");
      for (const decision of ["resume", "suspend"]) {
        expect((await get(`/tokens/${serial}/${decision}`, session)).statusCode, decision).toBe(409);
        const refused = await post(`/tokens/${serial}/${decision}`, {}, session);
        expect([refused.statusCode, told(refused)], decision).toEqual([409, "Plus possible"]);
      }
      for (const decision of ["format", "assign", "activate", "constructor", "nothing"]) {
        expect((await get(`/tokens/${serial}/${decision}`, session)).statusCode, decision).toBe(404);
        expect((await post(`/tokens/${serial}/${decision}`, {}, session)).statusCode, decision).toBe(404);
      }
      expect(await tokenState(serial)).toBe("assigned");
    });

    test("whose roles do not permit it is told who may, and nothing is done", async () => {
      for (const who of [rows.officers.helpdesk, rows.officers.auditor, rows.officers.second]) {
        const session = await signIn(who);
        const serial = await newToken("active");
        const sheet = await get(`/tokens/${serial}`, session);
        expect(offered(sheet.body, `/tokens/${serial}`)).toEqual([]);
        expect(sheet.body).toContain("Rôles qui le permettent\u00a0: Émetteur.");
        const form = { confirmation: serial };
        for (const refused of [await get(`/tokens/${serial}/lose`, session), await post(`/tokens/${serial}/lose`, form, session)]) {
          expect([refused.statusCode, told(refused)]).toEqual([403, "Action non permise"]);
          expect(refused.body).toContain("Rôles qui le permettent\u00a0: Émetteur.");
        }
        expect((await get(`/tokens/${serial}/lose`, session, "en")).body).toContain("Roles that permit it: Issuer.");
        // Not only those that revoke.
        expect((await get(`/tokens/${serial}/suspend`, session)).statusCode).toBe(403);
        expect((await post(`/tokens/${serial}/suspend`, {}, session)).statusCode).toBe(403);
        expect(await tokenState(serial)).toBe("active");
      }
    });

    test("another office's is not there, whatever the roles", async () => {
      const session = await signIn(rows.officers.all);
      const serial = await newToken("active", rows.lyon);
      expect((await get(`/tokens/${serial}/suspend`, session)).statusCode).toBe(404);
      expect((await post(`/tokens/${serial}/suspend`, {}, session)).statusCode).toBe(404);
      expect(await tokenState(serial)).toBe("active");
    });

    test("without the form's own token nothing happens", async () => {
      const session = await signIn(rows.officers.issuer);
      const serial = await newToken("active");
      expect((await post(`/tokens/${serial}/suspend`, {}, { ...session, csrf: "" })).statusCode).toBe(403);
      expect(await tokenState(serial)).toBe("active");
    });

    test("suspended and back, blocked and back: no typing, one event each, the certificates stay", async () => {
      const session = await signIn(rows.officers.issuer);
      const serial = await newTokenWith(rows.active[3] ?? "");
      for (const [decision, state] of [
        ["suspend", "suspended"],
        ["resume", "active"],
        ["block", "blocked"],
        ["unblock", "active"],
      ] as const) {
        const done = await post(`/tokens/${serial}/${decision}`, {}, session);
        expect([done.statusCode, done.headers.location]).toEqual([303, `/tokens/${serial}?done=${decision}`]);
        expect(await tokenState(serial)).toBe(state);
        expect((await get(`/tokens/${serial}?done=${decision}`, session)).body).toContain('role="status"');
        const recorded = await events(`token:${serial}`, `token.${decision}`);
        expect(recorded.map(({ actor }) => actor)).toEqual([`officer:${rows.officers.issuer.id}`]);
      }
      const [row] = await bench.store.db
        .select()
        .from(certificates)
        .where(eq(certificates.id, rows.active[3] ?? ""));
      expect(row?.state).toBe("active");
    });

    test("lost: the page says which certificates end and why, and takes the end of the serial number only", async () => {
      const session = await signIn(rows.officers.issuer);
      const id = rows.active[0] ?? "";
      const serial = await newTokenWith(id);
      const page = await get(`/tokens/${serial}/lose`, session);
      expect(page.body).toContain(`/certificates/${id}`);
      expect(page.body).toContain("Clé privée compromise");
      for (const confirmation of ["", " ", "12345678", serial.slice(1)]) {
        const refused = await post(`/tokens/${serial}/lose`, { confirmation }, session);
        expect([refused.statusCode, refused.body.includes('id="confirmation-problem"')], confirmation).toEqual([422, true]);
      }
      expect(await tokenState(serial)).toBe("active");
      const typed = `${serial.slice(0, 4)} ${serial.slice(4)}`;
      const done = await post(`/tokens/${serial}/lose`, { confirmation: typed }, session);
      expect(done.headers.location).toBe(`/tokens/${serial}?done=lose`);
      expect(await tokenState(serial)).toBe("lost");
      const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id));
      expect(entry).toMatchObject({ reason: "key-compromise", officerId: rows.officers.issuer.id, channel: "officer" });
      expect((await get(`/tokens/${serial}?done=lose`, session)).body).toContain("Aucun de ses certificats n&#39;est plus valable");
    });

    test("retired: a reason is chosen among those that fit, when there is something to revoke", async () => {
      const session = await signIn(rows.officers.issuer);
      const serial = await newTokenWith(rows.active[1] ?? "");
      const page = await get(`/tokens/${serial}/retire`, session);
      expect(page.body).toContain('value="holder-left"');
      expect(page.body).not.toContain('value="key-compromise"');
      for (const reason of ["", "key-compromise", "not-proved"]) {
        const refused = await post(`/tokens/${serial}/retire`, { reason, confirmation: serial }, session);
        expect([refused.statusCode, refused.body.includes('id="reason-problem"')], reason).toEqual([422, true]);
      }
      expect(await tokenState(serial)).toBe("active");
      expect((await post(`/tokens/${serial}/retire`, { reason: "holder-left", confirmation: serial }, session)).statusCode).toBe(303);
      expect(await tokenState(serial)).toBe("retired");
      const empty = await newToken("formatted");
      const bare = await get(`/tokens/${empty}/retire`, session);
      expect([bare.body.includes('name="reason"'), bare.body.includes("rien à révoquer")]).toEqual([false, true]);
      expect((await post(`/tokens/${empty}/retire`, { confirmation: empty }, session)).statusCode).toBe(303);
    });

    test("two officers click at once: one is told that it is done, the other that it was", async () => {
      const [one, other] = [await signIn(rows.officers.issuer), await signIn(rows.officers.all)];
      const id = rows.active[2] ?? "";
      const serial = await newTokenWith(id);
      const answers = await Promise.all([one, other, one].map((who) => post(`/tokens/${serial}/lose`, { confirmation: serial }, who)));
      expect(answers.map(({ headers }) => headers.location).sort()).toEqual([
        `/tokens/${serial}?done=before`,
        `/tokens/${serial}?done=before`,
        `/tokens/${serial}?done=lose`,
      ]);
      expect(await events(`token:${serial}`, "token.lose")).toHaveLength(1);
      expect(await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id))).toHaveLength(1);
      expect((await get(`/tokens/${serial}/lose`, other)).headers.location).toBe(`/tokens/${serial}?done=before`);
      expect((await get(`/tokens/${serial}?done=before`, other)).body).toContain("déjà prise");
      expect((await post(`/tokens/${serial}/retire`, { confirmation: serial }, other)).statusCode).toBe(409);
    });

    test("the address alone makes no page say that something was done", async () => {
      const session = await signIn(rows.officers.helpdesk);
      const serial = await newToken("active");
      for (const done of ["lose", "suspend", "constructor", "%3Cb%3E"]) {
        expect((await get(`/tokens/${serial}?done=${done}`, session)).body, done).not.toContain('role="status"');
      }
    });

    test("of somebody in another office, the certificates are counted and not shown", async () => {
      const session = await signIn(rows.officers.issuer);
      const serial = await newTokenWith(rows.otherOffice.certificate);
      await bench.store.db.update(tokens).set({ personId: rows.otherOffice.person }).where(eq(tokens.serial, serial));
      const pages = [await get(`/tokens/${serial}`, session), await get(`/tokens/${serial}/lose`, session)];
      for (const { body } of pages) expect(body).not.toMatch(/Guignol|\/certificates\/[0-9a-f-]{36}/);
      expect(pages[1]?.body).toContain("Un certificat valide d&#39;une personne d&#39;un autre bureau sera révoqué.");
    });
  });

  describe("a destruction receipt", () => {
    /** A token on record with a key in 9C, and the receipt for it once it is erased. */
    async function erasedKey(state: TokenState = "active"): Promise<{ serial: string; receipt: string }> {
      const serial = await newToken(state);
      const sealed = await sealedToken(Number(serial), time);
      trusted.push(...sealed.trust.roots);
      const officer = await sealed.token.officer();
      const publicKey = subjectPublicKeyInfo(await officer.generateKey(SLOT_SIGNATURE));
      const attestation = { attestation: new Uint8Array(1), attestationIssuer: new Uint8Array(1) };
      const key = { tokenSerial: serial, slot: "9c", publicKey, ...attestation, state: "certified" as const, createdAt: time };
      await bench.store.db.insert(keys).values(key);
      const signed = await officer.vendor.eraseKey(SLOT_SIGNATURE);
      officer.close();
      return { serial, receipt: formatReceipt({ signed, certificates: [sealed.certificate] }) };
    }
    const keyState = async (serial: string) => (await bench.store.db.select().from(keys).where(eq(keys.tokenSerial, serial)))[0]?.state;

    test("pasted and confirmed, it destroys the key, also of a token that is lost; twice is done once", async () => {
      const session = await signIn(rows.officers.issuer);
      for (const state of ["active", "lost"] as const) {
        const { serial, receipt } = await erasedKey(state);
        const address = `/tokens/${serial}/receipt`;
        expect((await get(`/tokens/${serial}`, session)).body).toContain(`href="${address}"`);
        expect((await get(address, session)).body).toContain(`sceau token retire 9c --token ${serial}`);
        expect((await post(address, { receipt, confirmation: serial }, session)).headers.location).toBe(`/tokens/${serial}?done=key`);
        expect(await keyState(serial)).toBe("destroyed");
        const sheet = await get(`/tokens/${serial}?done=key`, session);
        expect([sheet.body.includes('role="status"'), sheet.body.includes(`href="${address}"`)]).toEqual([true, false]);
        const again = await post(address, { receipt, confirmation: serial }, session);
        expect(again.headers.location).toBe(`/tokens/${serial}?done=before`);
      }
    });

    test("what is wrong stands beside its field, and what was pasted stays; who may not is refused", async () => {
      const session = await signIn(rows.officers.issuer);
      const [{ serial, receipt }, other] = [await erasedKey(), await erasedKey()];
      const address = `/tokens/${serial}/receipt`;
      for (const [form, problem] of [
        [{ receipt: "", confirmation: serial }, "obligatoire"],
        [{ receipt: "<b>no receipt</b>", confirmation: serial }, "pas un reçu de destruction"],
        [{ receipt: other.receipt, confirmation: serial }, "celui d&#39;un autre jeton"],
        [{ receipt, confirmation: "12345678" }, "pas la fin du numéro de série"],
      ] as const) {
        const refused = await post(address, form, session);
        expect([refused.statusCode, refused.body.includes(problem)], problem).toEqual([422, true]);
        expect(refused.body).not.toContain("<b>");
      }
      expect((await post(address, { receipt, confirmation: "x" }, session)).body).toContain("sceau-destruction-receipt/1");
      expect((await post(address, { receipt, confirmation: serial }, await signIn(rows.officers.helpdesk))).statusCode).toBe(403);
      const elsewhere = await newToken("active", rows.lyon);
      expect((await post(`/tokens/${elsewhere}/receipt`, { receipt, confirmation: elsewhere }, session)).statusCode).toBe(404);
      expect(await keyState(serial)).toBe("certified");
    });
  });

  describe("an organisation", () => {
    test("its sheet offers what the table of states allows, to those who may", async () => {
      const [session, helpdesk] = [await signIn(rows.officers.second), await signIn(rows.officers.helpdesk)];
      for (const state of Object.keys(ORGANISATION.table) as OrganisationState[]) {
        const id = await newOrganisation(`Cabinet ${state}`, state);
        const decisions = Object.keys(ORGANISATION.table[state]).sort();
        expect(offered((await get(`/organisations/${id}`, session)).body, `/organisations/${id}`), state).toEqual(decisions);
        for (const decision of decisions) expect((await get(`/organisations/${id}/${decision}`, session)).statusCode).toBe(200);
        const sheet = await get(`/organisations/${id}`, helpdesk);
        expect(offered(sheet.body, `/organisations/${id}`)).toEqual([]);
        expect(sheet.body).toContain("Rôles qui le permettent\u00a0: Administrateur, Approbateur.");
        for (const decision of decisions) expect((await post(`/organisations/${id}/${decision}`, {}, helpdesk)).statusCode).toBe(403);
        expect(await organisationState(id)).toBe(state);
      }
    });

    test("closed once its name is typed, as a keyboard gives it; then nobody joins it, and its certificates stay", async () => {
      const session = await signIn(rows.officers.second);
      const name = "Étude de l’Œuvre – Noël & Fils";
      const id = await newOrganisation(name, "open");
      expect((await get(`/organisations/${id}/close`, session)).body).toContain("Noël &amp; Fils");
      for (const confirmation of ["", "fermer", "Étude"]) {
        const refused = await post(`/organisations/${id}/close`, { confirmation }, session);
        expect([refused.statusCode, refused.body.includes('id="confirmation-problem"')], confirmation).toEqual([422, true]);
      }
      expect(await organisationState(id)).toBe("open");
      const done = await post(`/organisations/${id}/close`, { confirmation: " etude de l'œuvre - noel & fils" }, session);
      expect(done.headers.location).toBe(`/organisations/${id}?done=close`);
      expect(await organisationState(id)).toBe("closed");
      const person = { organisationId: id, givenName: "A", surname: "B", email: "a@b.fr", language: "fr" as const, number: "9999" };
      const added = bench.store.transaction((tx) => addPerson(tx, person, { actor: "system", now: time }));
      await expect(added).rejects.toThrow(RegistrationError);
      expect((await post(`/organisations/${id}/reopen`, {}, session)).headers.location).toBe(`/organisations/${id}?done=reopen`);
      expect((await events(`organisation:${id}`, "organisation.close")).map(({ actor }) => actor)).toEqual([
        `officer:${rows.officers.second.id}`,
      ]);
    });

    test("before it is closed, the page says how many certificates stay valid, and that officers are in it", async () => {
      const session = await signIn(rows.officers.second);
      const { body } = await get(`/organisations/${rows.organisations.paris}/close`, session);
      expect(body).toMatch(/\d certificats de ses membres restent valides/);
      expect(body).toMatch(/5 agents du bureau en sont membres/);
    });

    test("two officers click at once: one event", async () => {
      const [one, other] = [await signIn(rows.officers.second), await signIn(rows.officers.all)];
      const id = await newOrganisation("Cabinet Double", "open");
      const answers = await Promise.all(
        [one, other, one, other, one, other].map((who) => post(`/organisations/${id}/close`, { confirmation: "Cabinet Double" }, who)),
      );
      const places = answers.map(({ headers }) => headers.location).sort();
      expect(places).toEqual([...Array(5).fill(`/organisations/${id}?done=before`), `/organisations/${id}?done=close`]);
      expect(await events(`organisation:${id}`, "organisation.close")).toHaveLength(1);
      expect((await post(`/organisations/${id}/open`, {}, one)).statusCode).toBe(409);
    });

    test("another office's is not there, and in no list", async () => {
      const session = await signIn(rows.officers.all);
      const { lyon } = rows.organisations;
      for (const path of ["", "?list=tokens", "?list=certificates", "/close"]) {
        expect((await get(`/organisations/${lyon}${path}`, session)).statusCode, path).toBe(404);
      }
      expect((await post(`/organisations/${lyon}/close`, { confirmation: "Chambre de Lyon" }, session)).statusCode).toBe(404);
      expect(await organisationState(lyon)).toBe("open");
      for (const list of ["/organisations", "/search?q=chambre", "/search?kind=organisations"]) {
        expect((await get(list, session)).body, list).not.toContain("Chambre de Lyon");
      }
      expect((await get("/organisations", await signIn(rows.officers.lyon))).body).toContain("Chambre de Lyon");
    });

    test("its lists hold all of its people, tokens and certificates once, and of no other", async () => {
      const session = await signIn(rows.officers.helpdesk);
      const address = `/organisations/${rows.organisations.paris}`;
      const inList = async (list: string): Promise<string[]> => {
        const found: string[] = [];
        for (let page = 1; page < 10; page++) {
          const { body } = await get(`${address}?list=${list}&page=${page}`, session);
          found.push(...[...body.matchAll(new RegExp(`<th scope="row"[^>]*><a href="/${list}/([^"]+)"`, "g"))].map(([, id = ""]) => id));
          if (!body.includes('rel="next"')) break;
        }
        expect(new Set(found).size, list).toBe(found.length);
        return found;
      };
      const members = await inList("people");
      expect(rows.people.every((id) => members.includes(id))).toBe(true);
      expect(members).not.toContain(rows.otherOffice.person);
      const held = await bench.store.db
        .select()
        .from(tokens)
        .where(and(inArray(tokens.personId, members), eq(tokens.officeId, rows.paris)));
      expect((await inList("tokens")).sort()).toEqual(held.map(({ serial }) => serial).sort());
      const issued = await bench.store.db.select().from(certificates).where(inArray(certificates.personId, members));
      expect((await inList("certificates")).sort()).toEqual(issued.map(({ id }) => id).sort());
      for (const list of ["nothing", "constructor", ""]) expect((await get(`${address}?list=${list}`, session)).statusCode).toBe(200);
      expect((await get(`/people/${rows.people[0]}`, session)).body).toContain(`href="${address}"`);
    });
  });

  describe("the search", () => {
    test("finds organisations by a part of their name, and a token by its serial number or its holder", async () => {
      const session = await signIn(rows.officers.helpdesk);
      for (const query of ["q=ORDRE+des", "q=experts&kind=organisations"]) {
        expect((await get(`/search?${query}`, session)).body, query).toContain(`href="/organisations/${rows.organisations.paris}"`);
      }
      expect((await get("/search?q=martin&kind=organisations", session)).body).not.toContain('href="/organisations/');
      const [serial = ""] = rows.tokens;
      for (const query of [`q=${serial}`, `q=${serial.slice(0, 4)}+${serial.slice(4)}`, "q=martin&kind=tokens"]) {
        expect((await get(`/search?${query}`, session)).body, query).toContain(`href="/tokens/${serial}"`);
      }
      expect((await get("/search?q=martin", session)).body).not.toContain(`href="/tokens/${serial}"`);
      expect((await get("/search?q=guignol&kind=tokens", session)).body).not.toContain("/tokens/");
    });

    test("says what can be searched for when nothing was found, and only then", async () => {
      const session = await signIn(rows.officers.helpdesk);
      const none = await get("/search?q=nobody-has-this", session);
      for (const text of ["On peut chercher", "une organisation, par son nom", "un jeton, par son numéro de série"])
        expect(none.body).toContain(text);
      expect((await get("/search?q=nobody-has-this&lang=en", session)).statusCode).toBe(303);
      expect((await get("/search?q=nobody-has-this", session, "en")).body).toContain("What can be searched for");
      expect((await get("/search?q=martin", session)).body).not.toContain("On peut chercher");
    });
  });
});
