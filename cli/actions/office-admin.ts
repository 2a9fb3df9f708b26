// What `sceau office status` does, and how the other commands ask the running server over its socket.

import { AdminClient } from "../../office/admin/admin-client.ts";
import type { OfficeStatus } from "../../office/admin/admin-protocol.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import type { CliContext } from "../context.ts";
import { field } from "../terminal.ts";

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
    ...jobs.failures.map(({ kind, attempts, lastError, nextTry }) => field("", say.failingJob(kind, attempts, lastError, nextTry))),
    field(say.label.audit, say.events(audit.events, audit.lastHead ?? "–")),
  ]);
}

/** After a ceremony: a server that is running uses what it left at once. */
export async function adoptIfRunning(context: CliContext): Promise<void> {
  const admin = adminOf(context, {});
  if (!(await admin.isRunning())) return;
  await admin.post("/authority/adopt");
  context.print(context.say.officeServer.adopted);
}
