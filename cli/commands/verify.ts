// sceau verify

import type { Command } from "commander";
import type { VerifyCommandOptions } from "../actions/verify.ts";
import type { CliContext } from "../context.ts";

export function addVerifyCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  program
    .command("verify")
    .description(help.verify)
    .argument("<document>", help.verifyDocument)
    .option("--trust <file...>", help.verifyTrust)
    .addHelpText("after", `\n${help.examples}\n  $ sceau verify signed.pdf\n  $ sceau verify signed.pdf --trust root.pem --json`)
    .action(async (document: string, options: VerifyCommandOptions) => {
      const { runVerify } = await import("../actions/verify.ts");
      await runVerify(context(), document, options);
    });
}
