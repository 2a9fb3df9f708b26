// All scenarios, each in an ordinary token and wherever it turns a page.

import { TURNS, turning } from "./page-turns.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS_OF_KEYS } from "./scenarios-of-keys.ts";
import { SCENARIOS_OF_MIGRATION } from "./scenarios-of-migration.ts";
import { SCENARIOS_OF_OBJECTS } from "./scenarios-of-objects.ts";
import { SCENARIOS_OF_SECRETS } from "./scenarios-of-secrets.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...SCENARIOS_OF_SECRETS,
  ...SCENARIOS_OF_KEYS,
  ...SCENARIOS_OF_OBJECTS,
  ...SCENARIOS_OF_MIGRATION,
];

/** A scenario and its variants that turn a page of the journal or of the signature journal. */
export function* variantsOf(scenario: Scenario): Generator<Scenario> {
  yield scenario;
  if (scenario.isOpening) return;
  for (const turn of TURNS) yield* turning(scenario, turn);
}
