// The sheet of a certificate: every field of S44, its token, and how it was revoked.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { isPermitted } from "../../registration/roles.ts";
import { CERTIFICATE } from "../../states/certificate-states.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { type Fact, facts, grouped, notice, time } from "../frame/parts.ts";
import { certificatePill, stateNow } from "../frame/state-pills.ts";
import { algorithmOf } from "../token/token-record.ts";
import type { CertificateRecord } from "./certificate-record.ts";
import { contentFacts } from "./content-facts.ts";
import { reasonText } from "./revocation-form.ts";

/** Whether this officer may revoke it, now. */
export function isRevocable({ certificate, office }: CertificateRecord, { session, now }: OfficerVisit): boolean {
  const state = stateNow(certificate.state, certificate.notAfter, now);
  return CERTIFICATE.allows(state, "revoke") && isPermitted(session.officer.assignments, "revoke", office.id);
}

function revocationFacts(record: CertificateRecord, visit: OfficerVisit): readonly Fact[] {
  const { revocation, office } = record;
  if (revocation === null) return [];
  const { certificate: texts } = visit.texts;
  const channels: Readonly<Record<string, string>> = texts.channels;
  return [
    [texts.revokedAt, time(revocation.revokedAt, visit, office.timeZone)],
    [texts.reason, texts.reasonWithCode(reasonText(revocation.reason, visit.language), revocation.reasonCode)],
    [texts.channel, channels[revocation.channel] ?? revocation.channel],
    ...(revocation.officerName === null ? [] : [[texts.revokedBy, revocation.officerName] as const]),
  ];
}

/** Enough to see which one it is. */
export function shortFacts({ certificate, person, office }: CertificateRecord, visit: OfficerVisit): Html {
  const { texts } = visit;
  const { certificate: labels } = texts;
  return facts(
    [
      [labels.name, html`<a href="/people/${person.id}">${person.givenName} ${person.surname}</a>`],
      [labels.email, person.email],
      [labels.serialNumber, grouped(certificate.serialNumber)],
      [labels.profile, texts.profile(certificate.profile)],
      [
        labels.validity,
        html`${time(certificate.notBefore, visit, office.timeZone, "day")} – ${time(certificate.notAfter, visit, office.timeZone, "day")}`,
      ],
    ],
    texts.frame.unknown,
  );
}

/** The fields, in the order of S44. */
function certificateFacts(record: CertificateRecord, visit: OfficerVisit): Html {
  const { texts, now } = visit;
  const { certificate: labels } = texts;
  const { certificate, contents, person, office, key } = record;
  return facts(
    [
      ...contentFacts(record, visit, html`<a href="/people/${person.id}">${person.givenName} ${person.surname}</a>`, office.timeZone),
      [labels.state, certificatePill(stateNow(certificate.state, certificate.notAfter, now), texts)],
      ...revocationFacts(record, visit),
      [labels.profile, texts.profile(certificate.profile)],
      [labels.algorithm, algorithmOf(contents.publicKey)],
      [
        labels.token,
        html`<a href="/tokens/${encodeURIComponent(key.tokenSerial)}">${grouped(key.tokenSerial)}</a>, ${labels.slot(key.slot.toUpperCase())}`,
      ],
      [labels.fingerprint, grouped(contents.fingerprint)],
      [labels.issuedAt, time(certificate.issuedAt, visit, office.timeZone)],
      [labels.office, office.name],
    ],
    texts.frame.unknown,
  );
}

/** @param done what has just been done, as the address tells */
export function certificatePage(visit: OfficerVisit, record: CertificateRecord, done: string | null): PageAnswer {
  const { certificate: texts } = visit.texts;
  const { id, state } = record.certificate;
  const told = done === "revoked" ? texts.doneRevoked : done === "revoked-before" ? texts.doneBefore : null;
  return {
    title: texts.title(`${record.person.givenName} ${record.person.surname}`),
    body: html`${told !== null && state === "revoked" ? notice(told) : null}${certificateFacts(record, visit)}
<p class="actions">${isRevocable(record, visit) ? html`<a class="button" href="/certificates/${id}/revoke">${texts.revoke}</a>` : null}
<a class="button quiet" href="/certificates/${id}/certificate.cer" download>${texts.download}</a></p>`,
  };
}
