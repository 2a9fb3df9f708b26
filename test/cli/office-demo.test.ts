// The demonstration: an officer's token from invitation to browser, by the commands that they type; what the audit trail tells after tampering; a
// backup that becomes an office again and issues on.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StateFolder } from "../../cli/state-folder.ts";
import { startChild } from "../../cli/tour/children.ts";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { answerActivation, openActivation } from "../../host-bridge/office-client/activation-over-http.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import { NOT_RESTORED, TABLES } from "../../office/backup/tables.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import { openFolder, type Store } from "../../office/store/store.ts";
import { mailed } from "../support/mail-folder.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { type FinishOrder, OfficerClient, openLink } from "../support/officer-client.ts";
import { mustRun, type Outcome, SCEAU, sceau } from "../support/run.ts";

const PIN = "246810";
/** Shorter than clients keep connections open. */
const STOP_LIMIT_MS = 9000;
let folder: string;
let state: StateFolder;
let port: number;
let office: OfficeProcess;
let testRoot: AttestationRoot;
let serial = 50_000_000;

const inState = (root: string, ...words: string[]): Outcome => sceau([...words, "--state", root]);
const command = (...words: string[]): Outcome => inState(state.root, "office", "--demo", ...words);
const file = (name: string): string => join(folder, name);

