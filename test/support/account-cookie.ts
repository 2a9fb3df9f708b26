// An account with an open session, for tests of its pages: made as if a code had been right.

import { type Account, accountOf } from "../../office/accounts/account.ts";
import { openAccountSession } from "../../office/accounts/account-sessions.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import type { Store } from "../../office/store/store.ts";

export interface AccountCookie {
  readonly account: Account;
  /** The header's value, on http. */
  readonly cookie: string;
  /** Of the field «account-csrf». */
  readonly csrf: string;
}

export async function accountCookie(store: Store, email: string, now: Date, language = "fr"): Promise<AccountCookie> {
  return store.transaction(async (tx) => {
    const { isNew: _, ...account } = await accountOf(tx, email, language, now);
    const secret = await openAccountSession(tx, account.id, now);
    return { account, cookie: `sceau-account=${secret}`, csrf: csrfToken(secret) };
  });
}
