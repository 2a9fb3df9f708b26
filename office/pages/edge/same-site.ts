// Whether a request that changes something comes from our own pages: by what the browser says about it, and by a token in the form that
// belongs to the session.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Another site made this browser send it, or nobody says who did. */
export class ForeignRequestError extends Error {
  override readonly name = "ForeignRequestError";
}

/** Made from the session's secret, which it does not tell: nothing more is kept. */
export function csrfToken(sessionSecret: string): string {
  return createHmac("sha256", sessionSecret).update("Sceau office form 1").digest("base64url");
}

/** @throws ForeignRequestError */
export function requireCsrfToken(sessionSecret: string, given: unknown): void {
  const expected = Buffer.from(csrfToken(sessionSecret));
  const actual = Buffer.from(typeof given === "string" ? given : "");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw new ForeignRequestError("no token of this session");
}

/**
 * Sec-Fetch-Site and Origin as browsers send them (Fetch §3.2; Fetch Metadata). A program sends neither: that is for machine routes only, which
 * know no cookie.
 * @throws ForeignRequestError
 */
export function requireOwnOrigin(headers: IncomingHttpHeaders, publicUrl: string, isMachine: boolean): void {
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (origin !== undefined && origin !== new URL(publicUrl).origin) throw new ForeignRequestError("another origin");
  if (site !== undefined && site !== "same-origin") throw new ForeignRequestError("another site");
  if (origin === undefined && site === undefined && !isMachine) throw new ForeignRequestError("no origin");
}
