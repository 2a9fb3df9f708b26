// What an officer decides about an organisation: opened, refused, closed, opened again.

import type { Acting } from "../registration/officers.ts";
import { changeOrganisation, holdOrganisation } from "../registration/organisations.ts";
import { ORGANISATION, type OrganisationEvent, type OrganisationState } from "../states/organisation-states.ts";
import type { Store } from "../store/store.ts";
import { isDecided } from "./decided-before.ts";

export interface OrganisationOutcome {
  readonly state: OrganisationState;
  /** False: somebody decided the same before, and nothing has changed. */
  readonly isNew: boolean;
}

export const organisationDecisions = (state: OrganisationState): OrganisationEvent[] =>
  Object.keys(ORGANISATION.table[state]) as OrganisationEvent[];

/**
 * A closed one takes nobody in, and its people get no certificate. Those that they have stay valid: closing can be undone, a revocation can't.
 * @throws RegistrationError unknown-organisation; StateError
 */
export function decideOrganisation(store: Store, id: string, event: OrganisationEvent, acting: Acting): Promise<OrganisationOutcome> {
  return store.transaction(async (tx) => {
    const { state } = await holdOrganisation(tx, id);
    if (isDecided(ORGANISATION, state, event)) return { state, isNew: false };
    return { state: await changeOrganisation(tx, id, event, acting), isNew: true };
  });
}
