// The office's tables in the order in which they can be filled: none before those that it refers to. A test compares the list with the database.

export const TABLES = [
  "offices",
  "organisations",
  "people",
  "officers",
  "officer_roles",
  "one_time_links",
  "sign_in_challenges",
  "officer_sessions",
  "tokens",
  "keys",
  "issuers",
  "issuance_challenges",
  "certificates",
  "revocations",
  "crls",
  "responder_certificates",
  "audit_events",
  "audit_end",
  "audit_heads",
  "jobs",
  "limits",
  "settings",
] as const;

export type TableName = (typeof TABLES)[number];

/** What it is worth to restore it: nobody's session or half a sign-in outlives the office that it was with. */
export const NOT_RESTORED: ReadonlySet<string> = new Set<TableName>(["sign_in_challenges", "officer_sessions"]);
