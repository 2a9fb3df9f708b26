// sceau sim

import { type Command, Option } from "commander";
import type { SimOptions } from "../actions/sim.ts";
import type { CliContext } from "../context.ts";

const DEFAULT_NAME = "sim";

export function addSimCommand(program: Command, context: () => CliContext): void {
  const { help, factory } = context().say;
  program
    .command("sim")
    .description(help.sim)
    .argument("[name]", help.simName, DEFAULT_NAME)
    .option("--button <who>", help.simButton, "auto")
    .option("--button-delay <ms>", help.simDelay, "0")
    .option("--vpcd [address]", help.simVpcd)
    .option("--usb [address]", help.simUsb)
    .addOption(new Option("--unplug", help.simUnplug).conflicts(["replug", "usb", "vpcd", "engine"]))
    .addOption(new Option("--replug", help.simReplug).conflicts(["usb", "vpcd", "engine"]))
    .option("--profile <name>", factory.help.profile)
    .option("--engine <path>", help.simEngine)
    .addHelpText("after", `\n${help.examples}\n  $ sceau sim\n  $ sceau sim test --button never --vpcd\n  $ sceau sim --usb`)
    .action(async (name: string, options: SimOptions) => {
      const { runSim } = await import("../actions/sim.ts");
      await runSim(context(), name, options);
    });
}
