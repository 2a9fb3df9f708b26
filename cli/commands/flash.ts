// sceau flash

import type { Command } from "commander";
import type { FlashOptions } from "../actions/flash.ts";
import type { CliContext } from "../context.ts";

const DEFAULT_BOARD = "jolt-js";

export function addFlashCommand(program: Command, context: () => CliContext): void {
  const { help, flash: words } = context().say;
  program
    .command("flash")
    .description(words.help.flash)
    .argument("<port>", words.help.port)
    .option("--board <name>", words.help.board, DEFAULT_BOARD)
    .option("--serial <number>", words.help.serial)
    .option("--yes", words.help.yes)
    .addHelpText("after", `\n${help.example}\n  $ sceau flash /dev/ttyACM0`)
    .action(async (port: string, options: FlashOptions) => {
      const { flash } = await import("../actions/flash.ts");
      await flash(context(), port, options);
    });
}
