// The token in every form of the agent's, which belongs to a cookie of the browser's (SameSite=Strict). Both are new with every start of the agent.
//
// The cookie is the same for all the holder's browsers: who may ask is found out elsewhere (peer.ts), and a page that another site opened, to which
// no cookie was sent, does not take the cookie away from the others. Cookies know no ports: another server on this computer may see it, or set another
// one. The token can't be made from it: that needs a key that never leaves the agent.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { AccessError } from "./access-error.ts";

const SECRET_BYTES = 32;

function isSame(given: unknown, expected: string): boolean {
  const actual = Buffer.from(typeof given === "string" ? given : "");
  const wanted = Buffer.from(expected);
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}

export class FormTokens {
  readonly cookie = randomBytes(SECRET_BYTES).toString("base64url");
  /** For the hidden field of forms. */
  readonly token: string;

  constructor() {
    const key = randomBytes(SECRET_BYTES);
    this.token = createHmac("sha256", key).update(`Sceau agent form 1\n${this.cookie}`).digest("base64url");
  }

  /** @throws AccessError stale-form */
  require(cookie: unknown, token: unknown): void {
    const isCookie = isSame(cookie, this.cookie);
    if (!isSame(token, this.token) || !isCookie) throw new AccessError("stale-form");
  }
}
