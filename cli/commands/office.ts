// sceau office: so far the built-in certification authority

import { X509Certificate } from "node:crypto";
import type { Command } from "commander";
import { BuiltInCa, type BuiltInCaSettings } from "../../office/issuance/built-in-ca.ts";
import type { Person } from "../../office/issuance/certificate-authority.ts";
import { toPem } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { checkOutputIsFree, readInput, writeOutput } from "../files.ts";
import { field } from "../terminal.ts";

const PEM_REQUEST = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/;

function authorityReport(
  { state }: CliContext,
  authority: BuiltInCa,
): { folder: string; root: string; issuer: string; fingerprint: string } {
  const [root, issuer] = [new X509Certificate(authority.root), new X509Certificate(authority.issuer)];
  const oneLine = (subject: string): string => subject.replaceAll("\n", ", ");
  return { folder: state.authority, root: oneLine(root.subject), issuer: oneLine(issuer.subject), fingerprint: root.fingerprint256 };
}

function show(context: CliContext, authority: BuiltInCa, first: readonly string[]): void {
  const report = authorityReport(context, authority);
  const { office } = context.say;
  context.report(report, [
    ...first,
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

async function certify(context: CliContext, requestFile: string, options: Person & { out: string }): Promise<void> {
  const authority = await BuiltInCa.open(context.state.authority, context);
  const request = readRequest(requestFile);
  checkOutputIsFree(options.out);
  const { out, ...person } = options;
  const certificate = await authority.issueSigning({ person, request });
  writeOutput(out, toPem(certificate));
  context.report({ certificate: out }, [context.say.office.certified(out)]);
}

export function addOfficeCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  const office = program.command("office").description(help.office);
  const ca = office.command("ca").description(help.officeCa);
  ca.command("init")
    .description(help.caInit)
    .option("--url <address>", help.caUrl, "http://127.0.0.1:8440")
    .option("--organisation <name>", help.caOrganisation, "Sceau")
    .option("--country <code>", help.caCountry, "FR")
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca init --organisation "Ordre des experts" --url https://office.example`)
    .action(async (options: { url: string; organisation: string; country: string }) => {
      const current = context();
      const settings: BuiltInCaSettings = { publicUrl: options.url, organisation: options.organisation, country: options.country };
      const authority = await BuiltInCa.create(current.state.authority, settings, current);
      show(current, authority, [current.say.office.caMade(current.state.authority)]);
    });
  ca.command("show")
    .description(help.caShow)
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca show`)
    .action(async () => {
      const current = context();
      show(current, await BuiltInCa.open(current.state.authority, current), []);
    });
  office
    .command("certify")
    .description(help.certify)
    .argument("<request>", help.certifyRequest)
    .requiredOption("--given-name <name>", help.givenName)
    .requiredOption("--surname <name>", help.surname)
    .requiredOption("--email <address>", help.email)
    .requiredOption("--number <number>", help.number)
    .requiredOption("--organisation <name>", help.organisation)
    .option("--country <code>", help.country, "FR")
    .requiredOption("--out <file>", help.outOption)
    .addHelpText(
      "after",
      `\n${help.example}\n  $ sceau office certify request.pem --given-name Camille --surname Durand --email camille@example.org \\\n      --number 1042 --organisation "Cabinet Durand" --out certificate.pem`,
    )
    .action((request: string, options: Person & { out: string }) => certify(context(), request, options));
}
