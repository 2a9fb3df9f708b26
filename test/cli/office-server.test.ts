// `sceau office` with nothing configured: first start, second server, ceremonies while it runs, its end, and what it never logs.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { appendAudit } from "../../office/audit/audit-trail.ts";
import { openFolder } from "../../office/store/store.ts";
import { requestBytes } from "../support/certification-requests.ts";
import { Endings } from "../support/endings.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { OfficerClient, postJson } from "../support/officer-client.ts";
import { copyTemplate } from "../support/pglite-template.ts";
import { mustRun, type Outcome, sceau } from "../support/run.ts";

let folder: string;
let state: string;
let port: number;
let office: OfficeProcess;
let log = "";
let firstCode = "";

const command = (...words: string[]): Outcome => sceau(["office", ...words, "--state", state]);
const error = ({ stdout }: Outcome): string => (JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { error: string }).error;
const mode = (path: string): number => statSync(path).mode & 0o777;

const endings = new Endings();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-office-"));
  endings.add(() => rmSync(folder, { recursive: true, force: true }));
  state = join(folder, "state");
  port = await freePort();
  office = await OfficeProcess.start({ state, port, isFromNothing: true });
  endings.add(() => office.stop());
}, OFFICE_START_LIMIT_MS);

afterAll(() => endings.run());

