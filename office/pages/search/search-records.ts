// Finds people by name, e-mail or number, organisations by name, and tokens and certificates by a part of their serial number: within the officer's offices.

import { type SQL, sql } from "drizzle-orm";
import type { CertificateState } from "../../states/certificate-states.ts";
import type { OrganisationState } from "../../states/organisation-states.ts";
import type { TokenState } from "../../states/token-states.ts";
import type { Database } from "../../store/store.ts";

export const SEARCH_KINDS = ["all", "people", "organisations", "tokens", "certificates", "valid", "revoked"] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

export interface Search {
  /** As it was typed. */
  readonly text: string;
  readonly kind: SearchKind;
  /** From 1. */
  readonly page: number;
}

interface Holder {
  /** null: nobody's. */
  readonly name: string | null;
  readonly email: string | null;
}

export type Found = Holder &
  (
    | { readonly kind: "person"; readonly id: string; readonly organisation: string }
    | { readonly kind: "organisation"; readonly id: string; readonly organisation: string; readonly state: OrganisationState }
    | { readonly kind: "token"; readonly id: string; readonly state: TokenState }
    | {
        readonly kind: "certificate";
        readonly id: string;
        readonly serialNumber: string;
        readonly profile: string;
        readonly state: CertificateState;
        readonly notAfter: Date;
      }
  );

export interface SearchResult {
  readonly rows: readonly Found[];
  readonly hasNext: boolean;
}

export const SEARCH_PAGE_ROWS = 20;

const folded = (text: string): string => text.normalize("NFD").toLowerCase().replace(/\p{M}/gu, "");

// «helene» finds «HÉLÈNE», whatever the database's collation knows about letters: each letter stands for those of Europe (U+00C0 to U+017F) that
// fold to it. As a regular expression that takes 40 ms among 50,000 people; folding every row with translate() took 6 s.
const EUROPEAN = Array.from({ length: 0x180 - 0xc0 }, (_, index) => String.fromCharCode(0xc0 + index));

function anyFormOf(character: string): string {
  if (!/\p{L}/u.test(character)) return /[\d\s]/.test(character) ? character : `\\${character}`;
  const forms = [character, character.toUpperCase(), ...EUROPEAN.filter((letter) => folded(letter) === character)];
  return `[${[...new Set(forms)].filter((form) => /^\p{L}$/u.test(form)).join("")}]`;
}

/** PostgreSQL's, advanced (§9.7.3): classes of letters one after the other, nothing that repeats. */
const expression = (word: string): string => [...folded(word)].map(anyFormOf).join("");

/** What is typed is never a pattern. */
const pattern = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/** Every word has to be somewhere in it, whatever its accents and capitals. */
export function contains(haystack: SQL, words: readonly string[]): SQL {
  const each = words.map((word) => sql`${haystack} ~ ${expression(word)}`);
  return each.length === 0 ? sql`true` : sql.join(each, sql` and `);
}

/** Serial numbers are shown in groups, and elsewhere with colons. What is only that is no part of any. */
const serialText = (text: string): string => text.replace(/[\s:]/g, "").toLowerCase() || text.trim();

interface Row extends Record<string, unknown> {
  readonly kind: "person" | "organisation" | "token" | "certificate";
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly organisation: string | null;
  readonly serial_number: string | null;
  readonly profile: string | null;
  readonly state: string | null;
  readonly not_after: string | Date | null;
}

function foundOf({ kind, id, name, email, ...row }: Row): Found {
  if (kind === "person") return { kind, id, name, email, organisation: row.organisation ?? "" };
  if (kind === "organisation")
    return { kind, id, name, email, organisation: row.organisation ?? "", state: row.state as OrganisationState };
  if (kind === "token") return { kind, id, name, email, state: row.state as TokenState };
  const [serialNumber, profile, state] = [row.serial_number ?? "", row.profile ?? "", row.state as CertificateState];
  return { kind, id, name, email, serialNumber, profile, state, notAfter: new Date(row.not_after ?? 0) };
}

/** `scope`: the officer's offices, at least one. */
function selections({ text, kind }: Search, scope: readonly string[], now: Date): SQL[] {
  const offices = sql`(${sql.join(
    scope.map((id) => sql`${id}::uuid`),
    sql`, `,
  )})`;
  const words = text.split(/\s+/).filter((word) => word !== "");
  const serial = pattern(serialText(text));
  const person = sql`p.given_name || ' ' || p.surname`;
  const people = sql`
    select 1 as rank, 'person' as kind, p.id::text as id, ${person} as name, p.email, o.name as organisation,
      null as serial_number, null as profile, null as state, null::timestamptz as not_after, p.surname as sorted
    from people p join organisations o on o.id = p.organisation_id
    where o.office_id in ${offices} and ${contains(sql`(${person} || ' ' || p.email || ' ' || p.number)`, words)}`;
  const organisations = sql`
    select 2, 'organisation', o.id::text, null, null, o.name, null, null, o.state, null::timestamptz, o.name
    from organisations o where o.office_id in ${offices} and ${contains(sql`o.name`, words)}`;
  const tokens = (which: SQL): SQL => sql`
    select 3, 'token', t.serial, ${person}, p.email, null, null, null, t.state, null::timestamptz, t.serial
    from tokens t left join (people p join organisations o on o.id = p.organisation_id and o.office_id in ${offices}) on p.id = t.person_id
    where t.office_id in ${offices} and ${which}`;
  const certificates = (state: SQL): SQL => sql`
    select 4, 'certificate', c.id::text, ${person}, p.email, null, c.serial_number, c.profile, c.state, c.not_after, c.serial_number
    from certificates c join people p on p.id = c.person_id join organisations o on o.id = p.organisation_id
    where o.office_id in ${offices} and ${state}
      and (c.serial_number like ${serial} or (${contains(sql`(${person} || ' ' || p.email)`, words)}))`;
  // Of somebody by name, all: people, and the tokens and certificates only when they were asked for.
  const bySerial = sql`(c.serial_number like ${serial})`;
  const byTokenSerial = sql`lower(t.serial) like ${serial}`;
  switch (kind) {
    case "all":
      return [people, organisations, tokens(byTokenSerial), certificates(text.trim() === "" ? sql`true` : bySerial)];
    case "people":
      return [people];
    case "organisations":
      return [organisations];
    case "tokens":
      return [tokens(sql`(${byTokenSerial} or (${contains(sql`(${person} || ' ' || p.email)`, words)}))`)];
    case "certificates":
      return [certificates(sql`true`)];
    case "valid":
      return [certificates(sql`c.state in ('issued', 'active') and c.not_after >= ${now.toISOString()}`)];
    case "revoked":
      return [certificates(sql`c.state = 'revoked'`)];
  }
}

export async function find(db: Database, search: Search, scope: readonly string[], now: Date): Promise<SearchResult> {
  const all = sql.join(selections(search, scope, now), sql` union all `);
  // A prepared set of columns comes from the first of them: each kind alone needs their names, too.
  const named = sql`select * from (${all}) as found (rank, kind, id, name, email, organisation, serial_number, profile, state, not_after, sorted)`;
  const offset = (search.page - 1) * SEARCH_PAGE_ROWS;
  const { rows } = await db.execute<Row>(sql`${named} order by rank, sorted, id limit ${SEARCH_PAGE_ROWS + 1} offset ${offset}`);
  return { rows: rows.slice(0, SEARCH_PAGE_ROWS).map(foundOf), hasNext: rows.length > SEARCH_PAGE_ROWS };
}
