// The sheet of a token, and what may be decided about it.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { isOutcome } from "../../decisions/decided-before.ts";
import { decisionsFrom, isTokenDecision } from "../../decisions/token-decision.ts";
import { isPermitted } from "../../registration/roles.ts";
import { KEY } from "../../states/key-states.ts";
import { TOKEN } from "../../states/token-states.ts";
import { certificateTable } from "../certificate/certificate-list.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { facts, grouped, notice, time } from "../frame/parts.ts";
import { keyPill, tokenPill } from "../frame/state-pills.ts";
import { whoMay } from "../frame/who-may.ts";
import type { Texts } from "../texts/french.ts";
import type { TokenRecord } from "./token-record.ts";

export const tokenAddress = (serial: string): string => `/tokens/${encodeURIComponent(serial)}`;

export function holderOf({ holder, isHeld }: TokenRecord, { search, token }: Texts): HtmlValue {
  if (holder === null) return isHeld ? token.elsewhere : search.nobody;
  return html`<a href="/people/${holder.id}">${holder.name}</a>, ${holder.email}`;
}

/** A key can end whatever has become of its token. */
function receiptLink({ token, office, keys }: TokenRecord, visit: OfficerVisit): Html | null {
  const { assignments } = visit.session.officer;
  const isTheirs = isPermitted(assignments, "tokens", office.id) && isPermitted(assignments, "revoke", office.id);
  if (!isTheirs || !keys.some(({ state }) => KEY.allows(state, "destroy"))) return null;
  return html`<p class="actions"><a class="button quiet" href="${tokenAddress(token.serial)}/receipt">${visit.texts.tokenDecisions.receipt.name}</a></p>`;
}

/** PUK and management key, when the office has them and the officer may ask for them. */
function secretsLink({ token, office, secrets }: TokenRecord, visit: OfficerVisit): Html | null {
  const { tokenSecrets } = visit.texts;
  if (secrets === "none" || !isPermitted(visit.session.officer.assignments, "secrets", office.id)) return null;
  if (secrets === "released") return html`<h2>${tokenSecrets.title}</h2><p>${tokenSecrets.refusals.released}</p>`;
  return html`<h2>${tokenSecrets.title}</h2><p>${tokenSecrets.onToken}</p>
<p class="actions"><a class="button quiet" href="${tokenAddress(token.serial)}/secrets">${tokenSecrets.askLink}</a></p>`;
}

/** What the table of states allows, when the officer may. */
function decisionLinks({ token, office }: TokenRecord, visit: OfficerVisit): Html {
  const { tokenDecisions: texts } = visit.texts;
  const decisions = decisionsFrom(token.state);
  const heading = html`<h2>${texts.title}</h2>`;
  if (decisions.length === 0) return html`${heading}<p>${texts.end}</p>`;
  if (!isPermitted(visit.session.officer.assignments, "tokens", office.id))
    return html`${heading}<p>${texts.notYours} ${whoMay("tokens", visit)}</p>`;
  return html`${heading}<p class="actions">${decisions.map(
    (decision) =>
      html`<a class="button quiet" href="${tokenAddress(token.serial)}/${decision}">${texts.decisions[decision].name}</a>
`,
  )}</p>`;
}

/** @param done what has just been decided, as the address tells; believed when the state is its outcome */
function doneNotice(done: string | null, { token, keys }: TokenRecord, { texts }: OfficerVisit): Html | null {
  if (done === "key" && keys.some(({ state }) => state === "destroyed")) return notice(texts.tokenDecisions.receipt.done);
  if (done === "before") return notice(texts.frame.before);
  if (done === null || !isTokenDecision(done) || !isOutcome(TOKEN, token.state, done)) return null;
  return notice(texts.tokenDecisions.decisions[done].done);
}

export function tokenPage(visit: OfficerVisit, record: TokenRecord, done: string | null): PageAnswer {
  const { texts } = visit;
  const { token, office } = record;
  const keyTable = table({
    caption: texts.token.keys,
    columns: texts.token.keyColumns,
    none: texts.token.noKeys,
    rows: record.keys.map(({ slot, algorithm, state, fingerprint, createdAt }) => [
      html`${slot.toUpperCase()}<small>${algorithm}</small>`,
      keyPill(state, texts),
      grouped(fingerprint),
      html`<span class="nowrap">${time(createdAt, visit, office.timeZone)}</span>`,
    ]),
  });
  const shown = record.areCertificatesShown ? record.certificates : [];
  return {
    title: texts.token.title(token.serial),
    body: html`${doneNotice(done, record, visit)}${facts(
      [
        [texts.token.serial, grouped(token.serial)],
        [texts.token.state, tokenPill(token.state, texts)],
        [texts.token.holder, holderOf(record, texts)],
        [texts.token.model, token.model],
        [texts.token.firmware, token.firmware],
        [texts.token.root, grouped(token.rootFingerprint)],
        [texts.token.office, office.name],
        [texts.token.since, time(token.createdAt, visit, office.timeZone)],
      ],
      texts.frame.unknown,
    )}
<h2>${texts.token.keys}</h2>${keyTable}${receiptLink(record, visit)}
<h2>${texts.certificates.title}</h2>${certificateTable(visit, shown, office.timeZone, false)}
${secretsLink(record, visit)}${decisionLinks(record, visit)}`,
  };
}
