// Scenarios of plugging a token in whose flash an older firmware has written.

import { ID_ERASED_KEY, ID_KEY, ID_KINDS, ID_MANAGEMENT_KEY, ID_OBJECT, ID_REFERENCE_DATA } from "../../firmware/journal-ids.ts";
import { ALG_P256 } from "../../protocol/piv.ts";
import { copyImage } from "../firmware/test-token.ts";
import { readState } from "./card-state.ts";
import { formerImage } from "./former-image.ts";
import { openOn } from "./laboratory.ts";
import type { Scenario } from "./scenario.ts";
import { IN_USE } from "./start-images.ts";

/** What the older firmware knew: secrets, keys of P-256, PIV's objects. */
function formerValues(): Map<number, string> {
  const values = new Map<number, string>();
  for (const [id, value] of readState(openOn(copyImage(IN_USE)).token.token.card).values) {
    const kind = id & ID_KINDS;
    const isKnown = [ID_MANAGEMENT_KEY, ID_REFERENCE_DATA, ID_OBJECT].includes(kind);
    if (isKnown || (kind === ID_KEY && id !== (ID_KEY | 0xf9) && Number.parseInt(value.slice(0, 2), 16) === ALG_P256))
      values.set(id, value);
  }
  return values;
}

const VALUES = formerValues();

export const SCENARIOS_OF_MIGRATION: readonly Scenario[] = [0, 2, 5].map((turns) => ({
  name: `migration from layout 1${turns === 0 ? "" : `, ${turns} pages later`}`,
  image: formerImage(VALUES, turns),
  isOpening: true,
  act: ({ token }) => {
    const { values } = readState(token.token.card);
    for (const [id, value] of VALUES) if (values.get(id) !== value) throw new Error(`the migration lost ${id.toString(16)}`);
    for (const id of values.keys()) if ((id & ID_KINDS) === ID_ERASED_KEY) throw new Error("the migration erased a key");
  },
}));