describe("sceau office", () => {
  it("makes folder, database, authority and first officer, and tells the code once", async () => {
    const first = office.told.get("first-officer");
    expect(first).toMatchObject({ url: `http://127.0.0.1:${port}`, code: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
    expect(office.told.get("authority")).toMatchObject({ folder: join(state, "ca") });
    const own = join(state, "office");
    expect([own, join(own, "db"), join(own, "mails")].map(mode)).toEqual([0o700, 0o700, 0o700]);
    expect([join(own, "office.sock"), join(own, "audit.key"), join(own, "audit.passphrase")].map(mode)).toEqual([0o600, 0o600, 0o600]);
    const page = await fetch(`http://127.0.0.1:${port}/ca`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("root.cer")]);
  });

  it("status, officer list and audit --verify ask the running server", () => {
    expect(JSON.parse(command("status", "--json").stdout)).toMatchObject({
      kind: "pglite",
      isDemo: false,
      officers: { invited: 1 },
      jobs: { failing: 0 },
    });
    expect(command("officer", "list").stdout).toMatch(/invited .*First Officer.*administrator@/);
    expect(command("audit", "--verify")).toMatchObject({ status: 0, stdout: expect.stringMatching(/✔ .* \d+ events/) });
  });

  it(
    "a second server of the folder, and one whose port is taken, say so",
    async () => {
      expect(command("--port", String(await freePort()), "--json")).toMatchObject({
        status: 5,
        stdout: expect.stringContaining("folder-in-use"),
      });
      await copyTemplate(join(folder, "other", "office", "db"));
      const other = sceau(["office", "--port", String(port), "--state", join(folder, "other")]);
      expect([other.status, other.stderr]).toEqual([5, expect.stringContaining(`127.0.0.1:${port}`)]);
    },
    OFFICE_START_LIMIT_MS,
  );

  it("a command without a server, or with nonsense, says so", () => {
    expect(error(sceau(["office", "status", "--json", "--state", join(folder, "nobody")]))).toBe("not-running");
    expect(command("--port", "0").status).toBe(2);
    expect(command("--log", "loud").status).toBe(2);
    expect(command("frobnicate").status).toBe(2);
    expect(command("enrol", "http://office.example", "--code-file", "/dev/null", "--json").status).not.toBe(0);
    expect(error(command("sign-in", "http://office.example", "--json"))).toBe("insecure");
    expect(error(command("sign-in", "ftp://office.example", "--json"))).toBe("url");
  });

  it("an invitation by command goes by mail, and a second one replaces the code of the first", async () => {
    const words = ["officer", "invite", "--email", "zoe@example.org", "--json"];
    expect(error(command(...words))).toBe("names");
    const named = [...words, "--given-name", "Zoé", "--surname", "Brontë"];
    expect(error(command(...named))).toBe("roles");
    const first = JSON.parse(command(...named, "--role", "auditor", "helpdesk").stdout) as { code: string };
    const second = JSON.parse(command(...words).stdout) as { code: string };
    const check = (code: string) => postJson(`${office.ready.url}/api/enrol/check`, { code });
    expect((await check(first.code)).body.type).toBe("urn:sceau:office:link-used");
    expect((await check(second.code)).status).toBe(200);
    const mails = join(state, "office", "mails");
    await expect.poll(() => readdirSync(mails).length, { timeout: 20_000 }).toBe(2);
    const texts = readdirSync(mails).map((name) => readFileSync(join(mails, name), "utf8").replaceAll(/=\r?\n/g, ""));
    for (const code of [first.code, second.code]) expect(texts.some((text) => text.includes(code))).toBe(true);
    expect(readdirSync(mails).map((name) => mode(join(mails, name)))).toEqual([0o600, 0o600]);
  });

  it("a simulated token is refused outside a demonstration, whoever vouches for it", async () => {
    const code = office.told.get("first-officer")?.code ?? "";
    const root = await createRoot(join(folder, "factory"), "paris", new Date());
    mkdirSync(join(state, "office", "trust"), { recursive: true });
    writeFileSync(join(state, "office", "trust", "paris.pem"), root.certificate.toString("pem"));
    const officer = await OfficerClient.withToken(office.ready.url, 40_000_001, root);
    const { status, body } = await postJson(`${office.ready.url}/api/enrol/begin`, { code, ...(await officer.evidence()) });
    expect([status, body.type]).toEqual([422, "urn:sceau:issuance:simulated"]);
    const stranger = await OfficerClient.withToken(
      office.ready.url,
      40_000_002,
      await createRoot(join(folder, "elsewhere"), "lyon", new Date()),
    );
    const refused = await postJson(`${office.ready.url}/api/enrol/begin`, { code, ...(await stranger.evidence()) });
    expect([refused.status, refused.body.type]).toEqual([422, "urn:sceau:issuance:untrusted-root"]);
    expect((await postJson(`${office.ready.url}/api/enrol/check`, { code })).status).toBe(200);
  });

  it("what is no request of the enrolment's is a problem document that repeats nothing", async () => {
    const secret = randomBytes(32).toString("base64url");
    const answer = await postJson(`${office.ready.url}/api/enrol/begin`, { code: secret, attestation: "!", issuer: "" });
    expect([answer.status, JSON.stringify(answer.body).includes(secret)]).toEqual([400, false]);
    expect((await postJson(`${office.ready.url}/api/enrol/check`, { code: secret })).body.type).toBe("urn:sceau:office:link-unknown");
    const foreign = await fetch(`${office.ready.url}/api/enrol/check`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "http://evil.example" },
      body: JSON.stringify({ code: secret }),
    });
    expect(foreign.status).toBe(403);
  });

  it("a ceremony is taken over by the server at once; certificates beside it are refused", async () => {
    const rootKey = (office.told.get("authority") as unknown as { rootKey: string }).rootKey;
    const brought = ["--root-key", rootKey, "--root-passphrase-file", `${rootKey}.passphrase`];
    expect(command("ca", "roll-over", ...brought)).toMatchObject({ status: 0, stdout: expect.stringContaining("from now on") });
    const status = JSON.parse(command("status", "--json").stdout) as { issuers: { name: string; isCurrent: boolean }[] };
    expect(status.issuers.filter(({ isCurrent }) => isCurrent).map(({ name }) => name)).toEqual(["issuing-2"]);
    for (const name of ["root.crl", "issuing.crl", "issuing-2.crl"]) {
      const crl = join(folder, name);
      writeFileSync(crl, Buffer.from(await (await fetch(`${office.ready.url}/crl/${name}`)).arrayBuffer()));
      mustRun("openssl", ["crl", "-inform", "DER", "-in", crl, "-noout", "-text"]);
    }
    const [request, leaf] = [join(folder, "request.der"), join(folder, "leaf.pem")];
    writeFileSync(request, await requestBytes());
    const person = ["--given-name", "A", "--surname", "B", "--email", "a@b.example", "--number", "1", "--organisation", "O"];
    expect(error(command("certify", request, ...person, "--out", leaf, "--json"))).toBe("running");
  });

  it(
    "ends at SIGTERM, starts again with what it had, and tells no code any more",
    async () => {
      firstCode = office.told.get("first-officer")?.code ?? "";
      log = office.log;
      expect(await office.stop()).toBe(0);
      const again = await OfficeProcess.start({ state, port });
      office = again;
      expect(again.told.has("first-officer")).toBe(false);
      expect(again.told.has("authority")).toBe(false);
      expect(JSON.parse(command("status", "--json").stdout)).toMatchObject({ officers: { invited: 2 } });
      expect(command("audit", "--verify").status).toBe(0);
      log += again.log;
    },
    OFFICE_START_LIMIT_MS,
  );

  it(
    "another address than that of the certificates is refused, and certificates beside the office, though it does not run",
    async () => {
      await office.stop();
      const person = ["--given-name", "A", "--surname", "B", "--email", "a@b.example", "--number", "1", "--organisation", "O"];
      expect(error(command("certify", join(folder, "request.der"), ...person, "--out", join(folder, "leaf.pem"), "--json"))).toBe(
        "adopted",
      );
      expect(existsSync(join(folder, "leaf.pem"))).toBe(false);
      const other = command("--port", String(port), "--public-url", "https://elsewhere.example");
      expect([other.status, other.stderr]).toEqual([5, expect.stringContaining(`http://127.0.0.1:${port}`)]);
      office = await OfficeProcess.start({ state, port });
    },
    OFFICE_START_LIMIT_MS,
  );

  it(
    "a clock that is behind the office's records is refused; whoever says that it is right starts the office, and only once",
    async () => {
      await office.stop();
      const store = await openFolder(join(state, "office", "db"));
      const at = new Date(Date.now() + 86_400_000);
      await store.transaction((tx) => appendAudit(tx, { at, actor: "system", action: "test", subject: "office" }));
      await store.close();
      const refused = command("--port", String(port), "--json");
      expect([refused.status, error(refused)]).toEqual([5, "clock-behind"]);
      expect(refused.stdout).toContain(at.toISOString());
      expect(command("--port", String(port), "--lang", "fr").stderr).toMatch(/horloge.*--trust-clock/);
      const trusted = await OfficeProcess.start({ state, port, args: ["--trust-clock"] });
      expect(trusted.told.get("warning")).toMatchObject({ kind: "clock", at: at.toISOString() });
      expect(trusted.log).toContain('"kind":"clock"');
      await trusted.stop();
      office = await OfficeProcess.start({ state, port });
      expect(office.told.has("warning")).toBe(false);
      expect(command("audit", "--verify").status).toBe(0);
    },
    2 * OFFICE_START_LIMIT_MS,
  );

  it("no secret is in what it wrote", () => {
    const secrets = [
      firstCode,
      ...["office/audit.passphrase", "ca/passphrase"].map((name) => readFileSync(join(state, name), "utf8").trim()),
      ...readdirSync(join(state, "office", "mails")).flatMap(
        (name) => readFileSync(join(state, "office", "mails", name), "utf8").match(/^ {4}([A-Za-z0-9_-]{43})/m)?.[1] ?? [],
      ),
    ];
    expect(secrets).toHaveLength(5);
    for (const secret of secrets) expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(log).toContain("/api/enrol/begin");
    for (const secret of secrets) expect(log).not.toContain(secret);
  });
});
