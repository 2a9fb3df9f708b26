// sceau bridge

import { type Command, Option } from "commander";
import type { BridgeCommandOptions } from "../actions/bridge.ts";
import type { CliContext } from "../context.ts";

interface Options extends BridgeCommandOptions {
  readonly register?: true;
  readonly unregister?: true;
}

const collect = (path: string, earlier: readonly string[] | false | undefined): readonly string[] => [...(earlier || []), path];

export function addBridgeCommand(program: Command, context: () => CliContext): void {
  const { help, bridge } = context().say;
  program
    .command("bridge")
    .description(help.bridge)
    .option("--serial <path>", bridge.help.serial, collect)
    .option("--no-serial", bridge.help.noSerial)
    .option("--no-hid", bridge.help.noHid)
    .option("--reader <name>", bridge.help.reader, collect)
    .option("--pcsc [address]", bridge.help.pcsc)
    .option("--ask-pin [program]", bridge.help.askPin)
    .option("--default-socket", bridge.help.defaultSocket)
    .option("--no-default-socket", bridge.help.noDefaultSocket)
    .addOption(new Option("--register", bridge.help.register).conflicts("unregister"))
    .option("--unregister", bridge.help.unregister)
    .addHelpText(
      "after",
      `\n${help.examples}\n  $ sceau bridge\n  $ sceau bridge --serial /dev/ttyACM0\n  $ sceau bridge --reader YubiKey\n  $ sceau bridge --pcsc\n  $ sceau bridge --ask-pin --json`,
    )
    .action(async (options: Options) => {
      const { runRegister, runUnregister } = await import("../actions/bridge-register.ts");
      if (options.register) return runRegister(context());
      if (options.unregister) return runUnregister(context());
      const { runBridge } = await import("../actions/bridge.ts");
      await runBridge(context(), options);
    });
}
