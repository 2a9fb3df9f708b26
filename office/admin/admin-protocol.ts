// What `sceau office …` asks the running server, over its unix socket: HTTP, JSON. Whoever can open the socket is the office's own user.

import type { AuditReport } from "../audit/audit-verification.ts";
import type { HeadLine } from "../audit/head-lines.ts";
import type { JobCounts } from "../process/office-jobs.ts";
import type { Role } from "../registration/roles.ts";

export interface OfficeStatus {
  readonly pid: number;
  readonly publicUrl: string;
  readonly address: string;
  readonly kind: "pglite" | "postgresql";
  readonly isDemo: boolean;
  readonly since: string;
  readonly issuers: readonly {
    readonly name: string;
    readonly isCurrent: boolean;
    readonly crlNumber: number;
    readonly notAfter: string;
  }[];
  readonly certificates: Readonly<Record<string, number>>;
  readonly officers: Readonly<Record<string, number>>;
  readonly jobs: JobCounts;
  readonly audit: { readonly events: number; readonly lastHead: string | null };
}

export interface OfficerRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly state: string;
  /** role@OFFICE-ID */
  readonly roles: readonly string[];
}

/** Somebody new; or, by the e-mail of an officer who was invited before and has not enrolled, a new code. */
export interface InvitationRequest {
  readonly givenName?: string | undefined;
  readonly surname?: string | undefined;
  readonly email: string;
  readonly language: "fr" | "en";
  readonly roles: readonly Role[];
}

export interface InvitationAnswer {
  readonly officerId: string;
  readonly publicUrl: string;
  readonly code: string;
  /** A mail goes there. */
  readonly email: string;
}

/** Signed heads that somebody kept elsewhere, to be compared with the trail. */
export interface AuditRequest {
  readonly heads: readonly HeadLine[];
}

export type AuditAnswer = AuditReport;

/** The newest signed head; null: there is none yet. */
export type AuditHeadAnswer = HeadLine | null;

/** Whoever restored the database by other means than `sceau office restore` has said so. */
export interface AuditRestoredAnswer {
  /** The last event that the trail and the file's heads have in common. */
  readonly lastEvent: number;
}

/** Why the server does not do it; `status` as in HTTP, `problem` for messages. */
export interface AdminProblem {
  readonly problem: string;
}
