// A dossier: one application for one certificate, from the form to the token that signs (S9 to S15).

import { stateMachine } from "./state-table.ts";

export type DossierState =
  | "draft"
  | "submitted"
  | "identity_pending"
  | "identity_verified"
  | "identity_failed"
  | "approved"
  | "rejected"
  | "activation_ready"
  | "active"
  | "cancelled"
  | "expired";
/**
 * `submit`: the applicant, with three questions and the consents. `book`: an appointment is agreed. `unbook`: it is given up, or nobody decided.
 * `verify`, `fail`: the verifier. `reopen`: an officer gives somebody who failed another try. `approve`, `reject`: another officer, with payment settled and the
 * association's status confirmed. `prepare`: the reference number is on its way. `activate`: possession of the certificate is proven. `lapse`: the
 * certificate was not activated in time, and is revoked. `cancel`: the applicant or an officer. `expire`: the clock.
 */
export type DossierEvent =
  | "submit"
  | "book"
  | "unbook"
  | "verify"
  | "fail"
  | "reopen"
  | "approve"
  | "reject"
  | "prepare"
  | "activate"
  | "lapse"
  | "cancel"
  | "expire";

const END = { cancel: "cancelled", expire: "expired" } as const;

export const DOSSIER = stateMachine<DossierState, DossierEvent>("dossier", {
  draft: { submit: "submitted", ...END },
  submitted: { book: "identity_pending", reject: "rejected", ...END },
  identity_pending: { unbook: "submitted", verify: "identity_verified", fail: "identity_failed", ...END },
  identity_verified: { approve: "approved", reject: "rejected", ...END },
  identity_failed: { reopen: "submitted", reject: "rejected", ...END },
  approved: { prepare: "activation_ready", ...END },
  rejected: {},
  activation_ready: { activate: "active", lapse: "approved", ...END },
  active: {},
  cancelled: {},
  expired: {},
});
