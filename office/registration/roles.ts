// Who may do what: roles, each in one office, and what each of them allows. The README shows this table; a test compares the two.

export const ROLES = ["administrator", "verifier", "approver", "issuer", "helpdesk", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/**
 * `officers`: invites and withdraws officers; `organisations`: opens and closes; `people`: adds people; `search`: finds people, tokens and
 * certificates and sees their sheets; `applications`: sees dossiers; `identity`: offers appointments, checks who somebody is; `payments`: marks a
 * dossier paid or waived; `approve`: approves or rejects; `unlock`: mailboxes, questions and activations that too many tries have locked; `tokens`: changes a token's state; `issue`: gives out challenges for certificates, provisions at the desk; `secrets`: lets out PUKs, two officers each
 * time; `revoke`; `audit`: reads
 * and verifies the audit trail; `authority`: the CA's ceremonies; `settings`: what pages and mails say of this office.
 */
export const PERMISSIONS = [
  "officers",
  "organisations",
  "people",
  "search",
  "applications",
  "identity",
  "payments",
  "approve",
  "unlock",
  "tokens",
  "issue",
  "secrets",
  "revoke",
  "audit",
  "authority",
  "settings",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: ["officers", "organisations", "search", "applications", "payments", "authority", "settings"],
  verifier: ["people", "search", "applications", "identity"],
  approver: ["organisations", "search", "applications", "payments", "approve"],
  issuer: ["search", "applications", "tokens", "issue", "secrets", "revoke"],
  helpdesk: ["search", "applications", "unlock"],
  auditor: ["search", "audit"],
};

/** The roles that allow it. */
export const rolesWith = (permission: Permission): Role[] => ROLES.filter((role) => ROLE_PERMISSIONS[role].includes(permission));

/** A role that somebody has, and where. */
export interface Assignment {
  readonly officeId: string;
  readonly role: Role;
}

/** What the officer tried is not among their roles' permissions in that office. */
export class NotPermittedError extends Error {
  override readonly name = "NotPermittedError";
  readonly permission: Permission;
  constructor(permission: Permission) {
    super(`not permitted: ${permission}`);
    this.permission = permission;
  }
}

export function isPermitted(assignments: readonly Assignment[], permission: Permission, officeId: string): boolean {
  return assignments.some((own) => own.officeId === officeId && ROLE_PERMISSIONS[own.role].includes(permission));
}

/** The offices in which the officer may do it. */
export function officesWith(assignments: readonly Assignment[], permission: Permission): string[] {
  return [...new Set(assignments.filter(({ role }) => ROLE_PERMISSIONS[role].includes(permission)).map(({ officeId }) => officeId))];
}
