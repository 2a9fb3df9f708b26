// sceau bridge

import type { Command } from "commander";
import type { CliContext } from "../context.ts";

export function addBridgeCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  program
    .command("bridge")
    .description(help.bridge)
    .addHelpText("after", `\n${help.examples}\n  $ sceau bridge\n  $ sceau bridge --json`)
    .action(async () => {
      const { runBridge } = await import("../actions/bridge.ts");
      await runBridge(context());
    });
}