/** What a command printed as JSON; it must have succeeded. */
function json<T>({ status, stdout, stderr }: Outcome): T {
  if (status !== 0) throw new Error(`${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

async function withSimulated<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const sim = await startChild(state, ["sim", name], ["plugged-in"], { program: SCEAU });
  try {
    return await work();
  } finally {
    await sim.stop();
  }
}

const signIn = (): string =>
  json<{ link: string }>(inState(state.root, "office", "sign-in", office.ready.url, "--pin-file", file("pin.txt"), "--json")).link;

/** Without the lists' numbers, which restoring raises (office-postgresql.test.ts). */
async function rowsOf(store: Store): Promise<Map<string, unknown[]>> {
  const rows = new Map<string, unknown[]>();
  for (const table of TABLES) {
    const result = await store.db.execute<{ row: string }>(
      sql`select (to_jsonb(t) - 'crl_number')::text as row from ${sql.identifier(table)} t`,
    );
    rows.set(table, result.rows.map(({ row }) => row).sort());
  }
  return rows;
}

/** Reference numbers, releases and codes that were open have ended with the restore. */
const ENDED = /"(?:state|handover_hash|handover_expires_at)": (?:null|"[^"]*")/g;
const withoutEnds = (rows: readonly unknown[]): string[] => rows.map((row) => String(row).replace(ENDED, "")).sort();

const withoutUse = (rows: readonly unknown[]): string[] => rows.map((row) => String(row).replace(/"used_at": (?:null|"[^"]*")/, "")).sort();

/** What a restore leaves of a table. */
function expectRestored(table: (typeof TABLES)[number], old: readonly unknown[], fresh: readonly unknown[]): void {
  if (NOT_RESTORED.has(table)) {
    expect(fresh, table).toEqual([]);
    return;
  }
  switch (table) {
    case "activations":
    case "dossiers":
    case "secret_releases":
    case "legal_representatives":
      expect(withoutEnds(fresh), table).toEqual(withoutEnds(old));
      expect(
        fresh.filter((row) => /"state": "(?:mailed|asked)"/.test(String(row))),
        table,
      ).toEqual([]);
      return;
    // The clock may have signed a head between the backup and the stop; and the issuing CA's next list is due at once.
    case "jobs":
      expect(old.length + 1, table).toBeGreaterThanOrEqual(fresh.length);
      return;
    case "audit_heads":
      expect(old.length, table).toBeGreaterThanOrEqual(fresh.length);
      return;
    case "audit_end":
      expect(fresh).toHaveLength(1);
      return;
    case "audit_events":
      // That it was restored is an event of its own, at the end.
      expect(fresh.filter((row) => !String(row).includes('"office.restore"'))).toEqual(old);
      expect(fresh).toHaveLength(old.length + 1);
      return;
    case "one_time_links":
    case "issuance_challenges":
      // Those that were open have ended: they may have been used since.
      expect(fresh.filter((row) => String(row).includes('"used_at": null'))).toEqual([]);
      expect(withoutUse(fresh), table).toEqual(withoutUse(old));
      return;
    default:
      expect(fresh, table).toEqual(old);
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-demo-"));
  state = new StateFolder(join(folder, "s"), {});
  port = await freePort();
  writeFileSync(file("pin.txt"), `${PIN}\n`);
  writeFileSync(file("passphrase.txt"), "une phrase assez longue\n");
  office = await OfficeProcess.start({ state: state.root, port, isDemo: true });
  testRoot = await createRoot(join(folder, "factory"), "test", new Date());
  writeFileSync(join(state.root, "office-demo", "trust", "test.pem"), testRoot.certificate.toString("pem"));
}, OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await office.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("sceau office --demo", () => {
  it("has officers of each role and a deputy, certificates in every state, and tells how to be its people", async () => {
    const status = json<{ certificates: Record<string, number>; officers: Record<string, number> }>(command("status", "--json"));
    expect(status).toMatchObject({ isDemo: true, officers: { active: 7 }, jobs: { due: 0, failing: 0 } });
    expect(Object.keys(status.certificates).sort()).toEqual(["active", "expired", "issued", "revoked"]);
    expect(json<unknown[]>(command("officer", "list", "--json"))).toHaveLength(7);
    // Whoever waits for their reference number finds it in a mail, and the answers open the activation.
    const told = office.told.get("demo") as unknown as { people: { email: string; what: string }[]; mails: string; answers: string[] };
    const { email = "" } = told.people.find(({ what }) => what === "ready") ?? {};
    const reference = await mailed(told.mails, email, /\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\b/);
    const http = new OfficeHttp(office.ready.url);
    const { questions } = await openActivation(http, reference);
    const answers = Object.fromEntries(questions.map((question, index) => [question, told.answers[index] ?? ""]));
    expect((await answerActivation(http, reference, answers)).session).toMatch(/^[\w-]{43}$/);
  });

  it("its CRLs and OCSP answers are as a real office's: openssl agrees", async () => {
    const get = async (path: string, name: string): Promise<string> => {
      writeFileSync(file(name), Buffer.from(await (await fetch(`${office.ready.url}${path}`)).arrayBuffer()));
      return file(name);
    };
    const root = await get("/ca/root.pem", "root.pem");
    const issuing = await get("/ca/issuing.pem", "issuing.pem");
    const crl = mustRun("openssl", ["crl", "-inform", "DER", "-in", await get("/crl/issuing.crl", "issuing.crl"), "-noout", "-text"]);
    expect(crl.match(/Serial Number: /g)).toHaveLength(1);
    mustRun("openssl", ["verify", "-x509_strict", "-CAfile", root, issuing]);
    const rootCrl = await get("/crl/root.crl", "root.crl");
    mustRun("openssl", ["crl", "-inform", "DER", "-in", rootCrl, "-out", file("root.crl.pem")]);
    mustRun("openssl", ["verify", "-crl_check_all", "-CRLfile", file("root.crl.pem"), "-CAfile", root, issuing]);
  });

  it("a demonstration's token signs in, and the link opens a session once", async () => {
    await withSimulated("demo-auditor", async () => {
      const link = signIn();
      const { cookie } = await openLink(office.ready.url, link);
      const page = await fetch(`${office.ready.url}/audit`, { headers: { cookie } });
      expect([page.status, (await page.text()).includes("certificate.revoke")]).toEqual([200, true]);
      await expect(openLink(office.ready.url, link)).rejects.toThrow("410");
    });
  });

  it("an invited officer enrols a token of their own, signs in, and is withdrawn", async () => {
    await withSimulated("mine", async () => {
      json(inState(state.root, "token", "init", "--pin-file", file("pin.txt"), "--json"));
      const invite = [
        "officer",
        "invite",
        "--email",
        "zoe@example.org",
        "--given-name",
        "Zoé",
        "--surname",
        "Brontë",
        "--role",
        "helpdesk",
        "--json",
      ];
      writeFileSync(file("code.txt"), `${json<{ code: string }>(command(...invite)).code}\n`);
      const enrol = ["office", "enrol", office.ready.url, "--code-file", file("code.txt"), "--pin-file", file("pin.txt")];
      const wrong = inState(state.root, "office", "enrol", `http://localhost:${port}`, ...enrol.slice(3), "--json");
      expect([wrong.status, wrong.stdout]).toEqual([5, expect.stringContaining("other-office")]);
      expect(inState(state.root, "token", "export", "9a").status).toBe(2);
      json(inState(state.root, ...enrol, "--json"));
      writeFileSync(file("auth.pem"), inState(state.root, "token", "export", "9a").stdout);
      const text = mustRun("openssl", ["x509", "-in", file("auth.pem"), "-noout", "-text"]);
      for (const part of ["Brontë", "TLS Web Client Authentication", "Digital Signature"])
        expect(text).toContain(part.replace("ë", "\\C3\\AB"));
      mustRun("openssl", [
        "verify",
        "-x509_strict",
        "-no_check_time",
        "-CAfile",
        file("root.pem"),
        "-untrusted",
        file("issuing.pem"),
        file("auth.pem"),
      ]);
      // A used code destroys nothing.
      const again = inState(state.root, ...enrol, "--replace", "--json");
      expect([again.status, again.stdout]).toEqual([5, expect.stringContaining("link-used")]);
      const session = await openLink(office.ready.url, signIn());
      const search = (): Promise<Response> => fetch(`${office.ready.url}/search`, { headers: { cookie: session.cookie } });
      expect((await search()).status).toBe(200);
      expect(command("officer", "withdraw", "zoe@example.org").status).toBe(2);
      json(command("officer", "withdraw", "zoe@example.org", "--yes", "--json"));
      expect((await search()).status).toBe(401);
      expect(inState(state.root, "office", "sign-in", office.ready.url, "--pin-file", file("pin.txt"), "--json").stdout).toContain(
        "not-active",
      );
    });
  });

  it("the last administrator stays", () => {
    const [administrator] = json<{ email: string; roles: string[] }[]>(command("officer", "list", "--json")).filter(({ roles }) =>
      roles[0]?.startsWith("administrator"),
    );
    expect(command("officer", "withdraw", administrator?.email ?? "", "--yes", "--json").stdout).toContain("last-administrator");
  });
});

