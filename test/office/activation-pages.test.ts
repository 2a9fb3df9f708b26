// Activation's pages as a browser asks for them: the holder's number and answers, the desk, and two officers who let out a token's secrets. What is
// handed to the agent is taken over HTTP as the agent does, and leads to an active certificate.

import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { activateToken } from "../../host-bridge/activation/activate-token.ts";
import { takeRequest } from "../../host-bridge/agent/request/taken-request.ts";
import { ActivationOverHttp } from "../../host-bridge/office-client/activation-over-http.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import type { NewSecrets } from "../../host-bridge/token/initialise.ts";
import type { Officer } from "../../office/registration/officers.ts";
import type { Role } from "../../office/registration/roles.ts";
import { activations, tokenSecrets } from "../../office/store/application-schema.ts";
import { auditEvents, tokens } from "../../office/store/schema.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import { type ActivationBench, ANSWERS_TYPED, type Applicant, WRONG_ANSWERS } from "../support/activation-bench.ts";
import { type ActivationOffice, openActivationOffice } from "../support/activation-office.ts";
import { STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { type OfficerCookie, officerCookie } from "../support/officer-cookie.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK } from "../support/simulated-token.ts";

const MINUTE_MS = 60_000;
const LANGUAGES = ["fr", "en"] as const;
const REASON = "The holder is here, and has forgotten the PIN.";

let office: ActivationOffice;
let bench: ActivationBench;

beforeAll(async () => {
  office = await openActivationOffice("pglite");
  bench = office.bench;
}, STORE_START_LIMIT_MS);

afterAll(() => office.close());

beforeEach(() => bench.issuance.later(11 * MINUTE_MS)); // new limits

/** Numbers, sessions and requests that were given out. */
const given: string[] = [];

async function approved(): Promise<Applicant> {
  const who = await bench.approved();
  given.push(who.reference, who.reference.replaceAll("-", ""));
  return who;
}

interface Asked {
  readonly cookie?: string;
  readonly language?: string;
}

interface Page {
  readonly status: number;
  readonly text: string;
  readonly location: string;
}

async function ask(path: string, init: RequestInit, { cookie = "", language = "fr" }: Asked): Promise<Page> {
  const headers = { ...(init.headers as Record<string, string>), cookie, "accept-language": language, origin: office.url };
  const answer = await fetch(`${office.url}${path}`, { ...init, headers, redirect: "manual" });
  return { status: answer.status, text: await answer.text(), location: answer.headers.get("location") ?? "" };
}

const get = (path: string, asked: Asked = {}): Promise<Page> => ask(path, {}, asked);

function post(
  path: string,
  fields: Readonly<Record<string, string>>,
  { csrf, ...asked }: Asked & { readonly csrf?: string } = {},
): Promise<Page> {
  const body = new URLSearchParams({ ...fields, ...(csrf !== undefined && { csrf }) }).toString();
  return ask(path, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body }, asked);
}

/** The number of the request in the link to the agent. */
function requestIn({ text }: Page): string {
  const link = /href="(http:\/\/127\.0\.0\.1:8757\/request\?[^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const parameters = new URL(link).searchParams;
  expect(parameters.get("office")).toBe(office.url);
  return parameters.get("id") ?? "";
}

async function signedIn(roles: readonly Role[], names = {}): Promise<OfficerCookie & { readonly officer: Officer }> {
  const officer = await bench.officer(roles, names);
  return { officer, ...(await officerCookie(bench.store, officer.id, bench.issuance.now)) };
}

/** As the agent goes on with what it took. @returns where the browser goes then */
async function activateBy(
  requestId: string,
  kind: "activate" | "provision",
): Promise<{ readonly returnTo: string; readonly serial: string }> {
  const taken = await takeRequest(office.url, requestId);
  if (taken.kind !== kind) throw new Error(`another kind: ${taken.kind}`);
  given.push(requestId, taken.session);
  const { token, serial } = await bench.blankToken();
  let kept: NewSecrets | null = null;
  const client = token.client();
  await activateToken({
    client,
    office: new ActivationOverHttp(new OfficeHttp(office.url), taken.session),
    secrets: {
      find: () => (kept === null ? null : { ...kept, offices: [] }),
      entrust: () => {},
      keep: () => {
        kept = { puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "the test" };
        return kept;
      },
    },
    certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
    pin: async () => ascii(PIN),
    mayEntrust: async () => true,
    onStep: () => {},
    onButton: () => {},
  });
  client.close();
  return { returnTo: taken.returnTo, serial };
}

const stateOf = async ({ dossierId }: Applicant) => (await bench.dossier(dossierId)).state;

