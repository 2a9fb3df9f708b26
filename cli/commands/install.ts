// sceau install

import type { Command } from "commander";
import type { InstallOptions } from "../actions/install.ts";
import type { CliContext } from "../context.ts";

export function addInstallCommand(program: Command, context: () => CliContext): void {
  const { help, install } = context().say;
  program
    .command("install")
    .description(install.help.install)
    .option("--uninstall", install.help.uninstall)
    .option("--dry-run", install.help.dryRun)
    .option("--pcsc", install.help.pcsc)
    .option("--user", install.help.user)
    .option("--machine", install.help.machine)
    .addHelpText("after", `\n${help.examples}\n  $ sceau install --dry-run\n  $ sceau install --pcsc\n  $ sceau install --uninstall --json`)
    .action(async (options: InstallOptions) => {
      const { runInstall } = await import("../actions/install.ts");
      process.exitCode = await runInstall(context(), options);
    });
}