describe("an invitation's code", () => {
  /** Whoever has the code and a token that the office trusts. */
  async function holders(code: string, count: number): Promise<{ officer: OfficerClient; order: FinishOrder }[]> {
    const made = [];
    for (let i = 0; i < count; i++) {
      const officer = await OfficerClient.withToken(office.ready.url, ++serial, testRoot);
      made.push({ officer, order: await officer.order(code) });
    }
    return made;
  }

  const admin = (): AdminClient => new AdminClient(new OfficeFolder(state.office(true)).socket);
  const codeFor = async (name: string): Promise<string> => {
    const who = { givenName: name, surname: "Essai", email: `${name}@example.org`, language: "fr", roles: ["helpdesk"] };
    return (await admin().post<InvitationAnswer>("/officers", who)).code;
  };
  const certificates = async (): Promise<number> => {
    const { certificates: counts } = await admin().get<{ certificates: Record<string, number> }>("/status");
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  };

  it("makes one certificate, though three tokens come with it at once", async () => {
    const before = await certificates();
    const answers = await Promise.all((await holders(await codeFor("trois"), 3)).map(({ officer, order }) => officer.finish(order)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
    expect(await certificates()).toBe(before + 1);
    expect(command("audit", "--verify").status).toBe(0);
  });

  it(
    "is spent with what was being asked when the office was told to stop",
    async () => {
      const orders = [...(await holders(await codeFor("un"), 1)), ...(await holders(await codeFor("deux"), 1))];
      const sent = orders.map(({ officer, order }) => officer.finish(order));
      await sleep(15);
      const startMs = performance.now();
      expect(await office.stop()).toBe(0);
      expect(performance.now() - startMs).toBeLessThan(STOP_LIMIT_MS);
      expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200]);
      office = await OfficeProcess.start({ state: state.root, port, isDemo: true });
      for (const [index, { officer, order }] of orders.entries()) expect(await officer.finish(order)).toEqual(await sent[index]);
    },
    OFFICE_START_LIMIT_MS,
  );
});

