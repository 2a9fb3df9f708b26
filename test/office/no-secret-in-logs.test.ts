// A whole run of an office at its most talkative, as processes: first start, invitations, enrolment, sign-in, revocation, backup, what is wrong, what
// nobody expected. All that the server and the commands wrote is searched for every secret that was used; and so is the database.
//
// Where a secret is told on purpose, it is told once and to whoever asked: the first officer's code, an invitation's, the sign-in link, as JSON on standard
// output. These fields are taken out; mails are not searched.

import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StateFolder } from "../../cli/state-folder.ts";
import { type Child, startChild } from "../../cli/tour/children.ts";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { TABLES } from "../../office/backup/tables.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { openPostgres, type Store } from "../../office/store/store.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { OfficerClient, openLink, postJson, revokeOnPage } from "../support/officer-client.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { type Outcome, SCEAU, sceau } from "../support/run.ts";
import { leaks } from "../support/secret-leaks.ts";
import * as simulated from "../support/simulated-token.ts";

const LIMIT_MS = 180_000;
/** What is told on purpose. */
const TOLD_ON_PURPOSE = ["code", "link"];
const CODE = /^[\w-]{43}$/;

const digits = (count: number): string => Array.from({ length: count }, () => randomInt(1, 10)).join("");
const password = randomBytes(18).toString("hex");
const pin = digits(8);
const wrongPin = digits(8);
const backupPassphrase = `une phrase ${randomBytes(12).toString("hex")} & d'autres`;

let folder: string;
let postgres: RunningPostgres;
let root: AttestationRoot;
const secrets = new Map<string, string>([
  ["the database's password", password],
  ["a PIN", pin],
  ["a wrong PIN", wrongPin],
  ["the simulated officers' PIN", simulated.PIN],
  ["the simulated officers' PUK", simulated.PUK],
  ["the simulated officers' management key", simulated.MANAGEMENT_KEY],
  ["a backup's passphrase", backupPassphrase],
]);
/** Everything that was written, by whom. */
const written: string[] = [];
const offices: OfficeProcess[] = [];
/** Of each state folder: that of its certificates' addresses. */
const ports = new Map<string, number>();

const secret = (what: string, value: string): string => {
  expect(value.length, what).toBeGreaterThanOrEqual(8);
  secrets.set(what, value);
  return value;
};

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};

function withoutTold(text: string): string {
  return text
    .split("\n")
    .map((line) => {
      if (!line.startsWith("{")) return line;
      const told = JSON.parse(line) as Record<string, unknown>;
      for (const field of TOLD_ON_PURPOSE) delete told[field];
      return JSON.stringify(told);
    })
    .join("\n");
}

/** A command, by its words; what it writes is kept. */
function command(state: string, env: NodeJS.ProcessEnv, ...words: string[]): Outcome {
  const outcome = sceau([...words, "--state", state], { env });
  written.push(withoutTold(outcome.stdout), outcome.stderr);
  return outcome;
}

const told = <T>({ stdout }: Outcome): T => JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;

async function withPassword(): Promise<string> {
  return (await postgres.newDatabase()).replace("sceau@", `sceau:${password}@`);
}

async function start(state: string, database: string, isDemo: boolean): Promise<OfficeProcess> {
  const port = ports.get(state) ?? (await freePort());
  ports.set(state, port);
  const office = await OfficeProcess.start({ state, port, isDemo, env: { DATABASE_URL: database } });
  offices.push(office);
  for (const event of office.told.values()) written.push(withoutTold(JSON.stringify(event)));
  return office;
}

/** As no client of ours would. @param text on the wire */
async function sendRaw(url: string, text: string): Promise<void> {
  const socket = createConnection({ host: "127.0.0.1", port: Number(new URL(url).port) });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => resolve());
    socket.once("connect", () => socket.end(text));
    socket.resume();
  });
}

