// An office that is killed in the middle of requests, again and again: no certificate twice, no accepted revocation lost, the audit trail whole.
//
// 5 rounds on each kind of store; OFFICE_KILL_ROUNDS=20 (PGlite) or 100 (PostgreSQL) asks for more.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { AuditAnswer, InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import type { Role } from "../../office/registration/roles.ts";
import { openFolder, openPostgres, type Store } from "../../office/store/store.ts";
import { Endings } from "../support/endings.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { STORE_KINDS } from "../support/office-stores.ts";
import { type Answer, type BrowserSession, type FinishOrder, OfficerClient, revokeByForm } from "../support/officer-client.ts";
import { startPostgres } from "../support/postgres.ts";
import { mustRun } from "../support/run.ts";

const ROUNDS = Number(process.env["OFFICE_KILL_ROUNDS"] ?? 5);
/** Of each kind, at once. */
const REQUESTS = 2;
/** From at once to when they are answered for the most part, and at last when all are, over and over. */
const DELAYS = Math.min(ROUNDS, 10);
const LAST_DELAY = 1.5;

interface Issued {
  readonly id: string;
  readonly serialNumber: string;
}

/** An officer with a token, and the order that only waits to be sent. */
interface Invited {
  readonly officer: OfficerClient;
  readonly order: FinishOrder;
}

/** Whatever a request was answered; null: the answer never came. */
async function unlessCut<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return null; // fetch: the connection broke, or the answer did
    throw error;
  }
}

