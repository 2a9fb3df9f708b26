// Whether what the crowd was told is what the office has: each with one active certificate, on their own token, for their own key; each mail once; the
// audit trail whole; nothing in the logs; no deadlock.

import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { ReadMail } from "../../cli/tour/read-mail.ts";
import type { AuditAnswer } from "../../office/admin/admin-protocol.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { OBJECT_SIGNATURE_CERTIFICATE, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import type { CrowdPerson } from "./crowd-person.ts";
import type { CrowdStep } from "./crowd-steps.ts";
import type { CrowdedOffice } from "./crowded-office.ts";
import type { Ledger } from "./ledger.ts";

/** A backend tells its statistics within a second (PostgreSQL §28.2). */
const STATISTICS_MS = 1200;
/** What somebody is mailed from the first code to the certificate, once each. */
const TEMPLATES = ["active", "application-received", "appointment-confirmed", "book-check", "code", "reference"];

export interface CrowdJudged {
  readonly activeCertificates: number;
  readonly tokens: number;
  readonly keys: number;
  readonly serialNumbers: number;
  readonly mails: number;
  readonly auditEvents: number;
  readonly isAuditTrailWhole: boolean;
  readonly deadlocks: number;
}

export interface CrowdTold {
  readonly people: readonly CrowdPerson[];
  /** Of each; null: they did not come so far. */
  readonly dossiers: readonly (string | null)[];
  readonly mails: readonly ReadMail[];
}

interface Row {
  readonly id: string;
  readonly email: string;
  readonly state: string;
  readonly payment: string;
  readonly is_other_officer: boolean;
  readonly certificate_state: string;
  readonly certificate: string;
  readonly der: Buffer;
  readonly serial_number: string;
  readonly key_id: string;
  readonly public_key: string;
  readonly key_token: string;
  readonly token_serial: string;
  readonly token_state: string;
  readonly is_own_token: boolean;
  readonly activations: string;
  readonly secrets: number;
  /** Of this person, in any state. */
  readonly certificates: number;
}

const ROWS = `
  select d.id, d.email, d.state, d.payment, d.verifier_id <> d.approver_id as is_other_officer, c.state as certificate_state, c.id as certificate, c.der, c.serial_number,
    c.key_id, encode(k.public_key, 'hex') as public_key, k.token_serial as key_token, d.token_serial, t.state as token_state, t.person_id = d.person_id and c.person_id = d.person_id as is_own_token,
    (select string_agg(a.state, ' ') from activations a where a.dossier_id = d.id) as activations,
    (select count(*)::int from token_secrets s where s.token_serial = d.token_serial) as secrets,
    (select count(*)::int from certificates o where o.person_id = d.person_id) as certificates
  from dossiers d join certificates c on c.id = d.certificate_id join keys k on k.id = c.key_id join tokens t on t.serial = d.token_serial
  where d.id = any($1)`;

const distinct = (values: readonly string[]): number => new Set(values).size;

export class CrowdJudgement {
  readonly #office: CrowdedOffice;
  readonly #ledger: Ledger<CrowdStep>;

  constructor(office: CrowdedOffice, ledger: Ledger<CrowdStep>) {
    this.#office = office;
    this.#ledger = ledger;
  }

  async judge({ people, dossiers, mails }: CrowdTold): Promise<CrowdJudged> {
    const { events, fault } = await this.#office.admin.post<AuditAnswer>("/audit/verify");
    if (fault !== null) this.#ledger.fail(`audit trail: ${fault.fault} at ${fault.number}`);
    for (const line of this.#office.logFaults()) this.#ledger.fail(`in a log: ${line}`);
    const client = new pg.Client({ connectionString: this.#office.database });
    await client.connect();
    try {
      const ids = dossiers.filter((id) => id !== null);
      const { rows } = await client.query<Row>(ROWS, [ids]);
      for (const [index, person] of people.entries())
        await this.#judgePerson(
          person,
          rows.find(({ id }) => id === dossiers[index]),
        );
      await this.#judgeMails(client, people, mails);
      const active = rows.filter((row) => row.certificate_state === "active");
      return {
        activeCertificates: active.length,
        tokens: this.#allDifferent(active, "tokens", ({ token_serial }) => token_serial),
        keys: this.#allDifferent(active, "keys", ({ key_id }) => key_id),
        serialNumbers: this.#allDifferent(active, "serial numbers", ({ serial_number }) => serial_number),
        mails: mails.length,
        auditEvents: events,
        isAuditTrailWhole: fault === null,
        deadlocks: await this.#deadlocks(client),
      };
    } finally {
      await client.end();
    }
  }

  #allDifferent(rows: readonly Row[], what: string, of: (row: Row) => string): number {
    const count = distinct(rows.map(of));
    if (count !== rows.length) this.#ledger.fail(`${rows.length} certificates of ${count} ${what}`);
    return count;
  }

  /** The office's word, and the token's. */
  async #judgePerson({ email, token }: CrowdPerson, row: Row | undefined): Promise<void> {
    if (row === undefined) return this.#ledger.fail(`${email}: no certificate`);
    const { state, payment, activations, certificates, secrets } = row;
    const told = [row.email, state, payment, row.certificate_state, row.token_state, activations, certificates, secrets].join(", ");
    const due = [email, "active", "waived", "active", "active", "used", 1, 1].join(", ");
    if (told !== due) this.#ledger.fail(`${told} instead of ${due}`);
    if (!row.is_other_officer || !row.is_own_token || row.key_token !== row.token_serial)
      this.#ledger.fail(`${email}: officers, token, key`);
    const client = token.client();
    const { serial } = await client.deviceInfo();
    const key = await client.keyMetadata(SLOT_SIGNATURE);
    const certificate = await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE);
    client.close();
    const isTheirs = serial === row.token_serial && key !== null && row.public_key.endsWith(Buffer.from(key.publicKey).toString("hex"));
    if (!isTheirs || certificate === null || !equalBytes(certificate, new Uint8Array(row.der)))
      this.#ledger.fail(`${email}: the token has another key or certificate`);
  }

  /** Each recipient's: what is due, in the outbox and as files. */
  async #judgeMails(client: pg.Client, people: readonly CrowdPerson[], mails: readonly ReadMail[]): Promise<void> {
    const emails = people.map(({ email }) => email);
    const { rows } = await client.query<{ recipient: string; templates: string }>(
      "select recipient, string_agg(template, ' ' order by template) as templates from mails where recipient = any($1) group by 1",
      [emails],
    );
    for (const email of emails) {
      const templates = rows.find(({ recipient }) => recipient === email)?.templates ?? "none";
      if (templates !== TEMPLATES.join(" ")) this.#ledger.fail(`${email} was mailed: ${templates}`);
      const own = mails.filter(({ to }) => to === email);
      const subjects = distinct(own.map(({ subject }) => subject));
      if (own.length !== TEMPLATES.length || subjects !== own.length)
        this.#ledger.fail(`${email} got ${own.length} mails, ${subjects} of them different`);
    }
  }

  async #deadlocks(client: pg.Client): Promise<number> {
    await sleep(STATISTICS_MS);
    const { rows } = await client.query<{ deadlocks: string }>("select deadlocks from pg_stat_database where datname = current_database()");
    const deadlocks = Number(rows[0]?.deadlocks);
    if (deadlocks !== 0) this.#ledger.fail(`deadlocks: ${deadlocks}`);
    return deadlocks;
  }
}
