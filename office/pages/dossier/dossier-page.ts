// The sheet of a dossier: where it is, what officers may decide, and all that was checked and decided so far.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { DecisionRefusal } from "../../dossiers/decision-error.ts";
import { DOSSIER } from "../../states/dossier-states.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { type Fact, facts, grouped, notice, time } from "../frame/parts.ts";
import { dossierPill } from "../frame/state-pills.ts";
import { whoMay } from "../frame/who-may.ts";
import { type DossierAction, isDossierAction, mayDo, permissionOf, possibleActions } from "./dossier-actions.ts";
import type { DossierRecord } from "./dossier-record.ts";
import { paymentPill } from "./dossiers-page.ts";
import { approvalObstacleText } from "./refusals.ts";

const ACTIONS_OF_A_STATE: readonly DossierAction[] = ["approve", "reopen"];

function doneNotice(done: string | null, { texts }: OfficerVisit): Html | null {
  if (done === "before") return notice(texts.frame.before);
  return done === null || !isDossierAction(done) ? null : notice(texts.dossiers.pages[done].done);
}

/** What this officer may do, and for what is next who else may. */
function decisions(record: DossierRecord, obstacle: DecisionRefusal | null, visit: OfficerVisit): Html {
  const { dossiers } = visit.texts;
  const { officer } = visit.session;
  const possible = possibleActions(record);
  const own = possible.filter((action) => mayDo(action, record, officer));
  const offered = own.filter((action) => action !== "approve" || obstacle === null);
  const others = possible.filter((action) => ACTIONS_OF_A_STATE.includes(action) && !own.includes(action));
  const links = offered.map(
    (action) =>
      html`<a class="button${action === "approve" ? "" : " quiet"}" href="/dossiers/${record.dossier.id}/${action}">${dossiers.actions[action]}</a>
`,
  );
  const isStopped = obstacle !== null && own.includes("approve");
  return html`<h2>${dossiers.decide}</h2>
${isStopped ? html`<div class="warning"><p><strong>${dossiers.actions.approve}</strong> – ${approvalObstacleText(obstacle, visit)}</p></div>` : null}
${links.length > 0 ? html`<p class="actions">${links}</p>` : isStopped ? null : html`<p>${dossiers.nothing}</p>`}
${others.map((action) => html`<p>${dossiers.actions[action]} – ${whoMay(permissionOf(action), visit)}</p>`)}`;
}

function applicant({ dossier, mailbox, association, organisation, office, questions }: DossierRecord, visit: OfficerVisit): Html {
  const { texts } = visit;
  const { dossiers } = texts;
  const { timeZone } = office;
  const rows: readonly Fact[] = [
    [dossiers.name, `${dossier.givenName} ${dossier.surname}`],
    [dossiers.email, dossier.email],
    [dossiers.mailbox, mailbox],
    [dossiers.phone, dossier.phone],
    [dossiers.language, dossiers.languages[dossier.language === "fr" ? "fr" : "en"]],
    [dossiers.association, association],
    [dossiers.jobTitle, dossier.title],
    [dossiers.memberNumber, dossier.memberNumber],
    [dossiers.organisation, organisation ?? dossiers.onOneself],
    [dossiers.profile, texts.profile(dossier.profile)],
    [dossiers.questions, dossiers.questionSets[questions ?? "none"]],
    [dossiers.office, office.name],
    [dossiers.created, time(dossier.createdAt, visit, timeZone)],
    [dossiers.submitted, dossier.submittedAt === null ? null : time(dossier.submittedAt, visit, timeZone)],
  ];
  return html`<h2>${dossiers.applicant}</h2>${facts(rows, texts.frame.unknown)}`;
}

/** Who decided it, when, and what they wrote. */
interface Decided {
  readonly officerId: string | null;
  readonly at: Date | null;
  readonly note: string | null;
}

function decidedFacts({ office, officerNames }: DossierRecord, decided: Decided, visit: OfficerVisit): Fact[] {
  const { dossiers } = visit.texts;
  const { officerId, at, note } = decided;
  return [
    ...(officerId === null ? [] : [[dossiers.by, officerNames.get(officerId) ?? null] as const]),
    ...(at === null ? [] : [[dossiers.at, time(at, visit, office.timeZone)] as const]),
    ...(note === null ? [] : [[dossiers.note, note] as const]),
  ];
}

function payment(record: DossierRecord, visit: OfficerVisit): Html {
  const { texts } = visit;
  const { dossier } = record;
  const decided = { officerId: dossier.paymentOfficerId, at: dossier.paymentAt, note: dossier.paymentNote };
  return html`<h2>${texts.dossiers.payment}</h2>${facts(
    [[texts.dossiers.state, paymentPill(dossier.payment, texts)], ...decidedFacts(record, decided, visit)],
    texts.frame.unknown,
  )}`;
}

/** Links lead where the officer may go on. */
const linkIf = (isLink: boolean, address: string, text: HtmlValue): Html =>
  isLink ? html`<a href="${address}">${text}</a>` : html`${text}`;

