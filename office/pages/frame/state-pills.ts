// The states of entities as pills: which tone each has.

import type { Html } from "../../../host-bridge/web/html.ts";
import type { CertificateState } from "../../states/certificate-states.ts";
import type { DossierState } from "../../states/dossier-states.ts";
import type { KeyState } from "../../states/key-states.ts";
import type { OfficerState } from "../../states/officer-states.ts";
import type { OrganisationState } from "../../states/organisation-states.ts";
import type { TokenState } from "../../states/token-states.ts";
import type { Texts } from "../texts/french.ts";
import { pill, type Tone } from "./parts.ts";

const CERTIFICATE_TONES: Readonly<Record<CertificateState, Tone>> = { issued: "waiting", active: "good", expired: "over", revoked: "bad" };
const DOSSIER_TONES: Readonly<Record<DossierState, Tone>> = {
  draft: "waiting",
  submitted: "waiting",
  identity_pending: "waiting",
  identity_verified: "waiting",
  identity_failed: "bad",
  approved: "good",
  rejected: "bad",
  activation_ready: "waiting",
  active: "good",
  cancelled: "over",
  expired: "over",
};
const KEY_TONES: Readonly<Record<KeyState, Tone>> = { attested: "waiting", certified: "good", destroyed: "over" };
const OFFICER_TONES: Readonly<Record<OfficerState, Tone>> = { invited: "waiting", active: "good", withdrawn: "over" };
const ORGANISATION_TONES: Readonly<Record<OrganisationState, Tone>> = { requested: "waiting", open: "good", closed: "over" };
const TOKEN_TONES: Readonly<Record<TokenState, Tone>> = {
  blank: "waiting",
  formatted: "waiting",
  assigned: "waiting",
  active: "good",
  suspended: "bad",
  blocked: "bad",
  lost: "bad",
  damaged: "over",
  retired: "over",
};

export const certificatePill = (state: CertificateState, { states }: Texts): Html =>
  pill(states.certificate[state], CERTIFICATE_TONES[state]);
export const dossierPill = (state: DossierState, { states }: Texts): Html => pill(states.dossier[state], DOSSIER_TONES[state]);
export const keyPill = (state: KeyState, { states }: Texts): Html => pill(states.key[state], KEY_TONES[state]);
export const officerPill = (state: OfficerState, { states }: Texts): Html => pill(states.officer[state], OFFICER_TONES[state]);
export const organisationPill = (state: OrganisationState, { states }: Texts): Html =>
  pill(states.organisation[state], ORGANISATION_TONES[state]);
export const tokenPill = (state: TokenState, { states }: Texts): Html => pill(states.token[state], TOKEN_TONES[state]);

/** What the clock says of a certificate, even before its job has run. */
export function stateNow(state: CertificateState, notAfter: Date, now: Date): CertificateState {
  return state !== "revoked" && now > notAfter ? "expired" : state;
}