/** The trail's end before the backup; afterwards the office is stopped. */
let keptHead = "";

describe("sceau office backup", () => {
  it("needs a passphrase of some length, and never writes over a file", () => {
    writeFileSync(file("short.txt"), "short\n");
    expect(command("backup", file("a.sceau"), "--passphrase-file", file("short.txt"), "--json").stdout).toContain("passphrase-short");
    expect(existsSync(file("a.sceau"))).toBe(false);
    expect(command("backup", file("pin.txt"), "--passphrase-file", file("passphrase.txt")).status).toBe(2);
  });

  it(
    "of the running office, restored elsewhere: the same rows and keys, the audit trail whole, and it issues on",
    async () => {
      keptHead = command("audit", "--head", "--json").stdout;
      writeFileSync(file("kept-head"), keptHead);
      expect(command("audit", "--verify", "--head", file("kept-head")).status).toBe(0);
      const backup = file("office.sceau");
      json(command("backup", backup, "--passphrase-file", file("passphrase.txt"), "--json"));
      await office.stop();
      expect(statSync(backup).mode & 0o777).toBe(0o600);
      for (const secret of ["PRIVATE KEY", "zoe@example.org"]) expect(readFileSync(backup).includes(secret)).toBe(false);
      const elsewhere = join(folder, "r");
      const restore = (...words: string[]): Outcome => inState(elsewhere, "office", "--demo", "restore", backup, ...words, "--json");
      expect(restore("--passphrase-file", file("short.txt")).stdout).toContain('"passphrase"');
      writeFileSync(file("cut.sceau"), readFileSync(backup).subarray(0, -100));
      expect(
        inState(elsewhere, "office", "--demo", "restore", file("cut.sceau"), "--passphrase-file", file("passphrase.txt"), "--json").stdout,
      ).toContain('"passphrase"');
      expect(existsSync(join(elsewhere, "office-demo", "ca"))).toBe(false);
      json(restore("--passphrase-file", file("passphrase.txt")));
      expect(restore("--passphrase-file", file("passphrase.txt")).stdout).toContain("not-empty");
      expect(mustRun("diff", ["-r", join(state.root, "office-demo", "ca"), join(elsewhere, "office-demo", "ca")])).toBe("");
      const [before, after] = [
        await openFolder(join(state.root, "office-demo", "db")),
        await openFolder(join(elsewhere, "office-demo", "db")),
      ];
      const [old, fresh] = [await rowsOf(before), await rowsOf(after)];
      await Promise.all([before.close(), after.close()]);
      expect(old.get("officer_sessions")?.length).toBeGreaterThan(0);
      for (const table of TABLES) expectRestored(table, old.get(table) ?? [], fresh.get(table) ?? []);
      // The office moves: the same address, elsewhere.
      office = await OfficeProcess.start({ state: elsewhere, port, isDemo: true });
      expect(inState(elsewhere, "office", "--demo", "audit", "--verify").status).toBe(0);
      await withSimulated("demo-helpdesk", () => {
        expect(signIn()).toContain(`${office.ready.url}/sign-in/`);
      });
      await withSimulated("next", () => {
        json(inState(state.root, "token", "init", "--pin-file", file("pin.txt"), "--json"));
        mkdirSync(join(elsewhere, "factory"), { recursive: true });
        execFileSync("cp", ["-r", join(state.factory, "simulator"), join(elsewhere, "factory", "simulator")]);
        const invite = ["--email", "omer@example.org", "--given-name", "Ömer", "--surname", "Yıldız", "--role", "auditor", "--json"];
        const { code } = json<{ code: string }>(inState(elsewhere, "office", "--demo", "officer", "invite", ...invite));
        writeFileSync(file("code.txt"), `${code}\n`);
        json(
          inState(
            state.root,
            "office",
            "enrol",
            office.ready.url,
            "--code-file",
            file("code.txt"),
            "--pin-file",
            file("pin.txt"),
            "--json",
          ),
        );
      });
      expect(inState(elsewhere, "office", "--demo", "audit", "--verify").status).toBe(0);
      await office.stop();
    },
    2 * OFFICE_START_LIMIT_MS,
  );
});

