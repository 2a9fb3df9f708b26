// Why a decision about a dossier was refused, in words, with the way back.

import { html } from "../../../host-bridge/web/html.ts";
import { DecisionError } from "../../dossiers/decision-error.ts";
import { DossierError } from "../../dossiers/dossier-error.ts";
import { RegistrationError } from "../../registration/organisations.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { NothingThereError } from "../edge/visit.ts";
import type { Texts } from "../texts/french.ts";
import type { DossierRecord } from "./dossier-record.ts";

export type Refusal = keyof Texts["dossiers"]["refusals"];

export const approvalObstacleText = (refusal: Refusal, { texts }: OfficerVisit): string => texts.dossiers.refusals[refusal];

const isRefusal = (text: string, { dossiers }: Texts): text is Refusal => Object.hasOwn(dossiers.refusals, text);

/** @throws the error itself, when it is none that this page explains; NothingThereError */
export function refusalOf(error: unknown, { texts }: OfficerVisit): Refusal {
  if (error instanceof DossierError && error.refusal === "unknown") throw new NothingThereError();
  const isOurs = error instanceof DecisionError || error instanceof DossierError || error instanceof RegistrationError;
  if (!isOurs || !isRefusal(error.refusal, texts)) throw error;
  return error.refusal;
}

const CONFLICT = 409;

export function refusedPage(visit: OfficerVisit, { dossier }: DossierRecord, refusal: Refusal): PageAnswer {
  const { dossiers } = visit.texts;
  return {
    status: CONFLICT,
    title: dossiers.refusedTitle,
    body: html`<div class="warning"><p>${dossiers.refusals[refusal]}</p></div>
<p class="actions"><a class="button" href="/dossiers/${dossier.id}">${dossiers.back}</a></p>`,
  };
}
