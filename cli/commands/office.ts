// sceau office

import type { Command } from "commander";
import type { AuthorityOptions, CertifyOptions } from "../actions/office.ts";
import type { CliContext } from "../context.ts";

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
    .action(async (options: AuthorityOptions) => {
      const { initAuthority } = await import("../actions/office.ts");
      await initAuthority(context(), options);
    });
  ca.command("show")
    .description(help.caShow)
    .addHelpText("after", `\n${help.example}\n  $ sceau office ca show`)
    .action(async () => {
      const { showAuthority } = await import("../actions/office.ts");
      await showAuthority(context());
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
    .action(async (request: string, options: CertifyOptions) => {
      const { certify } = await import("../actions/office.ts");
      await certify(context(), request, options);
    });
}
