// An officer with an open session, for tests of pages: made as if they had signed in.

import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { newSecret } from "../../office/registration/secret.ts";
import { officerSessions } from "../../office/store/schema.ts";
import type { Store } from "../../office/store/store.ts";

export interface OfficerCookie {
  /** The header's value, on http. */
  readonly cookie: string;
  /** Of the field «csrf». */
  readonly csrf: string;
}

const SESSION_MS = 10 * 3_600_000;

export async function officerCookie({ db }: Store, officerId: string, now: Date): Promise<OfficerCookie> {
  const { text, digest } = newSecret();
  await db
    .insert(officerSessions)
    .values({ digest, officerId, createdAt: now, lastUsedAt: now, expiresAt: new Date(now.getTime() + SESSION_MS) });
  return { cookie: `sceau-session=${text}`, csrf: csrfToken(text) };
}
