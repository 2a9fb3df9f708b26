// sceau doctor

import type { Command } from "commander";
import { DEFAULT_AGENT_PORT } from "../../host-bridge/agent/agent-address.ts";
import type { DoctorOptions } from "../actions/doctor.ts";
import type { CliContext } from "../context.ts";

export function addDoctorCommand(program: Command, context: () => CliContext): void {
  const { help, doctor } = context().say;
  program
    .command("doctor")
    .description(doctor.help.doctor)
    .option("--office <address>", doctor.help.office)
    .option("--port <number>", doctor.help.port, String(DEFAULT_AGENT_PORT))
    .addHelpText("after", `\n${help.examples}\n  $ sceau doctor --office https://office.example\n  $ sceau doctor --json`)
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import("../actions/doctor.ts");
      process.exitCode = await runDoctor(context(), options);
    });
}
