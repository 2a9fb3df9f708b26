// What `sceau tour` does, which is what `npm start` runs.

import { shellWord } from "../../host-bridge/desktop/shell-word.ts";
import { p11KitAddress } from "../../host-bridge/signing/pkcs11-module.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import type { StateFolder } from "../state-folder.ts";
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

function stayLines({ say }: CliContext, { pkcs11Socket }: StateFolder, result: TourResult): string[] {
  return [
    "",
    say.tour.stay,
    `  export P11_KIT_SERVER_ADDRESS=${shellWord(p11KitAddress(pkcs11Socket))}`,
    "  pkcs11-tool --module p11-kit-client.so --list-objects",
    say.tour.stayPin(result.pinFile),
    say.tour.stayOffice(result.office),
    say.tour.stayStop,
  ];
}

export async function runTour(context: CliContext, options: TourOptions & { readonly stay?: true }): Promise<void> {
  const startedMs = performance.now();
  const tour = new Tour(context, context.isJson ? SILENT_STEPS : createSteps(context.print));
  const plan = tour.plan(options);
  context.print(`${context.say.tour.title}\n`);
  const stopped = untilStopped();
  try {
    const result = await tour.run(plan);
    context.report(result, resultLines(context, result, startedMs));
    process.exitCode = result.isValid ? EXIT_OK : EXIT_NEGATIVE;
    if (options.stay !== true) return;
    for (const line of stayLines(context, tour.state, result)) context.print(line);
    await stopped;
  } finally {
    await tour.unplug();
  }
}
