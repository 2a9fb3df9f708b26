// Signing in with the certificate of the token's AUTH key, proved by TLS itself.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { eq } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { enrolOfficer } from "../../office/registration/officers.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { auditEvents, issuers } from "../../office/store/schema.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa } from "../support/office-rows.ts";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { type Issued, intermediateCa, issue, keyPem, pem, rootCa, YEAR_2035 } from "../support/test-certificates.ts";
import { testSealing } from "../support/test-sealing.ts";

const ORIGIN = "https://office.test";
const LOOK_EVERY_MS = 100;
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

let bench: TestStore;
let rows: OfficeRows;
let app: FastifyInstance;
let server: Issued;

beforeAll(async () => {
  bench = await openTestStore("postgresql");
  rows = await fillOffice(bench.store);
  server = await issue({ name: "CN=office.test" });
  app = await createOfficeServer({
    store: bench.store,
    clock: { now: () => ROWS_START },
    publicUrl: ORIGIN,
    revoking: revokingWithoutCa(bench.store, () => ROWS_START),
    auditKey: newKey().publicKey,
    sealing: testSealing,
    ocspKey: ocspKey(newKey().privateKey),
    tls: { key: keyPem(server), cert: pem(server.der), clientCas: [pem(rows.root.der)], lookEveryMs: LOOK_EVERY_MS },
    logLevel: "silent",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
}, STORE_START_LIMIT_MS + 60_000);

afterAll(async () => {
  await app.close();
  await bench.close();
});

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** @param client absent: the browser has no certificate */
async function ask(
  method: string,
  path: string,
  client?: Issued,
  headers: Record<string, string> = {},
  issuing = rows.issuing,
): Promise<Answered> {
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const identity = client && { key: keyPem(client), cert: `${pem(client.der)}${pem(issuing.der)}` };
  const options = { host: "127.0.0.1", port: address.port, servername: "office.test", ca: pem(server.der), method, path, agent: false };
  const sent = request({ ...options, ...identity, headers, checkServerIdentity: () => undefined });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let body = "";
  for await (const part of response) body += String(part);
  return { status: response.statusCode, headers: response.headers, body };
}

const signIn = (client?: Issued, origin = ORIGIN): Promise<Answered> => ask("POST", "/sign-in/certificate", client, { origin });

async function enrolledCertificate(issuer: Issued, notAfter = YEAR_2035): Promise<Issued> {
  const client = await issue({ name: "CN=Camille", issuer, notAfter });
  const publicKey = new Uint8Array(client.certificate.publicKey.export({ format: "der", type: "spki" }));
  const acting = { actor: "system", now: ROWS_START };
  await bench.store.transaction((tx) => enrolOfficer(tx, rows.officers.all.id, publicKey, acting));
  return client;
}

test("the certificate of an enrolled key opens a session, kept in a __Host- cookie", async () => {
  const client = await enrolledCertificate(rows.issuing);
  const { status, headers } = await signIn(client);
  expect([status, headers.location]).toEqual([303, "/search"]);
  const [cookie = ""] = headers["set-cookie"] ?? [];
  expect(cookie).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  const page = await ask("GET", "/search", undefined, { cookie: cookie.split(";")[0] ?? "" });
  expect([page.status, page.body.includes("Camille Dupont")]).toEqual([200, true]);
});

test("no certificate, one of another key, one that another CA issued, another site's form: nobody is signed in", async () => {
  const page = await ask("GET", "/sign-in");
  expect(page.body).toContain('action="/sign-in/certificate"');
  expect((await signIn()).status).toBe(401);
  expect((await signIn(await issue({ name: "CN=Stranger", issuer: rows.issuing }))).status).toBe(401);
  const foreign = await enrolledCertificate(await rootCa("CN=Another root"));
  expect((await signIn(foreign)).status).toBe(401);
  const own = await enrolledCertificate(rows.issuing);
  expect((await signIn(own, "https://elsewhere.example")).status).toBe(403);
  expect((await signIn(own)).status).toBe(303);
});

test("after a ceremony the certificates of the new CA sign in without a restart, and those of the former one still do", async () => {
  const another = await rootCa("CN=Root of the ceremony");
  const fresh = await intermediateCa(another, 0, "CN=Issuing CA of the ceremony");
  const [former, latter] = [await enrolledCertificate(rows.issuing), await issue({ name: "CN=Camille", issuer: fresh })];
  const publicKey = new Uint8Array(latter.certificate.publicKey.export({ format: "der", type: "spki" }));
  await bench.store.transaction((tx) => enrolOfficer(tx, rows.officers.second.id, publicKey, { actor: "system", now: ROWS_START }));
  const signInFresh = () => ask("POST", "/sign-in/certificate", latter, { origin: ORIGIN }, fresh);
  expect((await signInFresh()).status).toBe(401);
  const values = { isOnline: true, isCurrent: false, crlNumber: 0 };
  await bench.store.db.insert(issuers).values([
    { ...values, name: "root-9", certificate: another.der },
    { ...values, name: "issuing-9", certificate: fresh.der },
  ]);
  await vi.waitFor(async () => expect((await signInFresh()).status).toBe(303), { timeout: 5000, interval: LOOK_EVERY_MS });
  expect((await signIn(former)).status).toBe(303);
  expect((await signIn(await enrolledCertificate(await rootCa("CN=Another root")))).status).toBe(401);
});

const refusals = async (): Promise<unknown[]> => {
  const rows = await bench.store.db.select().from(auditEvents).where(eq(auditEvents.action, "officer.sign-in-refused"));
  return rows.map(({ actor, subject, details }) => [actor, subject, details]);
};

test("an officer's key in a certificate that is over, or of another authority, is told in the audit trail; a stranger's is not", async () => {
  const before = (await refusals()).length;
  await signIn(await issue({ name: "CN=Stranger", issuer: await rootCa("CN=Yet another root") }));
  expect(await refusals()).toHaveLength(before);
  const over = await enrolledCertificate(rows.issuing, new Date("2026-01-02T00:00:00Z"));
  expect((await signIn(over)).status).toBe(401);
  const officer = `officer:${rows.officers.all.id}`;
  expect((await refusals()).at(-1)).toEqual([officer, officer, { reason: "certificate", how: "tls", from: "127.0.0.1" }]);
});

test("an officer who comes when the tries are used up is told in the audit trail", async () => {
  const own = await enrolledCertificate(rows.issuing);
  for (let i = 0; i < 60; i++) await signIn();
  expect((await signIn(own)).status).toBe(429);
  const officer = `officer:${rows.officers.all.id}`;
  expect((await refusals()).at(-1)).toEqual([officer, officer, { reason: "limit", how: "tls", from: "127.0.0.1" }]);
});
