// A legal representative comes in: with the key, or with the hand-over code to be shown a key.

import type { FastifyInstance } from "fastify";
import { AccessError } from "../../representatives/access-error.ts";
import { collectKey } from "../../representatives/handing-over.ts";
import type { Purpose } from "../../representatives/representative-sessions.ts";
import { answerSecretCode, askSecretCode, endRepresentativeSession, identify } from "../../representatives/signing-in.ts";
import { publicPage } from "../edge/answering.ts";
import { clearRepresentativeCookie, setRepresentativeCookie } from "../edge/cookies.ts";
import { FormState, readForm } from "../edge/form.ts";
import { type Edge, NothingThereError } from "../edge/visit.ts";
import { network } from "../sign-in/sign-in-limits.ts";
import { COLLECT, MAILBOX, SECRET_CODE, SHOWN_KEY, SIGN_IN } from "./representative-forms.ts";
import { nextPlace, representativePage } from "./representative-visit.ts";
import { beforeKeyPage, codePage, collectPage, keyPage, mailboxPage, signInPage, withoutSecret } from "./sign-in-pages.ts";

/** @returns null: it is wrong, whatever the reason */
async function identified(
  edge: Edge,
  given: { readonly identifier: string; readonly secret: string; readonly purpose: Purpose; readonly ip: string },
  now: Date,
): Promise<string | null> {
  const { ip, ...access } = given;
  try {
    return await identify(edge, { ...access, from: network(ip) }, now);
  } catch (error) {
    if (error instanceof AccessError && error.refusal === "wrong") return null;
    throw error;
  }
}

function addIdentifying(app: FastifyInstance, edge: Edge): void {
  const { publicUrl } = edge;
  app.get(
    "/representative/sign-in",
    publicPage(edge, (visit, { query }) => signInPage(visit, new FormState(), (query as Record<string, unknown>)["over"] === "yes")),
  );
  app.post(
    "/representative/sign-in",
    publicPage(edge, async (visit, { body, ip }, reply) => {
      const { data, form } = readForm(SIGN_IN, body);
      if (data === null) return signInPage(visit, withoutSecret(form), false);
      const { identifier, key: secret } = data;
      const session = await identified(edge, { identifier, secret, purpose: "revoke", ip }, visit.now);
      if (session === null) return signInPage(visit, withoutSecret(form.with({ key: "wrong-access" })), false);
      setRepresentativeCookie(reply, session, publicUrl);
      return { to: "/representative/mailbox" };
    }),
  );
  app.get(
    "/representative/key",
    publicPage(edge, (visit) => collectPage(visit, new FormState())),
  );
  app.post(
    "/representative/key",
    publicPage(edge, async (visit, { body, ip }, reply) => {
      const { data, form } = readForm(COLLECT, body);
      if (data === null) return collectPage(visit, withoutSecret(form));
      const { identifier, code: secret } = data;
      const session = await identified(edge, { identifier, secret, purpose: "collect", ip }, visit.now);
      if (session === null) return collectPage(visit, withoutSecret(form.with({ code: "wrong-handover" })));
      setRepresentativeCookie(reply, session, publicUrl);
      return { to: "/representative/mailbox" };
    }),
  );
}

function addMailbox(app: FastifyInstance, edge: Edge): void {
  const { publicUrl } = edge;
  app.get(
    "/representative/mailbox",
    representativePage(edge, "mailbox", (visit) => mailboxPage(visit, new FormState())),
  );
  app.post(
    "/representative/mailbox",
    representativePage(edge, "mailbox", async (visit, { body, ip }) => {
      const { data, form } = readForm(MAILBOX, body);
      if (data === null) return mailboxPage(visit, form);
      await askSecretCode(edge, { secret: visit.secret, email: data.email, from: network(ip) }, visit.now);
      return { to: "/representative/code" };
    }),
  );
  app.get(
    "/representative/code",
    representativePage(edge, "code", (visit) => codePage(visit, new FormState(), null)),
  );
  app.post(
    "/representative/code",
    representativePage(edge, "code", async (visit, { body, ip }, reply) => {
      const { data, form } = readForm(SECRET_CODE, body);
      if (data === null) return codePage(visit, new FormState({}, form.problems), null);
      try {
        const opened = await answerSecretCode(edge, { secret: visit.secret, code: data.code, from: network(ip) }, visit.now);
        setRepresentativeCookie(reply, opened, publicUrl);
        return { to: nextPlace({ ...visit.seen, isOpen: true }) };
      } catch (error) {
        if (!(error instanceof AccessError)) throw error;
        if (error.refusal === "code-wrong") return codePage(visit, new FormState(), error.triesLeft);
        if (error.refusal === "code-expired") return codePage(visit, new FormState(), "expired");
        throw error;
      }
    }),
  );
}

export function addRepresentativeSignInRoutes(app: FastifyInstance, edge: Edge): void {
  const { publicUrl } = edge;
  addIdentifying(app, edge);
  addMailbox(app, edge);
  app.get(
    "/representative/key/show",
    representativePage(edge, "collect", (visit) => beforeKeyPage(visit)),
  );
  app.post(
    "/representative/key/show",
    representativePage(edge, "collect", async (visit, _request, reply) => {
      const key = await collectKey(edge, visit.secret);
      clearRepresentativeCookie(reply, publicUrl);
      return keyPage(visit, { identifier: visit.seen.representative.identifier, key });
    }),
  );
  app.post(
    "/representative/key/shown",
    publicPage(edge, (visit, { body }) => {
      const { data } = readForm(SHOWN_KEY, body);
      if (data === null) throw new NothingThereError();
      return keyPage(visit, data);
    }),
  );
  app.post(
    "/representative/sign-out",
    representativePage(edge, "revoke", async (visit, _request, reply) => {
      await endRepresentativeSession(edge, visit.secret, visit.now);
      clearRepresentativeCookie(reply, publicUrl);
      return { to: "/" };
    }),
  );
}
