// One question of the doctor's. It changes nothing: it reads, asks, and closes what it opened.

import type { Area, CheckName, FindingOf } from "./finding.ts";
import type { Place } from "./place.ts";

type Answer<N extends CheckName> = FindingOf<N> | Promise<FindingOf<N>>;

export interface Check<N extends CheckName = CheckName> {
  readonly name: N;
  readonly area: Area;
  /** Not asked when one of these found a trouble, or was not asked itself: its answer would be of that. */
  readonly needs?: readonly CheckName[];
  /** Asked only when one of these found a trouble. */
  readonly onlyAfter?: readonly CheckName[];
  /** Asked only when it says so; absent: always. Of what another place, or another way of using Sceau, has no need of. */
  concerns?(place: Place): boolean;
  look(place: Place): Answer<N>;
}

/** The same of one office. */
export interface OfficeCheck<N extends CheckName = CheckName> {
  readonly name: N;
  readonly area: "office";
  readonly needs?: readonly CheckName[];
  /** @param address of officeAddress */
  look(place: Place, address: string): Answer<N>;
}
