// What `sceau office status`, `officer …` and `audit` do: they ask the running server over its socket.

import { AdminClient } from "../../office/admin/admin-client.ts";
import type { AuditAnswer, InvitationAnswer, OfficerRow, OfficeStatus } from "../../office/admin/admin-protocol.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import { ROLES, type Role } from "../../office/registration/roles.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE } from "../failure.ts";
import { field, mark, shellWord, visible } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

export interface DemoOption {
  readonly demo?: true;
}

export const adminOf = ({ state }: CliContext, { demo }: DemoOption): AdminClient =>
  new AdminClient(new OfficeFolder(state.office(demo === true)).socket);

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ") || "0";

export async function officeStatus(context: CliContext, options: DemoOption): Promise<void> {
  const status = await adminOf(context, options).get<OfficeStatus>("/status");
  const say = context.say.officeServer;
  const { publicUrl, address, kind, since, pid, issuers, certificates, officers, jobs, audit } = status;
  context.report(status, [
    say.ready(publicUrl),
    field(say.label.address, address),
    field(say.label.since, `${since} (pid ${pid})`),
    field(say.label.store, kind),
    ...issuers.map(({ name, isCurrent, crlNumber, notAfter }) => field(name, `CRL ${crlNumber} · ${notAfter}${isCurrent ? " ✔" : ""}`)),
    field(say.label.certificates, counts(certificates)),
    field(say.label.officers, counts(officers)),
    field(say.label.jobs, say.jobs(jobs.due, jobs.failing)),
    field(say.label.audit, say.events(audit.events, audit.lastHead ?? "–")),
  ]);
}

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
  const say = context.say.officeServer;
  context.report(answer, [
    say.invited(visible(email)),
    `  sceau office enrol ${shellWord(answer.publicUrl)}`,
    say.firstCode,
    `  ${answer.code}`,
  ]);
}

export async function withdrawOfficer(context: CliContext, id: string, options: DemoOption & { readonly yes?: true }): Promise<void> {
  const say = context.say.officeServer;
  const admin = adminOf(context, options);
  const rows = await admin.get<readonly OfficerRow[]>("/officers");
  const found = rows.find((row) => row.id === id || row.email === id);
  if (found === undefined) throw new UsageError("bad-word", `${id} (sceau office officer list)`);
  await confirm(options.yes === true, "WITHDRAW", say.confirmWithdrawal(visible(found.name)));
  await admin.post(`/officers/${found.id}/withdraw`);
  context.report({ officer: found.id }, [say.withdrawn(visible(found.name))]);
}

export async function verifyAudit(context: CliContext, options: DemoOption): Promise<void> {
  const report = await adminOf(context, options).post<AuditAnswer>("/audit/verify");
  const say = context.say.officeServer;
  const { events, heads, fault } = report;
  const line = fault === null ? say.auditGood(events, heads) : say.auditBad(say.auditFault[fault.fault], fault.number);
  context.report(report, [`${mark(fault === null)} ${line}`]);
  if (fault !== null) process.exitCode = EXIT_NEGATIVE;
}

/** After a ceremony: a server that is running uses what it left at once. */
export async function adoptIfRunning(context: CliContext): Promise<void> {
  const admin = adminOf(context, {});
  if (!(await admin.isRunning())) return;
  await admin.post("/authority/adopt");
  context.print(context.say.officeServer.adopted);
}
