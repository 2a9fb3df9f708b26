// sceau activate

import type { Command } from "commander";
import type { ActivateOptions } from "../actions/activate.ts";
import type { CliContext } from "../context.ts";

export function addActivateCommand(program: Command, context: () => CliContext): void {
  const { help, activate } = context().say;
  program
    .command("activate")
    .description(activate.help.activate)
    .requiredOption("--office <address>", activate.help.office)
    .option("--token <name>", help.tokenOption)
    .option("--reference-file <file>", activate.help.referenceFile)
    .option("--answers-file <file>", activate.help.answersFile)
    .option("--pin-file <file>", help.pinFileOption)
    .option("--yes", activate.help.yes)
    .addHelpText("after", `\n${help.example}\n  $ sceau activate --office https://office.example`)
    .action(async (options: ActivateOptions) => {
      const { activate: run } = await import("../actions/activate.ts");
      await run(context(), options);
    });
}
