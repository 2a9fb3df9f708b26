// What an error means to whoever asked: once for all of the office, as a page or as a problem document (RFC 9457).

import { html } from "../../../host-bridge/web/html.ts";
import { MailboxError, type MailboxRefusal } from "../../accounts/mailbox-error.ts";
import { ReasonNeededError } from "../../decisions/token-decision.ts";
import { CorporateError } from "../../dossiers/corporate-accounts.ts";
import { DossierError, type DossierRefusal } from "../../dossiers/dossier-error.ts";
import { QuestionSetError, type QuestionSetRefusal } from "../../dossiers/question-sets.ts";
import { IdentityError } from "../../identity/identity-error.ts";
import { UnknownCertificateError } from "../../issuance/revocation.ts";
import { LimitError } from "../../registration/limits.ts";
import { OfficerError, type OfficerRefusal } from "../../registration/officers.ts";
import { NotPermittedError, type Permission } from "../../registration/roles.ts";
import { SignInError, type SignInRefusal } from "../../registration/sign-in.ts";
import { UnknownTokenError } from "../../registration/tokens.ts";
import { AccessError, type AccessRefusal } from "../../representatives/access-error.ts";
import { StateError } from "../../states/state-table.ts";
import { whoMay } from "../frame/who-may.ts";
import type { Texts } from "../texts/french.ts";
import { ForeignRequestError } from "./same-site.ts";
import { NothingThereError, type PageAnswer, type Visit } from "./visit.ts";

export type FaultKind = keyof Texts["faults"];

export interface Fault {
  readonly kind: FaultKind;
  readonly status: number;
  readonly retryAt?: Date;
  /** What the officer may not. */
  readonly permission?: Permission;
}

const SIGN_IN_FAULTS: Readonly<Record<SignInRefusal, Fault>> = {
  "challenge-unknown": { kind: "challenge-unknown", status: 401 },
  "challenge-used": { kind: "challenge-used", status: 401 },
  "challenge-expired": { kind: "challenge-expired", status: 401 },
  "key-unknown": { kind: "key-unknown", status: 401 },
  "key-out-of-service": { kind: "key-out-of-service", status: 403 },
  "not-active": { kind: "not-active", status: 403 },
  signature: { kind: "signature", status: 401 },
};

const OFFICER_FAULTS: Readonly<Record<OfficerRefusal, Fault>> = {
  unknown: { kind: "not-found", status: 404 },
  "already-officer": { kind: "already-officer", status: 409 },
  "link-unknown": { kind: "link-unknown", status: 404 },
  "link-used": { kind: "link-used", status: 410 },
  "link-expired": { kind: "link-expired", status: 410 },
  "key-known": { kind: "key-known", status: 409 },
  withdrawn: { kind: "state", status: 409 },
  yourself: { kind: "yourself", status: 409 },
  "last-administrator": { kind: "last-administrator", status: 409 },
};

const MAILBOX_FAULTS: Readonly<Record<MailboxRefusal, Fault>> = {
  "code-unknown": { kind: "code-unknown", status: 422 },
  "code-used": { kind: "code-used", status: 410 },
  "code-expired": { kind: "code-expired", status: 410 },
  "code-wrong": { kind: "code-unknown", status: 422 },
  locked: { kind: "mailbox-locked", status: 403 },
  "not-locked": { kind: "not-locked", status: 409 },
};

const DOSSIER_FAULTS: Readonly<Record<DossierRefusal, Fault>> = {
  unknown: { kind: "not-found", status: 404 },
  "already-open": { kind: "dossier-open", status: 409 },
  "not-invited": { kind: "invitation-over", status: 410 },
  "invitation-used": { kind: "invitation-over", status: 410 },
  "organisation-not-open": { kind: "organisation-not-open", status: 409 },
  "unknown-association": { kind: "association-closed", status: 409 },
  names: { kind: "dossier-incomplete", status: 422 },
  membership: { kind: "dossier-incomplete", status: 422 },
  profile: { kind: "dossier-incomplete", status: 422 },
  incomplete: { kind: "dossier-incomplete", status: 409 },
  "questions-missing": { kind: "dossier-incomplete", status: 409 },
  "consents-changed": { kind: "dossier-incomplete", status: 409 },
  "too-late": { kind: "dossier-too-late", status: 409 },
};

