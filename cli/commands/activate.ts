// sceau activate

import type { Command } from "commander";
import type { ActivateOptions } from "../actions/activate.ts";
import type { CliContext } from "../context.ts";

export function addActivateCommand(program: Command, context: () => CliContext): void {
  const { help, activate } = context().say;
  program
    .command("activate [reference]")
    .description(activate.help.activate)
    .requiredOption("--office <address>", activate.help.office)
    .option("--token <name>", help.tokenOption)
    .option("--answers-file <file>", activate.help.answersFile)
    .option("--pin-file <file>", help.pinFileOption)
    .addHelpText("after", `\n${help.example}\n  $ sceau activate 7K3M-9QXT-A2BC-DE45 --office https://office.example`)
    .action(async (reference: string | undefined, options: ActivateOptions) => {
      const { activate: run } = await import("../actions/activate.ts");
      await run(context(), reference, options);
    });
}
