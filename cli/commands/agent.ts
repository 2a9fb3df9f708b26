// sceau agent

import type { Command } from "commander";
import { DEFAULT_AGENT_PORT } from "../../host-bridge/agent/agent-address.ts";
import type { AgentCommandOptions } from "../actions/agent.ts";
import type { CliContext } from "../context.ts";

export function addAgentCommand(program: Command, context: () => CliContext): void {
  const { help, agent } = context().say;
  program
    .command("agent")
    .description(agent.help.agent)
    .option("--port <number>", agent.help.port, String(DEFAULT_AGENT_PORT))
    .option("--no-open", agent.help.noOpen)
    .option("--no-serial", agent.help.noSerial)
    .option("--no-hid", agent.help.noHid)
    .option("--any-user", agent.help.anyUser)
    .addHelpText("after", `\n${help.examples}\n  $ sceau agent\n  $ sceau agent --port 8758 --no-open`)
    .action(async (options: AgentCommandOptions) => {
      const { runAgent } = await import("../actions/agent.ts");
      await runAgent(context(), options);
    });
}
