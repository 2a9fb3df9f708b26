// Signing in and out, for browsers.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { spendTry } from "../../registration/limits.ts";
import { OfficerError } from "../../registration/officers.ts";
import { redeemLink, SignInError, signInByTls, signOut } from "../../registration/sign-in.ts";
import { tellRefusedKey } from "../../registration/sign-in-refusals.ts";
import { officerPage, publicPage } from "../edge/answering.ts";
import { clearSession, setSession } from "../edge/cookies.ts";
import { type Edge, NothingThereError } from "../edge/visit.ts";
import { presentedKey } from "./client-certificate.ts";
import { byAddress, network, tellLimit } from "./sign-in-limits.ts";
import { linkPage, signInPage } from "./sign-in-page.ts";

/** 32 bytes, base64url. */
const LINK = z.object({ link: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

function linkOf(params: unknown): string {
  const result = LINK.safeParse(params);
  if (!result.success) throw new OfficerError("link-unknown");
  return result.data.link;
}

export function addSignInRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, publicUrl } = edge;
  app.get(
    "/sign-in",
    publicPage(edge, (visit) => (visit.session === null ? signInPage(visit, edge, null) : { to: "/search" })),
  );
  app.get(
    "/sign-in/:link",
    publicPage(edge, (visit, { params }) => linkPage(visit, linkOf(params))),
  );
  app.post(
    "/sign-in/:link",
    publicPage(edge, async (visit, { params, ip }, reply) => {
      const link = linkOf(params);
      await spendTry(store, [byAddress("link", ip)], visit.now);
      const { secret } = await redeemLink(store, link, visit.now, network(ip));
      // A session that was open in this browser is not left behind.
      if (visit.session !== null) await signOut(store, visit.session.secret, visit.now);
      setSession(reply, secret, publicUrl);
      return { to: "/search" };
    }),
  );
  app.post(
    "/sign-in/certificate",
    publicPage(edge, async (visit, request, reply) => {
      if (!edge.hasTlsSignIn) throw new NothingThereError();
      const { ip } = request;
      const from = network(ip);
      const presented = presentedKey(request);
      const tell = (reason: string) => async (): Promise<void> => {
        if (presented !== null) await tellRefusedKey(store, presented.publicKey, { reason, how: "tls", isProved: true, from }, visit.now);
      };
      await tellLimit(() => spendTry(store, [byAddress("certificate", ip)], visit.now), tell("limit"));
      if (presented?.isVouchedFor !== true) {
        await tell("certificate")();
        throw new SignInError("key-unknown");
      }
      const { secret } = await signInByTls(store, presented.publicKey, visit.now, from);
      if (visit.session !== null) await signOut(store, visit.session.secret, visit.now);
      setSession(reply, secret, publicUrl);
      return { to: "/search" };
    }),
  );
  app.post(
    "/sign-out",
    officerPage(edge, async ({ session, now }, _request, reply) => {
      await signOut(store, session.secret, now);
      clearSession(reply, publicUrl);
      return { to: "/sign-in" };
    }),
  );
}
