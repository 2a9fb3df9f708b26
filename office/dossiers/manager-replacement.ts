// Another manager for a corporate account: theirs has left, or has another job. One takes the other's place, so that there is always one; only somebody who
// has proved their mailbox can: a mistyped address manages nothing.

import { eq } from "drizzle-orm";
import { mailboxOf } from "../accounts/account.ts";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { queueMail } from "../mail/outbox.ts";
import { managerEndedMail } from "../mail/templates/manager-ended.ts";
import { managerNamedMail } from "../mail/templates/manager-named.ts";
import type { Acting } from "../registration/officers.ts";
import { holdOrganisation } from "../registration/organisations.ts";
import { accounts, organisationManagers } from "../store/application-schema.ts";
import { CorporateError, managerOf, managersPath } from "./corporate-accounts.ts";
import { holdAccount } from "./dossiers.ts";

export interface NewManager {
  /** Of an account: its mailbox was proved by a code. */
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  /** For the audit trail. */
  readonly reason: string;
}

/**
 * Both hear of it, and from then on the former one's session opens the account's page no more. Whatever its state is. The caller has looked at the
 * officer's permission.
 * @throws CorporateError reason-missing, no-account, same-manager, not-requested; RegistrationError unknown-organisation
 */
export async function replaceManager(
  { store, sealing, publicUrl }: ApplicationDesk,
  organisationId: string,
  { email, name, phone, reason: given }: NewManager,
  { actor, now }: Acting,
): Promise<void> {
  const reason = given.trim();
  if (reason === "") throw new CorporateError("reason-missing");
  await store.transaction(async (tx) => {
    const [found] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(eq(accounts.email, mailboxOf(email)));
    if (found === undefined) throw new CorporateError("no-account");
    const account = await holdAccount(tx, found.id);
    const { name: organisation } = await holdOrganisation(tx, organisationId);
    const former = await managerOf(tx, organisationId);
    if (former === undefined) throw new CorporateError("not-requested");
    if (former.accountId === account.id) throw new CorporateError("same-manager");
    const values = { accountId: account.id, name, phone, since: now };
    await tx.update(organisationManagers).set(values).where(eq(organisationManagers.organisationId, organisationId));
    const common = { publicUrl, organisation };
    const named = { ...common, to: account.email, name, path: managersPath(organisationId) };
    const ended = { ...common, to: former.email, name: former.name };
    await queueMail(tx, sealing, "manager-named", managerNamedMail(account.language, named), now);
    await queueMail(tx, sealing, "manager-ended", managerEndedMail(former.language, ended), now);
    const details = { from: `account:${former.accountId}`, to: `account:${account.id}`, reason };
    await appendAudit(tx, { at: now, actor, action: "organisation.replace-manager", subject: `organisation:${organisationId}`, details });
  });
}