const ACCESS_FAULTS: Readonly<Record<AccessRefusal, Fault>> = {
  wrong: { kind: "access-session", status: 401 },
  session: { kind: "access-session", status: 401 },
  locked: { kind: "access-locked", status: 403 },
  "code-missing": { kind: "access-code", status: 410 },
  "code-expired": { kind: "access-code", status: 410 },
  "code-wrong": { kind: "access-code", status: 422 },
  unknown: { kind: "not-found", status: 404 },
  "same-officer": { kind: "access-same-officer", status: 409 },
  "not-locked": { kind: "not-locked", status: 409 },
};

/** What is wrong with single answers stands on their form. */
function ofQuestions(refusal: QuestionSetRefusal): Fault {
  if (refusal === "unknown") return { kind: "not-found", status: 404 };
  if (refusal === "locked") return { kind: "questions-locked", status: 403 };
  return refusal === "in-use" ? { kind: "questions-fixed", status: 409 } : { kind: "dossier-incomplete", status: 422 };
}

const UNEXPECTED: Fault = { kind: "unexpected", status: 500 };
const TOO_LARGE = 413;

/** What fastify itself refuses: a body that is too large, of another type, unreadable. */
function ofTheServer(error: unknown): Fault {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : null;
  if (typeof status !== "number" || status < 400 || status >= 500) return UNEXPECTED;
  return { kind: status === TOO_LARGE ? "too-large" : "unreadable", status };
}

/**
 * A rule said no, and the page has no words of its own for it: what it showed was not so any more, as when another officer was faster. Rules tell their
 * refusals by a word in `refusal`, or by an error that is nothing else.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof ReasonNeededError || (error instanceof Error && "refusal" in error && typeof error.refusal === "string");
}

export function faultOf(error: unknown): Fault {
  if (error instanceof NothingThereError) return { kind: "not-found", status: 404 };
  if (error instanceof NotPermittedError) return { kind: "not-permitted", status: 403, permission: error.permission };
  if (error instanceof ForeignRequestError) return { kind: "foreign", status: 403 };
  if (error instanceof LimitError) return { kind: "too-many", status: 429, retryAt: error.retryAt };
  if (error instanceof StateError) return { kind: "state", status: 409 };
  if (error instanceof SignInError) return SIGN_IN_FAULTS[error.refusal];
  if (error instanceof MailboxError) return MAILBOX_FAULTS[error.refusal];
  if (error instanceof DossierError) return DOSSIER_FAULTS[error.refusal];
  if (error instanceof QuestionSetError) return ofQuestions(error.refusal);
  if (error instanceof CorporateError) {
    return error.refusal === "unknown" ? { kind: "not-found", status: 404 } : { kind: "corporate-refused", status: 422 };
  }
  if (error instanceof AccessError) return ACCESS_FAULTS[error.refusal];
  if (error instanceof OfficerError) return OFFICER_FAULTS[error.refusal];
  if (error instanceof IdentityError) {
    return error.refusal === "unknown" ? { kind: "not-found", status: 404 } : { kind: "state", status: 409 };
  }
  if (error instanceof UnknownTokenError || error instanceof UnknownCertificateError) return { kind: "not-found", status: 404 };
  if (isRefusal(error)) return { kind: "state", status: 409 };
  return ofTheServer(error);
}

/** @param requestId by which it is found in the log */
export function faultPage(visit: Visit, { kind, status, permission }: Fault, publicUrl: string, requestId: string): PageAnswer {
  const { frame, faults, account } = visit.texts;
  const { title, text } = faults[kind];
  const isCode = kind === "code-unknown" || kind === "code-used" || kind === "code-expired";
  return {
    status,
    title,
    body: html`<section class="card"><p>${text}</p>
${permission === undefined ? null : html`<p>${whoMay(permission, visit)}</p>`}
${kind === "foreign" ? html`<p>${frame.address} <a href="${publicUrl}">${publicUrl}</a></p>` : null}
${status >= 500 ? html`<p>${frame.requestId} <code>${requestId}</code></p>` : null}
${isCode ? html`<p><a class="button" href="/account/sign-in">${account.again}</a></p>` : null}
<p><a href="/">${frame.home}</a></p></section>`,
  };
}

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly instance: string;
}

/** For programs, which go by `type`. */
export function problemDocument({ kind, status }: Fault, english: Texts, requestId: string): ProblemDocument {
  return { type: `urn:sceau:office:${kind}`, title: english.faults[kind].title, status, instance: `urn:sceau:request:${requestId}` };
}
