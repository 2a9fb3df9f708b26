// The office's ground. A migration that was released is never changed: what comes later is a further one. Statements are apart by an empty line.

export const GROUND = `
create table offices (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  time_zone text not null,
  created_at timestamptz not null
)

create table organisations (
  id uuid primary key default gen_random_uuid(),
  office_id uuid not null references offices,
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  state text not null check (state in ('requested', 'open', 'closed')),
  created_at timestamptz not null
)

create table people (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  given_name text not null,
  surname text not null,
  email text not null,
  language text not null check (language in ('fr', 'en')),
  number text not null unique,
  created_at timestamptz not null
);

create index people_by_organisation on people (organisation_id)

create table officers (
  id uuid primary key default gen_random_uuid(),
  person_id uuid not null unique references people,
  state text not null check (state in ('invited', 'active', 'withdrawn')),
  public_key bytea unique,
  created_at timestamptz not null,
  check (state <> 'active' or public_key is not null)
)

create table officer_code_sights (
  officer_id uuid not null references officers,
  seen_by uuid not null references officers,
  until timestamptz,
  primary key (officer_id, seen_by)
)

create table officer_roles (
  officer_id uuid not null references officers,
  office_id uuid not null references offices,
  role text not null check (role in ('verifier', 'approver', 'issuer', 'helpdesk', 'auditor', 'administrator')),
  primary key (officer_id, office_id, role)
)

create table one_time_links (
  digest bytea primary key,
  purpose text not null check (purpose in ('enrol', 'sign-in')),
  officer_id uuid not null references officers,
  seen_by uuid references officers,
  expires_at timestamptz not null,
  used_at timestamptz
)

create table sign_in_challenges (
  digest bytea primary key,
  expires_at timestamptz not null,
  used_at timestamptz
)

create table officer_sessions (
  digest bytea primary key,
  officer_id uuid not null references officers,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
)

create table tokens (
  serial text primary key,
  office_id uuid not null references offices,
  model text not null,
  firmware text not null,
  root_fingerprint text not null,
  state text not null
    check (state in ('blank', 'formatted', 'assigned', 'active', 'suspended', 'blocked', 'lost', 'damaged', 'retired')),
  person_id uuid references people,
  created_at timestamptz not null,
  check (state not in ('assigned', 'active', 'suspended', 'blocked') or person_id is not null)
)

create index tokens_by_person on tokens (person_id)

create table keys (
  id uuid primary key default gen_random_uuid(),
  token_serial text not null references tokens,
  slot text not null,
  public_key bytea not null unique,
  attestation bytea not null,
  attestation_issuer bytea not null,
  state text not null check (state in ('attested', 'certified', 'destroyed')),
  created_at timestamptz not null
)

create index keys_by_token on keys (token_serial)

create table issuers (
  id uuid primary key default gen_random_uuid(),
  name text not null unique check (name ~ '^[a-z0-9-]{1,40}$'),
  certificate bytea not null,
  is_online boolean not null,
  is_current boolean not null,
  crl_number bigint not null default 0
)

create unique index issuers_one_current on issuers (is_current) where is_current

create table issuance_challenges (
  digest bytea primary key,
  person_id uuid not null references people,
  token_serial text not null,
  profile text not null,
  expires_at timestamptz not null,
  used_at timestamptz
)

create table certificates (
  id uuid primary key default gen_random_uuid(),
  issuer_id uuid not null references issuers,
  serial_number text not null,
  key_id uuid not null references keys,
  person_id uuid not null references people,
  profile text not null check (profile in ('SIGN-LCP', 'SIGN-QCP', 'AUTH')),
  state text not null check (state in ('issued', 'active', 'expired', 'revoked')),
  not_before timestamptz not null,
  not_after timestamptz not null,
  der bytea not null,
  issued_at timestamptz not null,
  challenge_digest bytea not null unique references issuance_challenges,
  unique (issuer_id, serial_number)
)

create index certificates_by_person on certificates (person_id)

create table revocations (
  certificate_id uuid primary key references certificates,
  reason text not null,
  reason_code integer not null check (reason_code between 0 and 10 and reason_code not in (6, 7, 8)),
  channel text not null check (channel in ('holder', 'legal', 'post', 'officer', 'clock', 'list')),
  officer_id uuid references officers,
  revoked_at timestamptz not null
)

create table unknown_revocations (
  issuer_id uuid not null references issuers,
  serial_number text not null,
  reason_code integer not null check (reason_code between 0 and 10 and reason_code not in (6, 7, 8)),
  revoked_at timestamptz not null,
  primary key (issuer_id, serial_number)
)

create table crls (
  issuer_id uuid not null references issuers,
  number bigint not null,
  this_update timestamptz not null,
  next_update timestamptz not null,
  der bytea not null,
  primary key (issuer_id, number)
)

create table responder_certificates (
  issuer_id uuid not null references issuers,
  serial_number text not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  der bytea not null,
  primary key (issuer_id, serial_number)
)

create table audit_events (
  number bigint primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  details jsonb not null,
  hash bytea not null
)

create table audit_end (
  id integer primary key check (id = 1),
  number bigint not null,
  hash bytea not null
)

insert into audit_end (id, number, hash) values (1, 0, decode(repeat('00', 32), 'hex'))

create table audit_heads (
  number bigint primary key,
  hash bytea not null,
  at timestamptz not null,
  signature bytea not null
)

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only';
end $$

create trigger audit_events_append_only before update or delete or truncate on audit_events
  for each statement execute function refuse_change()

create trigger audit_heads_append_only before update or delete or truncate on audit_heads
  for each statement execute function refuse_change()

create table jobs (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  key text not null unique,
  due_at timestamptz not null,
  claimed_until timestamptz,
  attempts integer not null default 0,
  last_error text,
  done_at timestamptz
)

create index jobs_due on jobs (due_at) where done_at is null

create table limits (
  subject text not null,
  window_start timestamptz not null,
  count integer not null,
  primary key (subject, window_start)
)

create table settings (
  name text primary key,
  value jsonb not null
)
`;
