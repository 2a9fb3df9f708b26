// sceau sign

import type { Command } from "commander";
import type { SignOptions } from "../actions/sign.ts";
import type { CliContext } from "../context.ts";

export function addSignCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  program
    .command("sign")
    .description(help.sign)
    .argument("<document>", help.signDocument)
    .option("--out <file>", help.signOut)
    .option("--token <serial>", help.tokenOption)
    .option("--pin-file <file>", help.pinFileOption)
    .option("--reason <text>", help.signReason)
    .option("--location <text>", help.signLocation)
    .option("--visible <place>", help.signVisible)
    .option("--chain <file...>", help.signChain)
    .option("--module <path>", help.signModule)
    .addHelpText(
      "after",
      `\n${help.examples}\n  $ sceau sign letter.pdf --out signed.pdf\n  $ sceau sign letter.pdf --visible -1 --reason "Approved"`,
    )
    .action(async (document: string, options: SignOptions) => {
      const { runSign } = await import("../actions/sign.ts");
      await runSign(context(), document, options);
    });
}