describe.each(LANGUAGES)("the holder, %s", (language) => {
  const by = { language };

  test("S15: number, three answers, on to the agent; its request is taken once, and the certificate is active", async () => {
    const who = await approved();
    expect((await get("/activate", by)).text).toContain('aria-current="step"');
    const questions = await post("/activate", { reference: who.reference.toLowerCase() }, by);
    expect(questions.status).toBe(200);
    for (const name of Object.keys(ANSWERS_TYPED)) expect(questions.text).toContain(`name="${name}"`);
    const handed = await post("/activate/answers", { reference: who.reference, ...ANSWERS_TYPED }, by);
    expect(handed.status).toBe(200);
    expect(handed.text).toContain(`<code class="command">sceau activate --office ${office.url}</code>`);
    expect(handed.text).toContain(`<code>${who.reference}</code>`);
    for (const answer of Object.values(ANSWERS_TYPED)) expect(handed.text).not.toContain(answer);
    const requestId = requestIn(handed);
    // The same in the other language, by a form.
    const other = await post(
      "/activate/agent",
      { request: requestId, reference: who.reference, lang: language === "fr" ? "en" : "fr" },
      by,
    );
    expect(requestIn(other)).toBe(requestId);
    const { returnTo } = await activateBy(requestId, "activate");
    expect(await stateOf(who)).toBe("active");
    await expect(takeRequest(office.url, requestId)).rejects.toMatchObject({ refusal: "taken" });
    const after = await get(returnTo.slice(office.url.length), by);
    expect(after).toMatchObject({ status: 200 });
    expect(after.text).toContain(language === "fr" ? "Votre certificat est actif" : "Your certificate is active");
    expect(after.text).not.toContain("Morel");
    expect((await post("/activate", { reference: who.reference }, by)).text).toContain(language === "fr" ? "déjà servi" : "was used");
  });

  test("wrong answers to the limit: what was typed is kept, the tries are told, then it is locked", async () => {
    const who = await approved();
    const answer = () => post("/activate/answers", { reference: who.reference, ...WRONG_ANSWERS }, by);
    const first = await answer();
    expect(first.status).toBe(422);
    expect(first.text).toContain("04 12 34 56 79");
    expect(first.text).toContain(language === "fr" ? "Il reste 4 essais" : "4 tries are left");
    for (let i = 0; i < 3; i++) await answer();
    const last = await answer();
    expect(last.status).toBe(422);
    expect(last.text).toContain(language === "fr" ? "bloquée après cinq réponses fausses" : "locked after five wrong answers");
    const right = await post("/activate/answers", { reference: who.reference, ...ANSWERS_TYPED }, by);
    expect(right.status).toBe(422);
    expect(right.text).not.toContain("127.0.0.1:8757");
  });

  test("what is missing is said field by field, and spends no try", async () => {
    const who = await approved();
    expect((await post("/activate", { reference: " " }, by)).status).toBe(422);
    const missing = await post("/activate/answers", { reference: who.reference, ...ANSWERS_TYPED, "childhood-friend": "" }, by);
    expect(missing.status).toBe(422);
    expect(missing.text).toContain('id="childhood-friend-problem"');
    const open = eq(activations.dossierId, who.dossierId);
    expect(await bench.store.db.select().from(activations).where(open)).toMatchObject([{ failedTries: 0 }]);
  });
});

test("a number that nobody was given, and one whose time is over", async () => {
  const unknown = await post("/activate", { reference: "0000-0000-0000-0000" });
  expect(unknown).toMatchObject({ status: 422 });
  expect(unknown.text).toContain("Ce numéro de référence n&#39;est pas connu");
  expect((await get("/activate/after/11111111-1111-4111-8111-111111111111")).status).toBe(404);
  expect((await post("/activate/agent", { request: "x", reference: "y" })).status).toBe(404);
});

test("a form of another site opens nothing", async () => {
  const who = await approved();
  const body = new URLSearchParams({ reference: who.reference, ...ANSWERS_TYPED });
  const answer = await fetch(`${office.url}/activate/answers`, { method: "POST", body, headers: { origin: "https://elsewhere.example" } });
  expect(answer.status).toBe(403);
});

test("the desk: who waits, one page, and the person's token is activated; by officers who may", async () => {
  const who = await approved();
  const issuer = await signedIn(["issuer"]);
  expect((await get("/desk")).status).toBe(401);
  const verifier = await signedIn(["verifier", "approver"]);
  expect((await get("/desk", verifier)).status).toBe(403);
  expect((await post(`/desk/${who.dossierId}`, { confirmation: "yes" }, verifier)).status).toBe(403);
  const list = await get("/desk", issuer);
  expect(list.text).toContain(`/desk/${who.dossierId}`);
  expect((await get(`/desk/${who.dossierId}`, issuer)).status).toBe(200);
  const unconfirmed = await post(`/desk/${who.dossierId}`, {}, issuer);
  expect(unconfirmed.status).toBe(422);
  expect((await post(`/desk/${who.dossierId}`, { confirmation: "yes" }, { cookie: issuer.cookie })).status).toBe(403);
  const handed = await post(`/desk/${who.dossierId}`, { confirmation: "yes" }, issuer);
  expect(handed.status).toBe(200);
  const { returnTo, serial } = await activateBy(requestIn(handed), "provision");
  expect(await stateOf(who)).toBe("active");
  expect((await get(returnTo.slice(office.url.length), { language: "en" })).text).toContain('href="/desk"');
  const opened = and(eq(auditEvents.actor, `officer:${issuer.officer.id}`), eq(auditEvents.action, "activation.open"));
  expect(await bench.store.db.select().from(auditEvents).where(opened)).toHaveLength(1);
  expect(await bench.store.db.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, serial))).toMatchObject([
    { storedBy: `officer:${issuer.officer.id}` },
  ]);
  expect((await post(`/desk/${who.dossierId}`, { confirmation: "yes" }, issuer)).status).toBe(409);
});