function identity(record: DossierRecord, visit: OfficerVisit): Html {
  const { texts, session } = visit;
  const { dossiers } = texts;
  const { dossier, office, officerNames } = record;
  const isVerifier = mayDo("reopen", record, session.officer);
  const seesEvidence = isVerifier || mayDo("approve", record, session.officer);
  const at = (date: Date): Html => time(date, visit, office.timeZone);
  const verified = { officerId: dossier.verifierId, at: dossier.verifiedAt, note: null };
  return html`${
    dossier.verifierId === null
      ? null
      : html`<h2>${dossiers.identity}</h2>${facts(decidedFacts(record, verified, visit), texts.frame.unknown)}`
  }
<h2>${dossiers.appointments}</h2>
${table({
  caption: dossiers.appointments,
  columns: dossiers.checkColumns,
  none: dossiers.noChecks,
  rows: record.checks.map(({ id, startsAt, kind, state, officerId }) => [
    linkIf(seesEvidence, `/identity/checks/${id}`, at(startsAt)),
    dossiers.kinds[kind],
    dossiers.checks[state],
    officerId === null ? null : (officerNames.get(officerId) ?? null),
  ]),
})}
<h2>${dossiers.evidence}</h2>
${dossier.evidenceByHandAt === null ? null : html`<p>${dossiers.byHand}</p>`}
${table({
  caption: dossiers.evidence,
  columns: dossiers.evidenceColumns,
  none: dossiers.noEvidence,
  rows: record.evidence.map(({ id, kind, mediaType, uploadedAt, destroyAt, destroyedAt }) => [
    linkIf(seesEvidence && destroyedAt === null, `/identity/evidence/${id}`, evidenceName(kind, visit)),
    mediaType,
    at(uploadedAt),
    destroyedAt === null ? at(destroyAt) : html`${at(destroyedAt)}<small>${dossiers.destroyed}</small>`,
  ]),
})}`;
}

function evidenceName(kind: string, { texts: { dossiers } }: OfficerVisit): string {
  const names: Readonly<Record<string, string>> = dossiers.evidenceKinds;
  return names[kind] ?? kind;
}

function decision(record: DossierRecord, visit: OfficerVisit): Html | null {
  const { texts } = visit;
  const { dossiers } = texts;
  const { dossier, certificate } = record;
  const decided = { officerId: dossier.approverId, at: dossier.decidedAt, note: null };
  const rows: readonly Fact[] = [
    ...decidedFacts(record, decided, visit),
    ...(dossier.statusNote === null ? [] : [[dossiers.statusNote, dossier.statusNote] as const]),
    ...(dossier.reason === null ? [] : [[dossiers.reason, dossier.reason] as const]),
    ...(dossier.personId === null
      ? []
      : [[dossiers.person, html`<a href="/people/${dossier.personId}">${dossier.givenName} ${dossier.surname}</a>`] as const]),
    ...(dossier.tokenSerial === null
      ? []
      : [
          [dossiers.token, html`<a href="/tokens/${encodeURIComponent(dossier.tokenSerial)}">${grouped(dossier.tokenSerial)}</a>`] as const,
        ]),
    ...(certificate === null
      ? []
      : [[dossiers.certificate, html`<a href="/certificates/${dossier.certificateId}">${grouped(certificate)}</a>`] as const]),
  ];
  return rows.length === 0 ? null : html`<h2>${dossiers.decision}</h2>${facts(rows, texts.frame.unknown)}`;
}

function activation({ activations, office, dossier }: DossierRecord, visit: OfficerVisit): Html | null {
  const { dossiers } = visit.texts;
  if (dossier.approverId === null && activations.length === 0) return null;
  return html`<h2>${dossiers.activation}</h2>${table({
    caption: dossiers.activation,
    columns: dossiers.activationColumns,
    none: dossiers.noActivation,
    rows: activations.map(({ createdAt, state, failedTries, expiresAt }) => [
      time(createdAt, visit, office.timeZone),
      dossiers.activations[state],
      failedTries,
      time(expiresAt, visit, office.timeZone),
    ]),
  })}`;
}

function consents({ consents: given, office }: DossierRecord, visit: OfficerVisit): Html {
  const { texts } = visit;
  const { dossiers } = texts;
  const names: Readonly<Record<string, string>> = dossiers.consentDocuments;
  const rows = given.map(
    ({ document, version, at }) =>
      [names[document] ?? document, html`${dossiers.consentVersion(version)}, ${time(at, visit, office.timeZone)}`] as const,
  );
  return html`<h2>${dossiers.consents}</h2>${rows.length === 0 ? html`<p class="none">${dossiers.noConsents}</p>` : facts(rows, texts.frame.unknown)}`;
}

/** @param obstacle why this officer can't approve; null: they can, or it is not their business @param done what has just been done */
export function dossierPage(visit: OfficerVisit, record: DossierRecord, obstacle: DecisionRefusal | null, done: string | null): PageAnswer {
  const { texts } = visit;
  const { dossiers } = texts;
  const { dossier, office } = record;
  return {
    title: dossiers.sheet(dossier.number),
    body: html`${doneNotice(done, visit)}
<div class="card"><p>${dossierPill(dossier.state, texts)} ${dossiers.nexts[dossier.state]}</p>
${DOSSIER.allows(dossier.state, "expire") ? html`<p>${dossiers.expires} ${time(dossier.expiresAt, visit, office.timeZone, "day")}.</p>` : null}</div>
${decisions(record, obstacle, visit)}
${applicant(record, visit)}
${payment(record, visit)}
${identity(record, visit)}
${decision(record, visit)}
${activation(record, visit)}
${consents(record, visit)}`,
  };
}
