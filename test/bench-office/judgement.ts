// Whether what the requesters were told is what the office has: its audit trail, its tables, its CRL and OCSP as openssl reads them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { AuditAnswer } from "../../office/admin/admin-protocol.ts";
import { ask } from "../support/status-judges.ts";
import type { Ledger } from "./ledger.ts";
import type { LoadedOffice } from "./loaded-office.ts";
import type { CertifiedRequest } from "./requester.ts";

export interface Judged {
  readonly auditEvents: number;
  readonly isAuditTrailWhole: boolean;
  readonly certificates: number;
  readonly revocations: number;
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly events: string;
}

const pem = (der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
};

/** Each certificate once, in its state, with one event for each thing that was done to it. */
async function judgeTables(database: string, certified: readonly CertifiedRequest[], ledger: Ledger): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(
      `select c.id, c.state, string_agg(e.action, ' ' order by e.number) as events
       from certificates c join audit_events e on e.subject = 'certificate:' || c.id
       where c.id = any($1) group by c.id, c.state`,
      [certified.map(({ id }) => id)],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const { id, isRevoked } of certified) {
      const row = byId.get(id);
      const told = `${row?.state}: ${row?.events}`;
      const due = `${isRevoked ? "revoked" : "active"}: certificate.issue certificate.prove${isRevoked ? " certificate.revoke" : ""}`;
      if (told !== due) ledger.fail(`certificate ${id} is ${told}, not ${due}`);
    }
    const { rows: twice } = await client.query(`select key_id from certificates group by key_id having count(*) > 1`);
    for (const { key_id } of twice) ledger.fail(`key ${key_id} has two certificates`);
  } finally {
    await client.end();
  }
}

async function judgeCrl({ url, folder }: LoadedOffice, certified: readonly CertifiedRequest[], ledger: Ledger): Promise<void> {
  const name = certified[0]?.ocspUrl.split("/").at(-1);
  const file = join(folder, "judged.crl");
  writeFileSync(file, new Uint8Array(await (await fetch(`${url}/crl/${name}.crl`)).arrayBuffer()));
  const { stdout } = await ask("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
  for (const { serialNumber, isRevoked } of certified)
    if (stdout.includes(serialNumber.toUpperCase()) !== isRevoked) ledger.fail(`the CRL is wrong about ${serialNumber}`);
}

/** One that is good and one that is revoked, as a stranger asks; signature and delegation are judged by openssl. */
async function judgeOcsp({ url, folder }: LoadedOffice, certified: readonly CertifiedRequest[], ledger: Ledger): Promise<void> {
  const root = new Uint8Array(await (await fetch(`${url}/ca/root.cer`)).arrayBuffer());
  for (const isRevoked of [false, true]) {
    const one = certified.find((each) => each.isRevoked === isRevoked);
    if (one === undefined) continue;
    const [certificate, issuer, roots] = ["judged.pem", "judged-issuer.pem", "judged-root.pem"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(certificate, pem(one.certificate));
    writeFileSync(issuer, pem(one.issuer));
    writeFileSync(roots, pem(root));
    const question = ["ocsp", "-issuer", issuer, "-cert", certificate, "-url", one.ocspUrl, "-CAfile", roots];
    const { status, stdout, stderr } = await ask("openssl", question);
    const isRight =
      status === 0 && stderr.includes("Response verify OK") && stdout.includes(`${certificate}: ${isRevoked ? "revoked" : "good"}`);
    if (!isRight) ledger.fail(`openssl ocsp: ${stdout} ${stderr}`);
  }
}

export async function judge(office: LoadedOffice, certified: readonly CertifiedRequest[], ledger: Ledger): Promise<Judged> {
  const { events, fault } = await office.admin.post<AuditAnswer>("/audit/verify");
  if (fault !== null) ledger.fail(`audit trail: ${fault.fault} at ${fault.number}`);
  await judgeTables(office.database, certified, ledger);
  await judgeCrl(office, certified, ledger);
  await judgeOcsp(office, certified, ledger);
  const revocations = certified.filter(({ isRevoked }) => isRevoked).length;
  return { auditEvents: events, isAuditTrailWhole: fault === null, certificates: certified.length, revocations };
}
