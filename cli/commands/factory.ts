// sceau factory

import type { Command } from "commander";
import type { ProvisionOptions } from "../actions/factory.ts";
import type { CliContext } from "../context.ts";

export function addFactoryCommand(program: Command, context: () => CliContext): void {
  const { help, factory: words } = context().say;
  const actions = () => import("../actions/factory.ts");
  const factory = program.command("factory").description(words.help.factory);
  factory
    .command("root")
    .description(words.help.root)
    .argument("<name>", words.help.rootName)
    .addHelpText("after", `\n${help.example}\n  $ sceau factory root paris-2026`)
    .action(async (name: string) => (await actions()).makeRoot(context(), name));
  factory
    .command("provision")
    .description(words.help.provision)
    .option("--root <name>", words.help.rootOption)
    .option("--token <name>", help.tokenOption)
    .addHelpText("after", `\n${help.example}\n  $ sceau factory provision --root paris-2026`)
    .action(async (options: ProvisionOptions) => (await actions()).provision(context(), options));
}
