// Applications: accounts, dossiers, identity checks, activation. Statements are apart by an empty line.

export const APPLICATIONS = `
alter table organisations add column kind text not null default 'company' check (kind in ('company', 'association'))

alter table people add column title text

alter table people add column member_number text

alter table people add column association_id uuid references organisations

create table accounts (
  id uuid primary key default gen_random_uuid(),
  email text not null unique check (email = lower(email)),
  language text not null check (language in ('fr', 'en')),
  created_at timestamptz not null
)

create table mailboxes (
  email text primary key check (email = lower(email)),
  failed_tries integer not null,
  locked_at timestamptz
)

create table mail_codes (
  digest bytea primary key,
  email text not null,
  code_hash text not null,
  tries integer not null,
  expires_at timestamptz not null,
  used_at timestamptz
)

create table account_sessions (
  digest bytea primary key,
  account_id uuid not null references accounts,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
)

create table organisation_requests (
  organisation_id uuid primary key references organisations,
  account_id uuid not null references accounts,
  users integer not null check (users >= 5),
  requested_at timestamptz not null,
  refusal text
)

create table organisation_managers (
  organisation_id uuid primary key references organisations,
  account_id uuid not null references accounts,
  name text not null,
  phone text not null,
  since timestamptz not null
)

create table organisation_invitations (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references organisations,
  email text not null,
  invited_by uuid not null references accounts,
  invited_at timestamptz not null,
  expires_at timestamptz not null,
  withdrawn_at timestamptz
)

create table legal_representatives (
  organisation_id uuid primary key references organisations,
  name text not null,
  email text not null check (email = lower(email)),
  language text not null check (language in ('fr', 'en')),
  identifier text not null unique,
  named_by text not null,
  state text not null check (state in ('named', 'offered', 'open')),
  key_hash text,
  key_at timestamptz,
  handover_hash text,
  handover_expires_at timestamptz,
  failed_tries integer not null,
  locked_at timestamptz,
  created_at timestamptz not null,
  check ((state = 'open') = (key_hash is not null))
)

create table representative_sessions (
  digest bytea primary key,
  organisation_id uuid not null references legal_representatives,
  purpose text not null check (purpose in ('collect', 'revoke')),
  code_hash text,
  code_expires_at timestamptz,
  opened_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
)

create table dossiers (
  id uuid primary key default gen_random_uuid(),
  number text not null unique,
  office_id uuid not null references offices,
  account_id uuid not null references accounts,
  association_id uuid references organisations,
  organisation_id uuid references organisations,
  profile text not null check (profile in ('SIGN-LCP', 'SIGN-QCP')),
  state text not null check (state in ('draft', 'submitted', 'identity_pending', 'identity_verified', 'identity_failed', 'approved', 'rejected', 'activation_ready', 'active', 'cancelled', 'expired')),
  given_name text not null,
  surname text not null,
  email text not null,
  phone text not null,
  title text not null,
  member_number text not null,
  language text not null check (language in ('fr', 'en')),
  payment text not null check (payment in ('due', 'paid', 'waived', 'covered')),
  payment_officer_id uuid references officers,
  payment_note text,
  payment_at timestamptz,
  verifier_id uuid references officers,
  verified_at timestamptz,
  approver_id uuid references officers,
  decided_at timestamptz,
  status_note text,
  reason text,
  person_id uuid references people,
  token_serial text references tokens,
  certificate_id uuid references certificates,
  created_at timestamptz not null,
  submitted_at timestamptz,
  evidence_by_hand_at timestamptz,
  expires_at timestamptz not null
)

create table question_sets (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null unique references accounts,
  state text not null check (state in ('open', 'locked')),
  failed_tries integer not null,
  created_at timestamptz not null
)

create table question_answers (
  set_id uuid not null references question_sets,
  question text not null,
  answer_hash text not null,
  primary key (set_id, question)
)

create table consents (
  dossier_id uuid not null references dossiers,
  document text not null check (document in ('terms', 'privacy')),
  version text not null,
  digest bytea not null,
  at timestamptz not null,
  primary key (dossier_id, document)
)

create table appointment_slots (
  id uuid primary key default gen_random_uuid(),
  office_id uuid not null references offices,
  officer_id uuid not null references officers,
  kind text not null check (kind in ('video', 'desk')),
  place text not null,
  starts_at timestamptz not null,
  minutes integer not null,
  withdrawn_at timestamptz
)

create table identity_checks (
  id uuid primary key default gen_random_uuid(),
  dossier_id uuid not null references dossiers,
  slot_id uuid not null references appointment_slots,
  state text not null check (state in ('booked', 'in_review', 'inconclusive', 'manual', 'accepted', 'refused', 'cancelled')),
  officer_id uuid references officers,
  doubted_by uuid references officers,
  checklist jsonb not null,
  note text,
  created_at timestamptz not null,
  decided_at timestamptz
)

create table evidence (
  id uuid primary key default gen_random_uuid(),
  dossier_id uuid not null references dossiers,
  kind text not null check (kind in ('document-front', 'document-back', 'other')),
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'application/pdf')),
  size_bytes integer not null,
  sha256 bytea not null,
  sealed bytea,
  uploaded_by text not null,
  uploaded_at timestamptz not null,
  destroy_at timestamptz not null,
  destroyed_at timestamptz
)

create table activations (
  id uuid primary key default gen_random_uuid(),
  dossier_id uuid not null references dossiers,
  digest bytea not null unique,
  state text not null check (state in ('created', 'mailed', 'locked', 'used', 'expired')),
  failed_tries integer not null,
  token_serial text references tokens,
  secrets_serial text,
  secrets_sealed bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
)

create table activation_sessions (
  digest bytea primary key,
  activation_id uuid not null references activations,
  officer_id uuid references officers,
  created_at timestamptz not null,
  expires_at timestamptz not null
)

create table agent_requests (
  digest bytea primary key,
  kind text not null check (kind in ('activate', 'provision', 'sign-in')),
  sealed bytea not null,
  return_path text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  taken_at timestamptz
)

create table token_secrets (
  token_serial text primary key references tokens,
  sealed bytea not null,
  stored_by text not null,
  stored_at timestamptz not null
)

create table secret_releases (
  id uuid primary key default gen_random_uuid(),
  token_serial text not null references tokens,
  state text not null check (state in ('asked', 'agreed', 'refused', 'shown', 'expired')),
  reason text not null,
  asked_by uuid not null references officers,
  asked_at timestamptz not null,
  decided_by uuid references officers,
  decided_at timestamptz,
  shown_at timestamptz,
  expires_at timestamptz not null
)

create table mails (
  id uuid primary key default gen_random_uuid(),
  recipient text not null,
  template text not null,
  sealed bytea,
  created_at timestamptz not null,
  sent_at timestamptz
)

create index dossiers_by_account on dossiers (account_id)

create index dossiers_by_state on dossiers (office_id, state)

create unique index identity_checks_one_a_slot on identity_checks (slot_id) where state <> 'cancelled'

create index evidence_by_dossier on evidence (dossier_id)

create unique index identity_checks_one_open on identity_checks (dossier_id) where state in ('booked', 'in_review', 'inconclusive', 'manual')

create unique index activations_one_open on activations (dossier_id) where state in ('created', 'mailed', 'locked')

create unique index secret_releases_one_open on secret_releases (token_serial) where state in ('asked', 'agreed')

create unique index organisation_invitations_one_open on organisation_invitations (organisation_id, email) where withdrawn_at is null
`;
