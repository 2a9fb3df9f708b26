// Accounts, for browsers: the start page, signing in by a code, the account's own page, signing out.

import { asc } from "drizzle-orm";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { setAccountLanguage } from "../../accounts/account.ts";
import { accountSessionsOf, endAccountSessions, endOwnAccountSession } from "../../accounts/account-sessions.ts";
import { askedMailbox } from "../../accounts/asked-mailbox.ts";
import { answerCode, askCode } from "../../accounts/mailbox-codes.ts";
import { MailboxError } from "../../accounts/mailbox-error.ts";
import { managedBy } from "../../dossiers/corporate-records.ts";
import { dossiersOf } from "../../dossiers/dossiers.ts";
import { offices } from "../../store/schema.ts";
import { accountPage, publicPage } from "../edge/answering.ts";
import { clearAccountCookie, cookieOf, setAccountCookie } from "../edge/cookies.ts";
import { readForm } from "../edge/form.ts";
import { type AccountVisit, type Answer, type Edge, NothingThereError, type Visit } from "../edge/visit.ts";
import { network } from "../sign-in/sign-in-limits.ts";
import { type AccountDone, accountPageOf } from "./account-page.ts";
import { CODE, MAILBOX, nextOf } from "./mailbox-form.ts";
import { codePage, mailboxPage } from "./mailbox-page.ts";
import { welcomePage } from "./welcome-page.ts";

const LANGUAGE = z.object({ language: z.enum(["fr", "en"]) });
const SESSION = z.object({ session: z.union([z.literal("others"), z.string().regex(/^[0-9a-f]{32}$/)]) });
const DONE = z.object({ done: z.enum(["saved", "ended"]) });

const codeAddress = (next: string): string => `/account/code?${new URLSearchParams({ next })}`;

interface TypedCode {
  readonly secret: string;
  readonly body: unknown;
  readonly ip: string;
}

/** The code that was typed: into the account, or the page again. */
async function enter(edge: Edge, visit: Visit, reply: FastifyReply, { secret, body, ip }: TypedCode): Promise<Answer> {
  const { store, publicUrl } = edge;
  const next = nextOf(body);
  const mailbox = await askedMailbox(store.db, secret, visit.now);
  const { data, form } = readForm(CODE, body);
  if (data === null) return mailbox === null ? { to: "/account/sign-in" } : codePage(visit, mailbox, next, { form });
  try {
    const opened = await answerCode(edge, { secret, code: data.code, from: network(ip) }, visit.language, visit.now);
    // A session that was open in this browser is not left behind.
    if (visit.accountSession !== null) await endOwnAccountSession(store, visit.accountSession.secret, visit.now);
    clearAccountCookie(reply, "code", publicUrl);
    setAccountCookie(reply, "account", opened.secret, publicUrl);
    return { to: next };
  } catch (error) {
    if (!(error instanceof MailboxError) || error.refusal !== "code-wrong" || mailbox === null) throw error;
    return codePage(visit, mailbox, next, { triesLeft: error.triesLeft });
  }
}

function addSignIn(app: FastifyInstance, edge: Edge): void {
  const { store, publicUrl } = edge;
  app.get(
    "/account/sign-in",
    publicPage(edge, (visit, { query }) => mailboxPage(visit, nextOf(query))),
  );
  app.post(
    "/account/sign-in",
    publicPage(edge, async (visit, { body, ip }, reply) => {
      const next = nextOf(body);
      const { data, form } = readForm(MAILBOX, body);
      if (data === null) return mailboxPage(visit, next, { form });
      const secret = await askCode(edge, { email: data.email, language: visit.language, from: network(ip) }, visit.now);
      setAccountCookie(reply, "code", secret, publicUrl);
      return { to: codeAddress(next) };
    }),
  );
  app.get(
    "/account/code",
    publicPage(edge, async (visit, request) => {
      const secret = cookieOf(request, "code", publicUrl);
      const mailbox = secret === undefined ? null : await askedMailbox(store.db, secret, visit.now);
      const next = nextOf(request.query);
      return mailbox === null ? { to: `/account/sign-in?${new URLSearchParams({ next })}` } : codePage(visit, mailbox, next);
    }),
  );
  app.post(
    "/account/code",
    publicPage(edge, (visit, request, reply) => {
      const secret = cookieOf(request, "code", publicUrl);
      if (secret === undefined) throw new MailboxError("code-unknown");
      return enter(edge, visit, reply, { secret, body: request.body, ip: request.ip });
    }),
  );
}

async function ownPage({ store: { db } }: Edge, visit: AccountVisit, done: AccountDone): Promise<Answer> {
  const { account, accountSession, now } = visit;
  const [office] = await db.select({ timeZone: offices.timeZone }).from(offices).orderBy(asc(offices.createdAt), asc(offices.id)).limit(1);
  const record = {
    dossiers: await dossiersOf(db, account.id),
    organisations: await managedBy(db, account.id),
    sessions: await accountSessionsOf(db, account.id, accountSession.secret, now),
    timeZone: office?.timeZone ?? "UTC",
  };
  return accountPageOf(visit, record, done);
}

export function addAccountRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, publicUrl } = edge;
  app.get(
    "/",
    publicPage(edge, (visit) => {
      if (visit.session !== null) return { to: "/search" };
      return visit.account === null ? welcomePage(visit) : { to: "/account" };
    }),
  );
  addSignIn(app, edge);
  app.get(
    "/account",
    accountPage(edge, (visit, { query }) => ownPage(edge, visit, DONE.safeParse(query).data?.done ?? null)),
  );
  app.post(
    "/account/language",
    accountPage(edge, async ({ account }, { body }) => {
      const result = LANGUAGE.safeParse(body);
      if (!result.success) throw new NothingThereError();
      await setAccountLanguage(store.db, account.id, result.data.language);
      return { to: "/account?done=saved" };
    }),
  );
  app.post(
    "/account/sessions/end",
    accountPage(edge, async ({ account, accountSession, now }, { body }) => {
      const result = SESSION.safeParse(body);
      if (!result.success) throw new NothingThereError();
      const { session } = result.data;
      await endAccountSessions(store, account.id, session === "others" ? { othersThan: accountSession.secret } : { id: session }, now);
      return { to: "/account?done=ended" };
    }),
  );
  app.post(
    "/account/sign-out",
    accountPage(edge, async ({ accountSession, now }, _request, reply) => {
      await endOwnAccountSession(store, accountSession.secret, now);
      clearAccountCookie(reply, "account", publicUrl);
      return { to: "/" };
    }),
  );
}
