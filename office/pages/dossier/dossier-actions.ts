// What officers may do with a dossier: offered when its state allows it, with the permission that it takes.

import { mayHaveReference, maySendReference } from "../../dossiers/new-reference.ts";
import { paymentDecisions } from "../../dossiers/payment.ts";
import type { Officer } from "../../registration/officers.ts";
import { isPermitted, type Permission } from "../../registration/roles.ts";
import { DOSSIER } from "../../states/dossier-states.ts";
import type { Texts } from "../texts/french.ts";
import type { DossierRecord } from "./dossier-record.ts";

export type DossierAction = keyof Texts["dossiers"]["pages"];

const PERMISSIONS: Readonly<Record<DossierAction, Permission>> = {
  approve: "approve",
  reject: "approve",
  pay: "payments",
  waive: "payments",
  undo: "payments",
  reference: "unlock",
  reopen: "identity",
  cancel: "approve",
};

const ACTIONS = Object.keys(PERMISSIONS) as DossierAction[];

export const isDossierAction = (text: string): text is DossierAction => Object.hasOwn(PERMISSIONS, text);
export const permissionOf = (action: DossierAction): Permission => PERMISSIONS[action];

/** Nothing leads back: its number is typed. */
export const isFinal = (action: DossierAction): boolean => action === "reject" || action === "cancel";

export function isPossible(action: DossierAction, { dossier }: DossierRecord): boolean {
  switch (action) {
    case "pay":
    case "waive":
    case "undo":
      return paymentDecisions(dossier.state, dossier.payment).includes(action);
    case "reference":
      return mayHaveReference(dossier);
    case "cancel":
      return DOSSIER.allows(dossier.state, action) && dossier.certificateId === null;
    default:
      return DOSSIER.allows(dossier.state, action);
  }
}

export function mayDo(action: DossierAction, { office }: DossierRecord, officer: Officer): boolean {
  if (action === "reference") return maySendReference(officer, office.id);
  return isPermitted(officer.assignments, permissionOf(action), office.id);
}

export const possibleActions = (record: DossierRecord): DossierAction[] => ACTIONS.filter((action) => isPossible(action, record));
