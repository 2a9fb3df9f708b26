// Corporate accounts of the demonstration (S9): one open with its manager, people and invitations; one refused; one that waits for an officer.

import { decideCorporateAccount, inviteToApply, requestCorporateAccount } from "../dossiers/corporate-accounts.ts";
import type { DemoApplicants, DemoStaff } from "./demo-applicants.ts";
import type { DemoOffice } from "./demo-office.ts";

const USERS = 8;

async function request(office: DemoOffice, { officeId }: DemoStaff, accountId: string, name: string, managerName: string): Promise<string> {
  const order = { accountId, officeId, name, country: "FR", managerName, phone: "+33 1 23 45 67 89", users: USERS };
  return requestCorporateAccount(office.desk, order);
}

export interface OpenAccount {
  readonly organisationId: string;
  /** The manager's account. */
  readonly accountId: string;
}

/** A month ago: one is opened, another refused. */
export async function firstAccounts(office: DemoOffice, staff: DemoStaff, applicants: DemoApplicants): Promise<OpenAccount> {
  const acting = { actor: `officer:${staff.approverId}`, now: office.at };
  const { id: accountId } = await applicants.account("Nadia Benali");
  const organisationId = await request(office, staff, accountId, "Société Boréale", "Nadia Benali");
  await decideCorporateAccount(office.desk, organisationId, "open", null, acting);
  const { id: other } = await applicants.account("Marc Delta");
  const refused = await request(office, staff, other, "Comptoir Delta", "Marc Delta");
  await decideCorporateAccount(office.desk, refused, "refuse", "Cette organisation n'est pas au registre du commerce.", acting);
  return { organisationId, accountId };
}

/** These days: three people are invited, of whom two have begun; and another organisation asks. */
export async function accountsNow(office: DemoOffice, staff: DemoStaff, applicants: DemoApplicants, open: OpenAccount): Promise<void> {
  for (const name of ["Elsa Norberg", "Igor Petrov", "Juliette Roche"]) {
    const { email } = await applicants.account(name);
    await inviteToApply(office.desk, { ...open, email, language: "fr" });
  }
  await applicants.apply("Elsa Norberg", "fr", true);
  await applicants.draft("Igor Petrov", "fr", true);
  const { id } = await applicants.account("Odile Cormoran");
  await request(office, staff, id, "Atelier Cormoran", "Odile Cormoran");
}
