// A request for a page: who asks, in which language, at what time. A route is a function from it to an answer.

import type { KeyObject } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Html } from "../../../host-bridge/web/html.ts";
import { ownPath } from "../../../host-bridge/web/own-path.ts";
import type { Account } from "../../accounts/account.ts";
import { sessionAccount } from "../../accounts/account-sessions.ts";
import type { HeadFile } from "../../audit/head-file.ts";
import type { Clock } from "../../issuance/clock.ts";
import type { Acting, Officer } from "../../registration/officers.ts";
import { NotPermittedError, officesWith, type Permission } from "../../registration/roles.ts";
import { sessionOfficer } from "../../registration/sign-in.ts";
import type { Sealing } from "../../sealing/sealing.ts";
import type { Store } from "../../store/store.ts";
import type { Revoking } from "../certificate/revoking.ts";
import type { Texts } from "../texts/french.ts";
import { isLanguage, type Language, preferredLanguage, TEXTS } from "../texts/language.ts";
import { cookieOf } from "./cookies.ts";
import { csrfToken } from "./same-site.ts";

/** What the pages are put together from; an ApplicationDesk, too. */
export interface Edge {
  readonly store: Store;
  readonly clock: Clock;
  /** What the store keeps encrypted. */
  readonly sealing: Sealing;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly revoking: Revoking;
  /** Of the key that signs the audit trail's heads. */
  readonly auditKey: KeyObject;
  /** The heads that this server's folder has. */
  readonly headFile: HeadFile | null;
  /** Whether the connection proves client certificates. */
  readonly hasTlsSignIn: boolean;
}

export interface Session {
  readonly officer: Officer;
  readonly secret: string;
  readonly csrf: string;
}

/** Of an account: applicants, managers, holders. An officer's session may be open in the same browser. */
export interface HolderSession {
  readonly secret: string;
  readonly csrf: string;
}

export interface Visit {
  readonly language: Language;
  readonly texts: Texts;
  readonly now: Date;
  /** Path and query, for the links to the other language. */
  readonly path: string;
  readonly session: Session | null;
  readonly account: Account | null;
  /** The account's; null with it. */
  readonly accountSession: HolderSession | null;
}

export interface OfficerVisit extends Visit {
  readonly session: Session;
}

export interface AccountVisit extends Visit {
  readonly account: Account;
  readonly accountSession: HolderSession;
}

/** A page that its address does not bring back, since something is on it that may not be in an address: a form of ours does. */
export interface PageForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface PageAnswer {
  readonly status?: number;
  readonly title: string;
  readonly body: Html;
  /** How the other language is had; absent: by the page's address. */
  readonly again?: PageForm;
}

/** 303, to a path of ours. */
export interface RedirectAnswer {
  readonly to: string;
}

export type Answer = PageAnswer | RedirectAnswer;

/** There is no such thing, or it is none of this officer's business: the answer is the same. */
export class NothingThereError extends Error {
  override readonly name = "NothingThereError";
}

const visits = new WeakMap<FastifyRequest, Visit>();

/** Found once a request. Opening a session's page keeps it open. */
export async function visitOf(request: FastifyRequest, { store, clock, publicUrl }: Edge): Promise<Visit> {
  const known = visits.get(request);
  if (known !== undefined) return known;
  const now = clock.now();
  const secret = cookieOf(request, "session", publicUrl);
  const officer = secret === undefined ? null : await sessionOfficer(store, secret, now);
  const session = officer === null || secret === undefined ? null : { officer, secret, csrf: csrfToken(secret) };
  const visit = { ...anonymousVisit(request, publicUrl, now), session, ...(await accountVisit(request, store, publicUrl, now)) };
  visits.set(request, visit);
  return visit;
}

type WithAccount = Pick<Visit, "account" | "accountSession">;

async function accountVisit(request: FastifyRequest, store: Store, publicUrl: string, now: Date): Promise<WithAccount> {
  const secret = cookieOf(request, "account", publicUrl);
  const account = secret === undefined ? null : await sessionAccount(store, secret, now);
  if (account === null || secret === undefined) return { account: null, accountSession: null };
  return { account, accountSession: { secret, csrf: csrfToken(secret) } };
}

/** What a button for the other language sends, on a page that has a PageForm. */
export function postedLanguage({ method, body }: FastifyRequest): Language | null {
  const { lang } = (body ?? {}) as Record<string, unknown>;
  return method === "POST" && isLanguage(lang) ? lang : null;
}

/** Needs no database: for when that is what is broken. */
export function anonymousVisit(request: FastifyRequest, publicUrl: string, now: Date): Visit {
  const chosen = postedLanguage(request) ?? cookieOf(request, "language", publicUrl);
  const language = isLanguage(chosen) ? chosen : preferredLanguage(request.headers["accept-language"]);
  return { language, texts: TEXTS[language], now, path: ownPath(request.url), session: null, account: null, accountSession: null };
}

export const knownVisit = (request: FastifyRequest): Visit | undefined => visits.get(request);

/** The offices in which the officer may do it. @throws NotPermittedError nowhere */
export function scopeOf({ session }: OfficerVisit, permission: Permission): string[] {
  const offices = officesWith(session.officer.assignments, permission);
  if (offices.length === 0) throw new NotPermittedError(permission);
  return offices;
}

/** An account as the audit trail has it. */
export const accountActing = ({ account, now }: AccountVisit): Acting => ({ actor: `account:${account.id}`, now });
export const actingOf = ({ session, now }: OfficerVisit): Acting => ({ actor: `officer:${session.officer.id}`, now });

export type PageHandler = (visit: Visit, request: FastifyRequest, reply: FastifyReply) => Promise<Answer> | Answer;
export type AccountPageHandler = (visit: AccountVisit, request: FastifyRequest, reply: FastifyReply) => Promise<Answer> | Answer;
export type OfficerPageHandler = (visit: OfficerVisit, request: FastifyRequest, reply: FastifyReply) => Promise<Answer> | Answer;