/** A secret in every place of a request, right and wrong. */
async function sendEverywhere(url: string, value: string): Promise<void> {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const json = { "content-type": "application/json" };
  const requests: [string, RequestInit][] = [
    [`/sign-in/${value}`, {}],
    [`/sign-in/${value}?again=${value}`, { method: "POST", headers: { origin: url } }],
    [`/sign-in/${value}`, { method: "POST", headers: { origin: "https://elsewhere.example" } }],
    [`/${value}`, {}],
    [`/api/${value}`, { method: "PUT", headers: json, body: JSON.stringify({ value }) }],
    [`/api/enrol/check?code=${value}`, { method: "POST", headers: json, body: `{"code":"${value}"` }],
    ["/api/enrol/check", { method: "POST", headers: json, body: JSON.stringify({ code: value, more: value }) }],
    ["/api/enrol/begin", { method: "POST", headers: json, body: JSON.stringify({ code: value, attestation: value, issuer: value }) }],
    [
      "/api/sign-in/answer",
      { method: "POST", headers: json, body: JSON.stringify({ challenge: value, publicKey: value, signature: value }) },
    ],
    [
      "/search",
      { headers: { cookie: `session=${value}`, "user-agent": value, referer: `${url}/sign-in/${value}`, "x-request-id": value } },
    ],
    [`/search?q=${value}&kind=${value}`, { headers: { authorization: `Bearer ${value}`, "accept-language": value } }],
    [
      "/officers/invite",
      { method: "POST", headers: { ...form, origin: url, cookie: `session=${value}` }, body: `csrf=${value}&email=${value}` },
    ],
    [`/ocsp/issuing/${value}`, {}],
    [`/crl/${value}.crl`, {}],
    ["/sign-out", { method: "POST", headers: { ...form, origin: url }, body: `${value}=${"x".repeat(70_000)}` }],
  ];
  for (const [path, options] of requests) {
    const answer = await fetch(`${url}${path}`, { ...options, redirect: "manual" });
    expect(answer.status, path.replace(value, "…")).toBeLessThan(500);
    await answer.arrayBuffer();
  }
  await sendRaw(url, `GET /%ff${value} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  await sendRaw(url, `${value} is no request\r\n\r\n`);
  await sendRaw(url, `GET /search HTTP/1.1\r\nhost: a\r\n${value}: \u0001\r\n\r\n`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-quiet-"));
  postgres = await startPostgres();
  root = await createRoot(join(folder, "factory"), "test", new Date());
}, OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("an office", () => {
  test(
    "started for the first time, used, stopped, and started again",
    async () => {
      const state = join(folder, "a");
      const database = await withPassword();
      const env = { DATABASE_URL: database };
      const office = await start(state, database, false);
      const { url } = office.ready;
      const code = secret("the first officer's code", office.told.get("first-officer")?.code ?? "");
      const invite = ["--email", "zoe@example.org", "--given-name", "Zoé", "--surname", "Brontë", "--role", "issuer"];
      const invited = told<{ code: string }>(command(state, env, "office", "officer", "invite", ...invite, "--json"));
      secret("an invitation's code", invited.code);
      await sendEverywhere(url, code);
      const officer = await OfficerClient.withToken(url, 71_000_001, root);
      expect((await postJson(`${url}/api/enrol/begin`, { code, ...(await officer.evidence()) })).status).toBe(422);
      const [passphrase, backup] = [file("backup.txt", `${backupPassphrase}\n`), join(folder, "a.sceau")];
      expect(command(state, env, "office", "backup", backup, "--passphrase-file", passphrase).status).toBe(0);
      const wrong = file("wrong.txt", `${secret("a wrong passphrase", `falsch ${randomBytes(9).toString("hex")}`)}\n`);
      const elsewhere = { DATABASE_URL: await withPassword() };
      expect(command(join(folder, "c"), elsewhere, "office", "restore", backup, "--passphrase-file", wrong, "--json").status).not.toBe(0);
      expect(command(join(folder, "c"), elsewhere, "office", "restore", backup, "--passphrase-file", passphrase).status).toBe(0);
      for (const words of [["status"], ["officer", "list"], ["audit", "--verify"]]) command(state, env, "office", ...words);
      expect(await office.stop()).toBe(0);
      const again = await start(state, database, false);
      expect(again.told.has("first-officer")).toBe(false);
      await again.stop();
      const { rootKey } = office.told.get("authority") as unknown as { rootKey: string };
      secret("the root key's passphrase", readFileSync(`${rootKey}.passphrase`, "utf8").trim());
      secret("the CA's passphrase", readFileSync(join(state, "ca", "passphrase"), "utf8").trim());
      secret("the audit key's passphrase", readFileSync(join(state, "office", "audit.passphrase"), "utf8").trim());
      // A line in the middle of each private key.
      for (const key of [rootKey, join(state, "ca", "ocsp.key"), join(state, "office", "audit.key")])
        secret(`the key in ${key.slice(-12)}`, readFileSync(key, "utf8").split("\n")[2] ?? "");
      // A database that does not answer, and one that is no address.
      for (const bad of [`postgres://sceau:${password}@127.0.0.1:1/office`, `postgres://sceau:${password}@[bad/office`])
        expect(command(join(folder, "d"), { DATABASE_URL: bad }, "office", "--log", "info").status).toBe(5);
    },
    3 * OFFICE_START_LIMIT_MS,
  );

  describe("with officers", () => {
    let state: StateFolder;
    let database: string;
    let office: OfficeProcess;
    let store: Store;
    let sim: Child;

    beforeAll(async () => {
      state = new StateFolder(join(folder, "b"), {});
      database = await withPassword();
      office = await start(state.root, database, true);
      store = await openPostgres(database);
      mkdirSync(join(state.root, "office-demo", "trust"), { recursive: true });
      writeFileSync(join(state.root, "office-demo", "trust", "test.pem"), root.certificate.toString("pem"));
      sim = await startChild(state, ["sim", "mine"], ["plugged-in"], { program: SCEAU });
      file("pin.txt", `${pin}\n`);
      file("wrong-pin.txt", `${wrongPin}\n`);
    }, OFFICE_START_LIMIT_MS);

    afterAll(async () => {
      await sim.stop();
      await store.close();
      await office.stop();
    });

    const run = (...words: string[]): Outcome => command(state.root, { DATABASE_URL: database }, ...words);
    const codeFor = (name: string, role: string): string => {
      const names = ["--email", `${name}@example.org`, "--given-name", name, "--surname", "Essai", "--role", role];
      const { code } = told<{ code: string }>(run("office", "--demo", "officer", "invite", ...names, "--json"));
      return secret(`${name}'s code`, code);
    };

    test(
      "by the commands: a token, an enrolment, a sign-in, wrong PINs",
      () => {
        const pins = ["--pin-file", join(folder, "pin.txt")];
        expect(run("token", "init", ...pins).status).toBe(0);
        const kept = readdirSync(join(state.root, "secrets")).map((name) => readFileSync(join(state.root, "secrets", name), "utf8"));
        expect(kept.length).toBeGreaterThan(5); // the demonstration's, too
        for (const [index, text] of kept.entries()) {
          const { puk, managementKey } = JSON.parse(text) as { puk: string; managementKey: string };
          secret(`PUK ${index}`, puk);
          secret(`management key ${index}`, managementKey);
        }
        const code = file("code.txt", `${codeFor("ada", "issuer")}\n`);
        const enrol = ["office", "enrol", office.ready.url, "--code-file", code];
        expect(run(...enrol, "--pin-file", join(folder, "wrong-pin.txt"), "--json").status).not.toBe(0);
        expect(run(...enrol, ...pins).status).toBe(0);
        expect(run(...enrol, ...pins, "--replace").status).not.toBe(0);
        expect(run("office", "sign-in", office.ready.url, "--pin-file", join(folder, "wrong-pin.txt")).status).not.toBe(0);
        const { link } = told<{ link: string }>(run("office", "sign-in", office.ready.url, ...pins, "--json"));
        secret("a sign-in link", link.split("/").at(-1) ?? "");
      },
      LIMIT_MS,
    );

    test(
      "by HTTP: enrolment, sign-in, a revocation, what is wrong, and what nobody expected",
      async () => {
        const { url } = office.ready;
        const code = codeFor("bob", "issuer");
        const officer = await OfficerClient.withToken(url, 71_000_002, root);
        const begun = await postJson(`${url}/api/enrol/begin`, { code, ...(await officer.evidence()) });
        secret("a challenge for a certificate", begun.body.challenge);
        const order = await officer.order(code);
        const { body: issued } = await officer.finish(order);
        expect((await officer.prove(issued)).status).toBe(200);
        expect((await officer.prove({ ...issued, id: "0f9d2c1e-0000-4000-8000-000000000000" })).status).toBe(404);
        const { body } = await postJson(`${url}/api/sign-in/challenge`, {});
        await sendEverywhere(url, secret("a sign-in challenge", body.challenge));
        const link = await officer.signInLink();
        const inLink = secret("another sign-in link", link.split("/").at(-1) ?? "");
        const session = await openLink(url, link);
        await sendEverywhere(url, inLink);
        const cookie = secret("a session's cookie", session.secret);
        const csrf = secret("a form's token", csrfToken(session.secret));
        await sendEverywhere(url, cookie);
        await sendEverywhere(url, csrf);
        const victim = { id: issued.id as string, serialNumber: issued.serialNumber as string };
        const break_ = async (table: string, work: () => Promise<number>): Promise<void> => {
          await store.db.execute(sql`alter table ${sql.identifier(table)} rename to gone`);
          expect(await work(), table).toBe(500);
          await store.db.execute(sql`alter table gone rename to ${sql.identifier(table)}`);
        };
        const status = async (path: string, options: RequestInit): Promise<number> =>
          (await fetch(`${url}${path}`, { ...options, redirect: "manual" })).status;
        const form = { "content-type": "application/x-www-form-urlencoded", origin: url, cookie: session.cookie };
        const last = codeFor("eve", "helpdesk");
        await break_("officer_sessions", () => status("/search", { headers: { cookie: session.cookie } }));
        await break_("one_time_links", () => status(`/sign-in/${inLink}`, { method: "POST", headers: { origin: url } }));
        await break_("one_time_links", async () => (await postJson(`${url}/api/enrol/check`, { code: last })).status);
        await break_("sign_in_challenges", async () => (await postJson(`${url}/api/sign-in/challenge`, {})).status);
        const revocation = new URLSearchParams({ csrf, reason: "key-compromise", confirmation: victim.serialNumber.slice(-8) });
        await break_("revocations", () =>
          status(`/certificates/${victim.id}/revoke`, { method: "POST", headers: form, body: revocation.toString() }),
        );
        await break_("limits", async () => (await postJson(`${url}/api/enrol/check`, { code: last })).status);
        await revokeOnPage(url, session, victim, "key-compromise");
        await status("/sign-out", { method: "POST", headers: form, body: `csrf=${csrf}` });
      },
      LIMIT_MS,
    );

    test(
      "with a passphrase that does not open the CA's key",
      async () => {
        const session = await (await enrolled("carl")).signIn();
        secret("carl's cookie", session.secret);
        const path = join(state.root, "office-demo", "ca", "passphrase");
        const right = secret("the demonstration's passphrase", readFileSync(path, "utf8").trim());
        await office.stop();
        writeFileSync(path, `${secret("a wrong passphrase of the CA", randomBytes(30).toString("base64url"))}\n`);
        // A certificate that was issued before is to be revoked: a list has to be signed.
        office = await start(state.root, database, true);
        const { rows } = await store.db.execute<{ id: string; serialNumber: string }>(
          sql`select id, serial_number as "serialNumber" from certificates where state = 'active' limit 1`,
        );
        const [victim] = rows;
        if (victim === undefined) throw new Error("nothing to revoke");
        await expect(revokeOnPage(office.ready.url, session, victim, "wrong-name")).rejects.toThrow("500");
        await office.stop();
        writeFileSync(path, `${right}\n`);
        office = await start(state.root, database, true);
      },
      3 * OFFICE_START_LIMIT_MS,
    );

    async function enrolled(name: string): Promise<OfficerClient> {
      const officer = await OfficerClient.withToken(office.ready.url, 71_000_003, root);
      const { body } = await officer.finish(await officer.order(codeFor(name, "issuer")));
      await officer.prove(body);
      return officer;
    }

    test("the database has none of them", async () => {
      const inAnyWay = new Map(secrets);
      for (const what of ["the simulated officers' PIN", "a PIN", "a wrong PIN"]) inAnyWay.delete(what); // eight digits are in many a number
      for (const table of TABLES) {
        const { rows } = await store.db.execute<{ row: string }>(sql`select to_jsonb(t)::text as row from ${sql.identifier(table)} t`);
        const text = rows.map(({ row }) => row).join("\n");
        expect(leaks(text, inAnyWay), table).toEqual([]);
      }
    });
  });

  test("has written none of its secrets, and neither have the commands", () => {
    const log = offices.map((office) => office.log).join("");
    const all = [...written, log].join("\n");
    // It was talkative, and it did all of that.
    for (const route of ["/sign-in/:link", "/api/enrol/begin", "/api/enrol/finish", "/api/sign-in/answer", "/certificates/:id/revoke"])
      expect(log).toContain(`"route":"${route}"`);
    expect(log.match(/"unexpected error"/g)?.length).toBeGreaterThanOrEqual(7);
    expect([...secrets.values()].filter((value) => CODE.test(value)).length).toBeGreaterThan(12);
    expect(leaks(all, secrets)).toEqual([]);
    // A mail is not a log; nothing else of it is in one either.
    expect(all).not.toMatch(/BEGIN (?:EC |ENCRYPTED )?PRIVATE KEY/);
  });

  test("would be found out, in whatever form it wrote one", () => {
    for (const [what, value] of secrets) {
      const bytes = Buffer.from(value);
      const forms = [
        value,
        `/sign-in/${value}?`,
        `"${value}"`,
        JSON.stringify([...bytes]),
        bytes.toString("base64"),
        bytes.toString("hex"),
      ];
      if (CODE.test(value)) forms.push(Buffer.from(value, "base64url").toString("base64"), Buffer.from(value, "base64url").toString("hex"));
      for (const form of forms) expect(leaks(`{"level":30,"x":${form}}`, secrets), `${what}: ${form}`).not.toEqual([]);
    }
    expect(leaks(`{"time":"2026-11-22T14:30:00.${pin}12Z"}`, new Map([["a PIN", pin]]))).toEqual([]);
  });
});
