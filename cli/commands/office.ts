// sceau office

import type { Command } from "commander";
import type { CeremonyArguments, InitArguments, RootCrlArguments } from "../actions/ca-ceremony.ts";
import type { CertifyOptions } from "../actions/office.ts";
import type { CliContext } from "../context.ts";
import type { Messages } from "../messages/en.ts";
import { addOfficeServerCommands } from "./office-server.ts";

/** What every ceremony needs. */
function addCeremonyOptions(command: Command, { help }: Messages): Command {
  return command
    .option("--root-key <file>", help.caRootKey)
    .option("--root-passphrase-file <file>", help.caRootPassphrase)
    .option("--witness <name...>", help.caWitness);
}

function addCeremonies(ca: Command, context: () => CliContext): void {
  const { say } = context();
  const { help } = say;
  addCeremonyOptions(ca.command("roll-over").description(help.caRollOver), say)
    .option("--issuing-key <uri>", help.caIssuingKey)
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca roll-over --root-key /media/key/root-key.pem --witness "Camille Durand"`)
    .action(async (options: CeremonyArguments) => {
      const { adoptIfRunning } = await import("../actions/office-admin.ts");
      const { rollOver } = await import("../actions/ca-ceremony.ts");
      await rollOver(context(), options);
      await adoptIfRunning(context());
    });
  addCeremonyOptions(ca.command("root-crl").description(help.caRootCrl), say)
    .option("--revoke <name>", help.caRevoke)
    .option("--reason <code>", help.caReason, "4")
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca root-crl --root-key /media/key/root-key.pem --revoke issuing --reason 2`)
    .action(async (options: RootCrlArguments) => {
      const { adoptIfRunning } = await import("../actions/office-admin.ts");
      const { renewRootCrl } = await import("../actions/ca-ceremony.ts");
      await renewRootCrl(context(), options);
      await adoptIfRunning(context());
    });
}

export function addOfficeCommand(program: Command, context: () => CliContext): void {
  const { say } = context();
  const { help } = say;
  const office = program.command("office").description(help.office);
  addOfficeServerCommands(office, context);
  const ca = office.command("ca").description(help.officeCa);
  addCeremonyOptions(ca.command("init").description(help.caInit), say)
    .option("--issuing-key <uri>", help.caIssuingKey)
    .option("--url <address>", help.caUrl, "http://127.0.0.1:8440")
    .option("--organisation <name>", help.caOrganisation, "Sceau")
    .option("--country <code>", help.caCountry, "FR")
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca init --organisation "Ordre des experts" --url https://office.example`)
    .action(async (options: InitArguments) => {
      const { initAuthority } = await import("../actions/ca-ceremony.ts");
      await initAuthority(context(), options);
    });
  ca.command("show")
    .description(help.caShow)
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca show`)
    .action(async () => {
      const { showAuthority } = await import("../actions/office.ts");
      await showAuthority(context());
    });
  addCeremonies(ca, context);
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
    .action(async (request: string, options: CertifyOptions) => {
      const { certify } = await import("../actions/office.ts");
      await certify(context(), request, options);
    });
}
