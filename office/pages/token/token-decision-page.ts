// A decision about a token: what it means, which certificates are revoked with it, and, for what can't be undone, a confirmation that is typed.

import { z } from "zod";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { isFinal, reasonsFor, type TokenDecision } from "../../decisions/token-decision.ts";
import type { RevocationReason } from "../../issuance/revocation-reasons.ts";
import { CERTIFICATE } from "../../states/certificate-states.ts";
import { certificateTable, type ListedCertificate } from "../certificate/certificate-list.ts";
import { reasonOptions, reasonText } from "../certificate/revocation-form.ts";
import { type FormState, says } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, grouped } from "../frame/parts.ts";
import { stateNow, tokenPill } from "../frame/state-pills.ts";
import { endOf, typedEnd } from "../frame/typed-confirmation.ts";
import { holderOf, tokenAddress } from "./token-page.ts";
import type { TokenRecord } from "./token-record.ts";

/** What a decision would revoke, now. */
export function toBeRevoked({ certificates }: TokenRecord, decision: TokenDecision, now: Date): ListedCertificate[] {
  if (reasonsFor(decision).length === 0) return [];
  return certificates.filter(({ state, notAfter }) => CERTIFICATE.allows(stateNow(state, notAfter, now), "revoke"));
}

/** What has to be entered. */
interface Entries {
  /** Among which one is chosen; none: nothing is to be chosen. */
  readonly reasons: readonly RevocationReason[];
  readonly isTyped: boolean;
}

function entriesOf(record: TokenRecord, decision: TokenDecision, now: Date): Entries {
  const isRevoking = toBeRevoked(record, decision, now).length > 0;
  const reasons = reasonsFor(decision);
  return { reasons: isRevoking && reasons.length > 1 ? reasons : [], isTyped: isRevoking || isFinal(record.token.state, decision) };
}

export function decisionForm(record: TokenRecord, decision: TokenDecision, now: Date) {
  const { reasons, isTyped } = entriesOf(record, decision, now);
  return z.object({
    reason:
      reasons.length === 0
        ? z
            .unknown()
            .optional()
            .transform(() => null)
        : z.enum(reasons, says("choose")),
    confirmation: isTyped ? typedEnd(record.token.serial, "not-the-token") : z.unknown().optional(),
  });
}

function revocations(visit: OfficerVisit, record: TokenRecord, decision: TokenDecision): Html | null {
  const { tokenDecisions: texts } = visit.texts;
  const [only, ...others] = reasonsFor(decision);
  if (only === undefined) return null;
  const rows = toBeRevoked(record, decision, visit.now);
  const isTold = others.length === 0 && rows.length > 0;
  const reason = isTold ? facts([[texts.reason, reasonText(only, visit.language)]], visit.texts.frame.unknown) : null;
  const which = record.areCertificatesShown
    ? certificateTable(visit, rows, record.office.timeZone, false)
    : html`<p>${texts.revokedElsewhere(rows.length)}</p>`;
  return html`<h2>${texts.revoked}</h2>${rows.length === 0 ? html`<p>${texts.noneRevoked}</p>` : which}${reason}`;
}

export function tokenDecisionPage(visit: OfficerVisit, record: TokenRecord, decision: TokenDecision, form: FormState): PageAnswer {
  const { texts, language } = visit;
  const { tokenDecisions } = texts;
  const { title, text, button } = tokenDecisions.decisions[decision];
  const { token } = record;
  const address = tokenAddress(token.serial);
  const { reasons, isTyped } = entriesOf(record, decision, visit.now);
  const warning = isFinal(token.state, decision) ? tokenDecisions.final : isTyped ? tokenDecisions.alsoFinal : null;
  const reasonField = choices(form, "reason", { label: tokenDecisions.reason }, texts, reasonOptions(language, reasons), "radio");
  const confirmation = { label: tokenDecisions.confirmation, hint: html`${tokenDecisions.typed} ${grouped(endOf(token.serial))}` };
  return {
    status: formStatus(form),
    title,
    body: html`${problemList(form, texts, { reason: tokenDecisions.reason, confirmation: tokenDecisions.confirmation })}
<div class="${warning === null ? "card" : "warning"}">${warning === null ? null : html`<p><strong>${warning}</strong></p>`}<p>${text}</p></div>
<h2>${tokenDecisions.which}</h2>${facts(
      [
        [texts.token.serial, html`<a href="${address}">${grouped(token.serial)}</a>`],
        [texts.token.state, tokenPill(token.state, texts)],
        [texts.token.holder, holderOf(record, texts)],
        [texts.token.model, token.model],
      ],
      texts.frame.unknown,
    )}
${revocations(visit, record, decision)}
<h2>${button}</h2><form method="post" action="${address}/${decision}" novalidate>${csrfField(visit)}
${reasons.length === 0 ? null : reasonField}
${isTyped ? input(form, "confirmation", confirmation, texts, { isRequired: true, maxLength: 100 }) : null}
<p class="actions"><button>${button}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}
