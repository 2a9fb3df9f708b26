// The audit trail as an auditor may read it: what was done in their offices, and what concerns no office (the CA, the system).

import { type SQL, sql } from "drizzle-orm";
import type { AuditDetails } from "../../audit/audit-trail.ts";
import type { Database } from "../../store/store.ts";

export interface AuditFilter {
  /** A part of the action's name, of the subject or of the actor. */
  readonly text: string;
  /** UTC; from the first instant of the day. */
  readonly from: Date | null;
  /** UTC; to the last of the day. */
  readonly until: Date | null;
  /** From 1. */
  readonly page: number;
}

export interface ShownEvent {
  readonly number: number;
  readonly at: Date;
  readonly actor: string;
  /** Of an officer; null: no officer, or none that is known. */
  readonly actorName: string | null;
  readonly action: string;
  readonly subject: string;
  readonly details: AuditDetails;
}

export interface AuditPage {
  readonly rows: readonly ShownEvent[];
  readonly hasNext: boolean;
}

export const AUDIT_PAGE_ROWS = 50;

const UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

/**
 * Events know no office: it is found by their subject. A subject of a kind that belongs to an office, and to none of these, is not shown; neither
 * is one that is gone.
 */
function isInScope(scope: readonly string[]): SQL {
  const offices = sql`(${sql.join(
    scope.map((id) => sql`${id}::uuid`),
    sql`, `,
  )})`;
  const kind = sql`split_part(e.subject, ':', 1)`;
  const name = sql`substr(e.subject, length(${kind}) + 2)`;
  const id = sql`(case when ${name} ~ ${UUID} then (${name})::uuid end)`;
  const ofPeople = (which: SQL): SQL =>
    sql`exists (select 1 from people p join organisations o on o.id = p.organisation_id where o.office_id in ${offices} and ${which})`;
  const ofDossiers = (which: SQL): SQL => sql`exists (select 1 from dossiers d where d.office_id in ${offices} and ${which})`;
  return sql`(case ${kind}
    when 'office' then ${id} in ${offices}
    when 'organisation' then exists (select 1 from organisations o where o.id = ${id} and o.office_id in ${offices})
    when 'person' then ${ofPeople(sql`p.id = ${id}`)}
    when 'certificate' then ${ofPeople(sql`p.id = (select c.person_id from certificates c where c.id = ${id})`)}
    when 'token' then exists (select 1 from tokens t where t.serial = ${name} and t.office_id in ${offices})
    when 'key' then exists (select 1 from keys k join tokens t on t.serial = k.token_serial where k.id = ${id} and t.office_id in ${offices})
    when 'dossier' then ${ofDossiers(sql`d.id = ${id}`)}
    when 'activation' then ${ofDossiers(sql`d.id = (select a.dossier_id from activations a where a.id = ${id})`)}
    when 'questions' then ${ofDossiers(sql`d.account_id = (select q.account_id from question_sets q where q.id = ${id})`)}
    when 'officer' then exists (select 1 from officer_roles r where r.officer_id = ${id} and r.office_id in ${offices})
      or ${ofPeople(sql`p.id = (select f.person_id from officers f where f.id = ${id})`)}
    else true end)`;
}

interface Row extends Record<string, unknown> {
  readonly number: string | number;
  readonly at: string | Date;
  readonly actor: string;
  readonly actor_name: string | null;
  readonly action: string;
  readonly subject: string;
  readonly details: AuditDetails;
}

/** Newest first. */
export async function auditPage(db: Database, { text, from, until, page }: AuditFilter, scope: readonly string[]): Promise<AuditPage> {
  const part = `%${text.trim().replace(/[\\%_]/g, "\\$&")}%`;
  const conditions = [
    ...(text.trim() === "" ? [] : [sql`(e.action ilike ${part} or e.subject ilike ${part} or e.actor ilike ${part})`]),
    ...(from === null ? [] : [sql`e.at >= ${from.toISOString()}`]),
    ...(until === null ? [] : [sql`e.at < ${until.toISOString()}`]),
    isInScope(scope),
  ];
  const { rows } = await db.execute<Row>(sql`
    with found as materialized (
      select e.number, e.at, e.actor, e.action, e.subject, e.details from audit_events e
      where ${sql.join(conditions, sql` and `)}
      order by e.number desc limit ${AUDIT_PAGE_ROWS + 1} offset ${(page - 1) * AUDIT_PAGE_ROWS}
    )
    select found.*, p.given_name || ' ' || p.surname as actor_name
    from found left join officers f on found.actor = 'officer:' || f.id::text left join people p on p.id = f.person_id
    order by found.number desc`);
  const shown = rows.slice(0, AUDIT_PAGE_ROWS).map(({ number, at, actor_name: actorName, ...row }) => ({
    ...row,
    number: Number(number),
    at: new Date(at),
    actorName,
  }));
  return { rows: shown, hasNext: rows.length > AUDIT_PAGE_ROWS };
}