describe("sceau office audit --verify", () => {
  it(
    "tells a trail whose end the database's owner has cut off and made right: by the folder's file, and by a head that was kept elsewhere",
    async () => {
      const { number } = JSON.parse(keptHead) as { number: number };
      const store = await openFolder(join(state.root, "office-demo", "db"));
      for (const table of ["audit_events", "audit_heads"]) await store.db.execute(sql.raw(`alter table ${table} disable trigger all`));
      for (const table of ["audit_events", "audit_heads"])
        await store.db.execute(sql.raw(`delete from ${table} where number > ${number - 2}`));
      await store.db.execute(
        sql`update audit_end e set number = v.number, hash = v.hash from audit_events v where v.number = ${number - 2}`,
      );
      for (const table of ["audit_events", "audit_heads"]) await store.db.execute(sql.raw(`alter table ${table} enable trigger all`));
      await store.close();
      office = await OfficeProcess.start({ state: state.root, port, isDemo: true });
      const { status, stdout } = command("audit", "--verify");
      expect([status, stdout]).toEqual([1, expect.stringContaining(`from event ${number - 1} on: it was cut off`)]);
      // Whoever restored the database says so: it is told from now on, and is no fault. A head that was kept elsewhere is not excused.
      json(command("audit", "--restored", "--yes", "--json"));
      const remark = expect.stringMatching(
        new RegExp(`goes up to event ${number - 2}.*not in the trail any more: \\d+, up to event ${number}`),
      );
      expect(command("audit", "--verify")).toMatchObject({ status: 0, stdout: remark });
      expect(command("audit", "--verify", "--head", file("kept-head")).status).toBe(1);
    },
    OFFICE_START_LIMIT_MS,
  );

  it(
    "ends with 1 when somebody has changed an event in the database",
    async () => {
      await office.stop();
      const store = await openFolder(join(state.root, "office-demo", "db"));
      await store.db.execute(sql`alter table audit_events disable trigger all`);
      await store.db.execute(sql`update audit_events set actor = 'officer:nobody' where number = 5`);
      await store.db.execute(sql`alter table audit_events enable trigger all`);
      await store.close();
      office = await OfficeProcess.start({ state: state.root, port, isDemo: true });
      const { status, stdout } = command("audit", "--verify");
      expect([status, stdout]).toEqual([1, expect.stringContaining("from event 5 on: it was changed")]);
      expect(JSON.parse(command("audit", "--verify", "--json").stdout)).toMatchObject({ fault: { fault: "changed", number: 5 } });
    },
    OFFICE_START_LIMIT_MS,
  );

  it(
    "a demonstration's folder is no real office's, nor the other way round",
    async () => {
      await office.stop();
      const moved = join(folder, "m");
      mkdirSync(moved);
      execFileSync("cp", ["-r", join(state.root, "office-demo"), join(moved, "office")]);
      const { status, stdout } = inState(moved, "office", "--port", String(port), "--json");
      expect([status, stdout]).toEqual([5, expect.stringContaining("other-kind")]);
    },
    OFFICE_START_LIMIT_MS,
  );
});
