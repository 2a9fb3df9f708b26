// What `sceau office officer …` does: it asks the running server over its socket.

import { shellWord } from "../../host-bridge/desktop/shell-word.ts";
import type { InvitationAnswer, OfficerRow } from "../../office/admin/admin-protocol.ts";
import { ROLES, type Role } from "../../office/registration/roles.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { visible } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { adminOf, type DemoOption } from "./office-admin.ts";

export async function listOfficers(context: CliContext, options: DemoOption): Promise<void> {
  const rows = await adminOf(context, options).get<readonly OfficerRow[]>("/officers");
  const lines = rows.map(({ id, name, email, state, roles }) =>
    visible(`${id}  ${state.padEnd(9)}  ${name} <${email}>  ${roles.join(" ")}`),
  );
  context.report(rows, lines);
}

export interface InviteOptions {
  readonly email: string;
  readonly givenName?: string;
  readonly surname?: string;
  readonly role?: readonly string[];
  readonly mailLanguage?: string;
}

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** @param extra after the command that they type */
function tellCode(context: CliContext, said: string, answer: InvitationAnswer, extra: readonly string[] = []): void {
  const say = context.say.officeServer;
  context.report(answer, [
    `${said} ${say.mailed(visible(answer.email))}`,
    say.typed,
    `  sceau office enrol ${shellWord(answer.publicUrl)}`,
    ...extra,
    say.firstCode,
    `  ${answer.code}`,
  ]);
}

export async function inviteOfficer(context: CliContext, options: InviteOptions & DemoOption): Promise<void> {
  const { email, givenName, surname, role = [], mailLanguage = context.say.office.recordLanguage } = options;
  for (const word of role) if (!isRole(word)) throw new UsageError("bad-word", `${word} (${ROLES.join(", ")})`);
  if (mailLanguage !== "fr" && mailLanguage !== "en") throw new UsageError("bad-word", `${mailLanguage} (fr, en)`);
  const request = {
    email,
    roles: role,
    language: mailLanguage,
    ...(givenName !== undefined && { givenName }),
    ...(surname !== undefined && { surname }),
  };
  const answer = await adminOf(context, options).post<InvitationAnswer>("/officers", request);
  tellCode(context, context.say.officeServer.invited(visible(email)), answer);
}

/** By number or e-mail address. @throws UsageError bad-word */
async function find(context: CliContext, id: string, options: DemoOption): Promise<OfficerRow> {
  const rows = await adminOf(context, options).get<readonly OfficerRow[]>("/officers");
  const found = rows.find((row) => row.id === id || row.email === id);
  if (found === undefined) throw new UsageError("bad-word", `${id} (sceau office officer list)`);
  return found;
}

export interface RenewOptions extends DemoOption {
  /** The token is perhaps in other hands. */
  readonly lost?: true;
  readonly yes?: true;
}

export async function renewOfficer(context: CliContext, officer: string, options: RenewOptions): Promise<void> {
  const say = context.say.officeServer;
  const { id, name } = await find(context, officer, options);
  const isKeyLost = options.lost === true;
  if (isKeyLost) await confirm(options.yes === true, "LOST", say.confirmLost(visible(name)));
  const answer = await adminOf(context, options).post<InvitationAnswer>(`/officers/${id}/renew`, { isKeyLost });
  tellCode(context, say.renewed(visible(name)), answer, [isKeyLost ? say.keyLost : say.keyHeld]);
}

export async function reinstateOfficer(context: CliContext, officer: string, options: DemoOption): Promise<void> {
  const { id, name } = await find(context, officer, options);
  const answer = await adminOf(context, options).post<InvitationAnswer>(`/officers/${id}/reinstate`);
  tellCode(context, context.say.officeServer.reinstated(visible(name)), answer);
}

export interface WithdrawOptions extends DemoOption {
  readonly yes?: true;
  /** Also the last active administrator. */
  readonly last?: true;
}

export async function withdrawOfficer(context: CliContext, officer: string, options: WithdrawOptions): Promise<void> {
  const say = context.say.officeServer;
  const { id, name } = await find(context, officer, options);
  await confirm(options.yes === true, "WITHDRAW", say.confirmWithdrawal(visible(name)));
  await adminOf(context, options).post(`/officers/${id}/withdraw`, { mayBeLast: options.last === true });
  context.report({ officer: id }, [say.withdrawn(visible(name))]);
}
