// sceau tour, which is what `npm start` runs

import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import type { TourOptions } from "../tour/tour.ts";

export function addTourCommand(program: Command, context: () => CliContext): void {
  const { help } = context().say;
  program
    .command("tour")
    .description(help.tour)
    .option("--document <file>", help.tourDocument)
    .option("--out <file>", help.signOut)
    .option("--stay", help.tourStay)
    .addHelpText("after", `\n${help.examples}\n  $ sceau tour\n  $ sceau tour --document my.pdf --out signed.pdf`)
    .action(async (options: TourOptions & { readonly stay?: true }) => {
      const { runTour } = await import("../actions/tour.ts");
      await runTour(context(), options);
    });
}
