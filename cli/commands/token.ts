// sceau token

import type { Command } from "commander";
import type { ChangePinOptions, GenerateOptions, PinOption, TokenOption, UnblockOptions } from "../actions/token.ts";
import type { CliContext } from "../context.ts";

export function addTokenCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  const actions = () => import("../actions/token.ts");
  const token = program.command("token").description(help.token);
  const add = (name: string, description: string, example: string): Command =>
    token
      .command(name)
      .description(description)
      .option("--token <name>", help.tokenOption)
      .addHelpText("after", `\n${help.example}\n  $ sceau token ${example}`);
  add("info", help.tokenInfo, "info --json").action(async (options: TokenOption) => (await actions()).info(context(), options));
  add("init", help.tokenInit, "init --pin-file pin.txt")
    .option("--pin-file <file>", help.pinFileOption)
    .action(async (options: TokenOption & PinOption) => (await actions()).init(context(), options));
  add("generate", help.tokenGenerate, "generate 9c --out request.pem")
    .argument("<slot>", help.slotArgument)
    .requiredOption("--out <file>", help.outOption)
    .option("--pin-file <file>", help.pinFileOption)
    .option("--pin-policy <policy>", help.pinPolicyOption)
    .option("--button <policy>", help.buttonOption)
    .action(async (slot: string, options: GenerateOptions) => (await actions()).generate(context(), slot, options));
  add("import", help.tokenImport, "import 9c certificate.pem")
    .argument("<slot>", help.slotArgument)
    .argument("<certificate>")
    .action(async (slot: string, file: string, options: TokenOption) =>
      (await actions()).importCertificate(context(), slot, file, options),
    );
  add("export", help.tokenExport, "export 9c > certificate.pem")
    .argument("<slot>", help.slotArgument)
    .action(async (slot: string, options: TokenOption) => (await actions()).exportCertificate(context(), slot, options));
  add("change-pin", help.tokenChangePin, "change-pin")
    .option("--pin-file <file>", help.pinFileOption)
    .option("--new-pin-file <file>", help.newPinFileOption)
    .action(async (options: ChangePinOptions) => (await actions()).changePin(context(), options));
  add("unblock", help.tokenUnblock, "unblock")
    .option("--puk-file <file>", help.pukFileOption)
    .option("--new-pin-file <file>", help.newPinFileOption)
    .action(async (options: UnblockOptions) => (await actions()).unblock(context(), options));
}