describe.each(STORE_KINDS)("%s", (kind) => {
  let folder: string;
  let state: string;
  let database: string | null = null;
  let port: number;
  let office: OfficeProcess;
  let root: AttestationRoot;
  let made = 0;
  let session: BrowserSession;
  const issued: Issued[] = [];
  const revoked = new Set<string>();
  let interrupted = 0;

  const admin = (): AdminClient => new AdminClient(join(state, "office-demo", "office.sock"));

  async function start(): Promise<void> {
    office = await OfficeProcess.start({ state, port, isDemo: true, env: database === null ? {} : { DATABASE_URL: database } });
  }

  function openStore(): Promise<Store> {
    return database === null ? openFolder(join(state, "office-demo", "db")) : openPostgres(database);
  }

  async function invited(role: Role): Promise<Invited> {
    const number = ++made;
    const names = { givenName: "Essai", surname: `Numéro ${number}`, email: `essai.${number}@example.org` };
    const { code } = await admin().post<InvitationAnswer>("/officers", { ...names, language: "fr", roles: [role] });
    const officer = await OfficerClient.withToken(office.ready.url, 60_000_000 + number, root);
    return { officer, order: await officer.order(code) };
  }

  /** So many requests from one address are refused; 20 rounds are not that many. */
  async function forgetLimits(): Promise<void> {
    if (database === null) return;
    const store = await openPostgres(database);
    await store.db.execute(sql`delete from limits`);
    await store.close();
  }

  const endings = new Endings();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sceau-kill-"));
    endings.add(() => rmSync(folder, { recursive: true, force: true }));
    state = join(folder, "s");
    port = await freePort();
    if (kind === "postgresql") {
      const postgres = await startPostgres({ isDurable: true });
      endings.add(() => postgres.stop());
      database = await postgres.newDatabase();
    }
    await start();
    endings.add(() => office.kill());
    root = await createRoot(join(folder, "factory"), "test", new Date());
    writeFileSync(join(state, "office-demo", "trust", "test.pem"), root.certificate.toString("pem"));
  }, OFFICE_START_LIMIT_MS);

  afterAll(() => endings.run());

  /** A batch of requests, all at once: orders that are finished, and revocations of what was issued before. */
  async function send(
    orders: readonly Invited[],
    victims: readonly Issued[],
  ): Promise<{ answers: (Answer | null)[]; statuses: (number | null)[] }> {
    const revoke = ({ id, serialNumber }: Issued): Promise<number> =>
      revokeByForm(office.ready.url, session, id, serialNumber, "key-compromise");
    const finishing = Promise.all(orders.map(({ officer, order }) => unlessCut(officer.finish(order))));
    const [answers, statuses] = await Promise.all([finishing, Promise.all(victims.map((victim) => unlessCut(revoke(victim))))]);
    return { answers, statuses };
  }

  async function severalInvited(): Promise<Invited[]> {
    await forgetLimits();
    const orders: Invited[] = [];
    for (let i = 0; i < REQUESTS; i++) orders.push(await invited("helpdesk"));
    return orders;
  }

  /** How long a batch takes in a server that has just started, as each has that is killed next; nothing fails in it. */
  async function calmBatchMs(): Promise<number> {
    await office.kill();
    await start();
    for (const { officer, order } of await severalInvited()) issued.push((await officer.finish(order)).body);
    const orders = await severalInvited();
    const victims = [...issued];
    const startMs = performance.now();
    const { answers, statuses } = await send(orders, victims);
    const tookMs = performance.now() - startMs;
    expect([answers.map((answer) => answer?.status), statuses]).toEqual([Array(REQUESTS).fill(200), Array(REQUESTS).fill(303)]);
    for (const { id } of victims) revoked.add(id);
    for (const answer of answers) issued.push(answer?.body);
    return tookMs;
  }

  /** The same orders again: the same certificates, if there was an answer, and one each in any case. */
  async function sendAgain(orders: readonly Invited[], answers: readonly (Answer | null)[]): Promise<void> {
    for (const [index, { officer, order }] of orders.entries()) {
      const { status, body } = await officer.finish(order);
      expect(status, JSON.stringify(body)).toBe(200);
      const before = answers[index] ?? null;
      if (before !== null) expect(body).toEqual(before.body);
      issued.push({ id: body.id, serialNumber: body.serialNumber });
    }
  }

  async function killedRound(round: number, calmMs: number): Promise<void> {
    const orders = await severalInvited();
    const victims = issued.filter(({ id }) => !revoked.has(id)).slice(0, REQUESTS);
    const sent = send(orders, victims);
    const step = round % DELAYS;
    if (step === DELAYS - 1) await sent;
    else await sleep((calmMs * step * LAST_DELAY) / DELAYS);
    await office.kill();
    const { answers, statuses } = await sent;
    interrupted += [...answers, ...statuses].filter((answer) => answer === null).length;
    expect([...answers.map((answer) => answer?.status ?? 200), ...statuses.map((status) => status ?? 303)]).toEqual([
      ...answers.map(() => 200),
      ...statuses.map(() => 303),
    ]);
    for (const [index, { id }] of victims.entries()) if (statuses[index] === 303) revoked.add(id);
    await start();
    await sendAgain(orders, answers);
    expect(await admin().post<AuditAnswer>("/audit/verify")).toMatchObject({ fault: null });
  }

  /** @param crl as openssl tells it */
  async function judge(store: Store, crl: string): Promise<void> {
    const { rows } = await store.db.execute<{ id: string; serial: string; state: string; key: string; revoked: boolean }>(sql`
      select c.id, c.serial_number as serial, c.state, c.key_id as key, r.certificate_id is not null as revoked
      from certificates c left join revocations r on r.certificate_id = c.id`);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(issued.map(({ id }) => id)));
    expect(rows.filter(({ revoked: isRevoked }) => isRevoked).map(({ id }) => id)).toEqual(expect.arrayContaining([...revoked]));
    for (const row of rows)
      expect([row.id, row.state === "revoked", crl.includes(row.serial.toUpperCase())]).toEqual([row.id, row.revoked, row.revoked]);
    const events = await store.db.execute(sql`
      select subject from audit_events where action in ('certificate.issue', 'certificate.revoke')
      group by subject, action having count(*) > 1`);
    expect(events.rows).toEqual([]);
  }

  it(
    `killed ${ROUNDS} times: every answer that was given still holds`,
    async () => {
      const first = await invited("issuer");
      await first.officer.prove((await first.officer.finish(first.order)).body);
      session = await first.officer.signIn();
      const calmMs = await calmBatchMs();
      for (let round = 0; round < ROUNDS; round++) await killedRound(round, calmMs);
      expect(interrupted, "no request was interrupted: the test proves nothing").toBeGreaterThan(0);
      expect(revoked.size, "no revocation was accepted: the test proves nothing").toBeGreaterThan(REQUESTS);
      const crl = join(folder, "issuing.crl");
      writeFileSync(crl, Buffer.from(await (await fetch(`${office.ready.url}/crl/issuing.crl`)).arrayBuffer()));
      expect(await office.stop()).toBe(0);
      const store = await openStore();
      await judge(store, mustRun("openssl", ["crl", "-inform", "DER", "-in", crl, "-noout", "-text"])).finally(() => store.close());
      process.stdout.write(
        `${kind}: ${ROUNDS} kills, ${interrupted} requests interrupted, ${issued.length} certificates, ${revoked.size} revocations accepted\n`,
      );
    },
    OFFICE_START_LIMIT_MS + ROUNDS * 20_000,
  );
});
