// sceau tour, which is what `npm start` runs

import type { Command } from "commander";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import { checkOutputIsFree } from "../files.ts";
import { field } from "../terminal.ts";
import { createSteps, SILENT_STEPS } from "../tour/steps.ts";
import { Tour, type TourOptions, type TourResult } from "../tour/tour.ts";
import { untilStopped } from "../until-stopped.ts";

function resultLines(context: CliContext, result: TourResult, startedMs: number): string[] {
  const { tour } = context.say;
  if (!result.isValid) return [tour.notValid];
  const signer = result.signatures.find((each) => each.coversWholeFile)?.signer ?? "";
  return [
    "",
    field(tour.signedFile, result.signedFile),
    field(tour.signedBy, signer),
    field(tour.trust, result.root),
    "",
    tour.total(((performance.now() - startedMs) / 1000).toFixed(1)),
  ];
}

function stayLines({ say, state }: CliContext, result: TourResult): string[] {
  return [
    "",
    say.tour.stay,
    `  export P11_KIT_SERVER_ADDRESS=${p11KitAddress(state.pkcs11Socket)}`,
    "  pkcs11-tool --module p11-kit-client.so --list-objects",
    say.tour.stayPin(result.pinFile),
    say.tour.stayStop,
  ];
}

export function addTourCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  program
    .command("tour")
    .description(help.tour)
    .option("--document <file>", help.tourDocument)
    .option("--out <file>", help.signOut)
    .option("--stay", help.tourStay)
    .addHelpText("after", `\n${help.examples}\n  $ sceau tour\n  $ sceau tour --document my.pdf --out signed.pdf`)
    .action(async (options: TourOptions & { stay?: true }) => {
      const current = context();
      const startedMs = performance.now();
      if (options.out !== undefined) checkOutputIsFree(options.out);
      current.print(`${current.say.tour.title}\n`);
      const tour = new Tour(current, current.isJson ? SILENT_STEPS : createSteps());
      const stopped = untilStopped();
      try {
        const result = await tour.run(options);
        current.report(result, resultLines(current, result, startedMs));
        process.exitCode = result.isValid ? EXIT_OK : EXIT_NEGATIVE;
        if (options.stay !== true) return;
        for (const line of stayLines(current, result)) current.print(line);
        await stopped;
      } finally {
        await tour.unplug();
      }
    });
}
