// sceau token

import { type Command, Option } from "commander";
import type { AttestOptions } from "../actions/attest.ts";
import type { ChangePinOptions, PinOption, ResetOptions, TokenOption, UnblockOptions } from "../actions/token.ts";
import type { BatchOptions } from "../actions/token-batch.ts";
import type { JournalOptions } from "../actions/token-journal.ts";
import type { GenerateOptions } from "../actions/token-keys.ts";
import type { RetireOptions, VerifyReceiptOptions } from "../actions/token-retire.ts";
import type { CliContext } from "../context.ts";

type Context = () => CliContext;

/** A command of `sceau token`, with an example in its help. */
function add(token: Command, context: Context, name: string, description: string, example: string): Command {
  const { help } = context().say;
  return token.command(name).description(description).addHelpText("after", `\n${help.example}\n  $ sceau token ${example}`);
}

/** One that talks to a token. */
function addOnline(token: Command, context: Context, name: string, description: string, example: string): Command {
  return add(token, context, name, description, example).option("--token <name>", context().say.help.tokenOption);
}

function addKeyCommands(token: Command, context: Context): void {
  const { help, token: words } = context().say;
  const actions = () => import("../actions/token-keys.ts");
  addOnline(token, context, "generate", help.tokenGenerate, "generate 9c --out request.pem")
    .argument("<slot>", help.slotArgument)
    .requiredOption("--out <file>", help.outOption)
    .option("--algorithm <name>", words.help.algorithmOption)
    .option("--pin-file <file>", help.pinFileOption)
    .option("--pin-policy <policy>", help.pinPolicyOption)
    .option("--button <policy>", help.buttonOption)
    .action(async (slot: string, options: GenerateOptions) => (await actions()).generate(context(), slot, options));
  addOnline(token, context, "import", help.tokenImport, "import 9c certificate.pem")
    .argument("<slot>", help.slotArgument)
    .argument("<certificate>")
    .action(async (slot: string, file: string, options: TokenOption) =>
      (await actions()).importCertificate(context(), slot, file, options),
    );
  addOnline(token, context, "export", help.tokenExport, "export 9c > certificate.pem")
    .argument("<slot>", help.slotArgument)
    .action(async (slot: string, options: TokenOption) => (await actions()).exportCertificate(context(), slot, options));
}

function addSecretCommands(token: Command, context: Context): void {
  const { help, token: words } = context().say;
  const actions = () => import("../actions/token.ts");
  addOnline(token, context, "change-pin", help.tokenChangePin, "change-pin")
    .option("--pin-file <file>", help.pinFileOption)
    .option("--new-pin-file <file>", help.newPinFileOption)
    .action(async (options: ChangePinOptions) => (await actions()).changePin(context(), options));
  addOnline(token, context, "unblock", help.tokenUnblock, "unblock")
    .option("--puk-file <file>", help.pukFileOption)
    .option("--new-pin-file <file>", help.newPinFileOption)
    .action(async (options: UnblockOptions) => (await actions()).unblock(context(), options));
  addOnline(token, context, "set-tries", words.help.setTries, "set-tries 5 10")
    .argument("<pin>", words.help.setTriesPin)
    .argument("<puk>", words.help.setTriesPuk)
    .option("--pin-file <file>", help.pinFileOption)
    .action(async (pin: string, puk: string, options: TokenOption & PinOption) => (await actions()).setTries(context(), pin, puk, options));
  addOnline(token, context, "reset", words.help.reset, "reset")
    .option("--yes", words.help.yesOption)
    .action(async (options: ResetOptions) => (await actions()).reset(context(), options));
}

function addAttestCommand(token: Command, context: Context): void {
  const { help, factory: words } = context().say;
  addOnline(token, context, "attest", words.help.attest, "attest 9c --out attestation.pem")
    .argument("<slot>", help.slotArgument)
    .option("--out <file>", words.help.attestOut)
    .option("--pin-file <file>", help.pinFileOption)
    .action(async (slot: string, options: AttestOptions) => (await import("../actions/attest.ts")).attest(context(), slot, options));
}

function addEvidenceCommands(token: Command, context: Context): void {
  const { help, token: words } = context().say;
  const retiring = () => import("../actions/token-retire.ts");
  addOnline(token, context, "journal", words.help.journal, "journal --verify")
    .option("--verify", words.help.journalVerify)
    .addOption(new Option("--file <file>", words.help.journalFile).conflicts(["token", "pinFile", "out"]))
    .option("--out <file>", words.help.journalOut)
    .addOption(new Option("--root <file...>", words.help.rootOption).implies({ verify: true }))
    .option("--pin-file <file>", help.pinFileOption)
    .action(async (options: JournalOptions) => (await import("../actions/token-journal.ts")).journal(context(), options));
  addAttestCommand(token, context);
  addOnline(token, context, "retire", words.help.retire, "retire 82 --out receipt.json")
    .argument("<slot>", help.slotArgument)
    .option("--out <file>", words.help.retireOut)
    .option("--yes", words.help.yesOption)
    .action(async (slot: string, options: RetireOptions) => (await retiring()).retire(context(), slot, options));
  add(token, context, "verify-receipt", words.help.verifyReceipt, "verify-receipt receipt.json --root factory-root.pem")
    .argument("<file>", words.help.receiptArgument)
    .option("--root <file...>", words.help.rootOption)
    .action(async (file: string, options: VerifyReceiptOptions) => (await retiring()).verifyReceipt(context(), file, options));
  addOnline(token, context, "batch", words.help.batch, "batch 9c - --out signatures --pin-file pin.txt")
    .argument("<slot>", help.slotArgument)
    .argument("<list>", words.help.batchList)
    .requiredOption("--out <folder>", words.help.batchOut)
    .option("--pin-file <file>", help.pinFileOption)
    .action(async (slot: string, list: string, options: BatchOptions) =>
      (await import("../actions/token-batch.ts")).batch(context(), slot, list, options),
    );
}

export function addTokenCommand(program: Command, context: Context): void {
  const { help } = context().say;
  const token = program.command("token").description(help.token);
  addOnline(token, context, "info", help.tokenInfo, "info --json").action(async (options: TokenOption) =>
    (await import("../actions/token-info.ts")).info(context(), options),
  );
  addOnline(token, context, "init", help.tokenInit, "init --pin-file pin.txt")
    .option("--pin-file <file>", help.pinFileOption)
    .action(async (options: TokenOption & PinOption) => (await import("../actions/token.ts")).init(context(), options));
  addKeyCommands(token, context);
  addSecretCommands(token, context);
  addEvidenceCommands(token, context);
}
