// What `sceau office` does: so far the built-in certification authority.

import { X509Certificate } from "node:crypto";
import { BuiltInCa } from "../../office/issuance/built-in-ca.ts";
import type { Person } from "../../office/issuance/certificate-authority.ts";
import { isOfAnOffice } from "../../office/process/authority.ts";
import { toPem } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { readInput, withOutput } from "../files.ts";
import { OfficeCommandError } from "../office-error.ts";
import { field } from "../terminal.ts";
import { adminOf } from "./office-admin.ts";

const PEM_REQUEST = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/;

function authorityReport(
  { state }: CliContext,
  authority: BuiltInCa,
): { folder: string; root: string; issuer: string; fingerprint: string } {
  const [root, issuer] = [new X509Certificate(authority.root), new X509Certificate(authority.issuer)];
  const oneLine = (subject: string): string => subject.replaceAll("\n", ", ");
  return { folder: state.authority, root: oneLine(root.subject), issuer: oneLine(issuer.subject), fingerprint: root.fingerprint256 };
}

function show(context: CliContext, authority: BuiltInCa): void {
  const report = authorityReport(context, authority);
  const { office } = context.say;
  context.report(report, [
    field(office.root, report.root),
    field(office.issuer, report.issuer),
    `    ${office.fingerprint}`,
    `    ${report.fingerprint}`,
  ]);
}

function readRequest(path: string): Uint8Array {
  const bytes = readInput(path);
  const base64 = PEM_REQUEST.exec(Buffer.from(bytes).toString("latin1"))?.[1];
  return base64 === undefined ? bytes : new Uint8Array(Buffer.from(base64, "base64"));
}

export type CertifyOptions = Person & { readonly out: string };

export async function certify(context: CliContext, requestFile: string, options: CertifyOptions): Promise<void> {
  // An office issues to attested keys only, and keeps what it issued: nothing is to come from its authority beside that.
  if (await adminOf(context, {}).isRunning()) throw new OfficeCommandError("running", context.state.office(false));
  if (isOfAnOffice(context.state.authority)) throw new OfficeCommandError("adopted", context.state.authority);
  const authority = await BuiltInCa.open(context.state.authority, context);
  const request = readRequest(requestFile);
  const { out, ...person } = options;
  await withOutput(out, async (output) => output.fill(toPem(await authority.issueSigning({ person, request }))));
  context.report({ certificate: out }, [context.say.office.certified(out)]);
}

export async function showAuthority(context: CliContext): Promise<void> {
  show(context, await BuiltInCa.open(context.state.authority, context));
}
