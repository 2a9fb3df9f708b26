// The office's cookies: an officer's session, an account's, the browser that asked for a code, a legal representative's session, and the language that was chosen.

import type { FastifyReply, FastifyRequest } from "fastify";

export type CookieName = "session" | "account" | "code" | "representative" | "language";

/** 400 days, the longest that browsers keep (RFC 6265bis §5.5). */
const LANGUAGE_S = 400 * 86_400;

/** __Host-: only over TLS, only from this very host, for all of it (RFC 6265bis §4.1.3.2). On http (loopback) browsers would refuse that. */
const fullName = (name: CookieName, publicUrl: string): string => (publicUrl.startsWith("https:") ? `__Host-${name}` : `sceau-${name}`);

export function cookieOf(request: FastifyRequest, name: CookieName, publicUrl: string): string | undefined {
  // None are read when the address was no address.
  const cookies: FastifyRequest["cookies"] | undefined = request.cookies;
  return cookies?.[fullName(name, publicUrl)];
}

const common = (publicUrl: string) => ({ path: "/", httpOnly: true, secure: publicUrl.startsWith("https:") });

/**
 * Strict: no request that another site starts carries it, not even a link. The sign-in link needs none when it is opened, and the button on its
 * page is already ours; whoever comes by another link to a sheet sees the sign-in page, with a link that goes on.
 */
export function setSession(reply: FastifyReply, secret: string, publicUrl: string): void {
  reply.setCookie(fullName("session", publicUrl), secret, { ...common(publicUrl), sameSite: "strict" });
}

export function clearSession(reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(fullName("session", publicUrl), { ...common(publicUrl), sameSite: "strict" });
}

/** Lax: applicants come by the links in their mails, and back from the agent. What changes something has a token of the session besides. */
export function setAccountCookie(reply: FastifyReply, name: "account" | "code", secret: string, publicUrl: string): void {
  reply.setCookie(fullName(name, publicUrl), secret, { ...common(publicUrl), sameSite: "lax" });
}

export function clearAccountCookie(reply: FastifyReply, name: "account" | "code", publicUrl: string): void {
  reply.clearCookie(fullName(name, publicUrl), { ...common(publicUrl), sameSite: "lax" });
}

/** Strict: nobody comes to these pages by a link with the session open, and each of them can end a certificate. */
export function setRepresentativeCookie(reply: FastifyReply, secret: string, publicUrl: string): void {
  reply.setCookie(fullName("representative", publicUrl), secret, { ...common(publicUrl), sameSite: "strict" });
}

export function clearRepresentativeCookie(reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(fullName("representative", publicUrl), { ...common(publicUrl), sameSite: "strict" });
}

export function setLanguage(reply: FastifyReply, language: string, publicUrl: string): void {
  reply.setCookie(fullName("language", publicUrl), language, { ...common(publicUrl), sameSite: "lax", maxAge: LANGUAGE_S });
}