test("nobody provisions their own dossier", async () => {
  const who = await approved();
  const { givenName, surname } = await bench.dossier(who.dossierId);
  const themselves = await signedIn(["issuer"], { givenName, surname });
  const answer = await post(`/desk/${who.dossierId}`, { confirmation: "yes" }, themselves);
  expect(answer.status).toBe(409);
  expect(answer.text).toContain("votre propre dossier");
});

test("a token's secrets: asked with a reason, agreed by another, shown once to the one who asked", async () => {
  const who = await approved();
  const [asking, agreeing, helpdesk] = [await signedIn(["issuer"]), await signedIn(["issuer"]), await signedIn(["helpdesk", "verifier"])];
  const { serial } = await activateBy(requestIn(await post(`/desk/${who.dossierId}`, { confirmation: "yes" }, asking)), "provision");
  const ask = `/tokens/${serial}/secrets`;
  expect((await get(`/tokens/${serial}`, asking)).text).toContain(ask);
  expect((await get(`/tokens/${serial}`, helpdesk)).text).not.toContain(ask);
  expect((await get(ask, helpdesk)).status).toBe(403);
  expect((await get("/token-secrets", helpdesk)).status).toBe(403);
  const short = await post(ask, { reason: "because" }, asking);
  expect(short.status).toBe(422);
  expect(short.text).toContain("because");
  const asked = await post(ask, { reason: REASON }, asking);
  expect(asked.status).toBe(303);
  const address = asked.location.split("?")[0] ?? "";
  expect((await post(ask, { reason: REASON }, agreeing)).status).toBe(409);
  for (const text of [(await get(asked.location, asking)).text, (await get("/token-secrets", agreeing)).text]) {
    expect(text).toContain(REASON);
    expect(text).not.toContain(PUK);
  }
  expect((await post(`${address}/agree`, {}, asking)).status).toBe(409);
  expect((await post(`${address}/show`, {}, asking)).status).toBe(409);
  expect((await post(`${address}/agree`, {}, helpdesk)).status).toBe(403);
  expect((await post(`${address}/agree`, {}, agreeing)).location).toBe(`${address}?done=agree`);
  expect((await post(`${address}/show`, {}, agreeing)).status).toBe(409);
  const shown = await post(`${address}/show`, {}, asking);
  expect(shown.status).toBe(200);
  expect([shown.text.includes(PUK), shown.text.replace(/<[^>]*>/g, "").includes(MANAGEMENT_KEY)]).toEqual([true, true]);
  const again = await post(`${address}/show`, {}, asking);
  expect(again.status).toBe(409);
  expect(again.text).not.toContain(PUK);
  expect((await get(`${address}/show`, asking)).location).toBe(address);
  // Another office's officer sees nothing of it.
  await bench.store.db
    .update(tokens)
    .set({ officeId: await bench.otherOffice() })
    .where(eq(tokens.serial, serial));
  expect((await get(address, asking)).status).toBe(404);
  expect((await post(`${address}/show`, {}, asking)).status).toBe(404);
});

test("an officer signs in by the agent: the request says no more than that", async () => {
  expect((await get("/sign-in")).text).toContain('action="/sign-in/agent"');
  const page = await post("/sign-in/agent", {});
  const requestId = requestIn(page);
  expect(requestIn(await post("/sign-in/agent/shown", { request: requestId, lang: "en" }))).toBe(requestId);
  expect(await takeRequest(office.url, requestId)).toMatchObject({
    kind: "sign-in",
    challenge: null,
    returnTo: `${office.url}/`,
    person: null,
  });
});

test("nothing of it is in the log: no number, no answer, no session, no secret", () => {
  const log = office.log.join("");
  expect(office.log.length).toBeGreaterThan(20);
  expect(given.length).toBeGreaterThan(10);
  for (const secret of [...Object.values(ANSWERS_TYPED), PUK, MANAGEMENT_KEY, ...given]) expect(log).not.toContain(secret);
  expect(office.log.map((line) => JSON.parse(line) as { level: number }).filter(({ level }) => level >= 50)).toEqual([]);
});
