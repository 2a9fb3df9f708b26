// The organisation's certificates for its legal representative: the search and its rows (S40, S44), and the page on which one is revoked.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { CertificateSearch, OrganisationCertificate } from "../../representatives/organisation-certificates.ts";
import { CERTIFICATE } from "../../states/certificate-states.ts";
import { contentsOf } from "../certificate/certificate-record.ts";
import { contentFacts } from "../certificate/content-facts.ts";
import { reasonOptions } from "../certificate/revocation-form.ts";
import { FormState } from "../edge/form.ts";
import type { PageAnswer } from "../edge/visit.ts";
import { choices, input, problemList, select } from "../frame/fields.ts";
import { facts, formStatus, grouped, notice, pager, time } from "../frame/parts.ts";
import { certificatePill, stateNow } from "../frame/state-pills.ts";
import { endOf } from "../frame/typed-confirmation.ts";
import { type RepresentativeVisit, representativeCsrf } from "./representative-visit.ts";

export interface ShownCertificates {
  readonly search: CertificateSearch;
  readonly rows: readonly OrganisationCertificate[];
  readonly hasNext: boolean;
  readonly done: "revoked" | "before" | null;
}

const holderOf = ({ person }: OrganisationCertificate): string => `${person.givenName} ${person.surname}`;

function row(visit: RepresentativeVisit, found: OrganisationCertificate): readonly Html[] {
  const { texts, now, seen } = visit;
  const { certificate, person } = found;
  const { id, serialNumber, notBefore, notAfter } = certificate;
  const state = stateNow(certificate.state, notAfter, now);
  const day = (at: Date): Html => html`<span class="nowrap">${time(at, visit, seen.timeZone, "day")}</span>`;
  const link = html`<a class="button quiet" href="/representative/certificates/${id}/revoke">${texts.representative.list.revoke}<span class="unseen"> ${holderOf(found)}, ${serialNumber}</span></a>`;
  return [
    grouped(serialNumber),
    certificatePill(state, texts),
    html`${holderOf(found)}<small>${person.email}</small>`,
    html`${day(notBefore)} – ${day(notAfter)}`,
    CERTIFICATE.allows(state, "revoke") ? link : html`–`,
  ];
}

function searchForm({ texts }: RepresentativeVisit, { email, name, state }: CertificateSearch): Html {
  const { list } = texts.representative;
  const form = new FormState({ email, name, state });
  const states = (["any", "valid", "revoked"] as const).map((which) => [which, list.states[which]] as const);
  return html`<h2>${list.search}</h2><p>${list.searchText}</p><form class="search three" method="get" action="/representative">
${input(form, "email", { label: list.email }, texts, { type: "search", maxLength: 100 })}
${input(form, "name", { label: list.name }, texts, { type: "search", maxLength: 100 })}
${select(form, "state", { label: list.state }, texts, states)}
<button>${list.button}</button></form>`;
}

export function certificatesPage(visit: RepresentativeVisit, shown: ShownCertificates): PageAnswer {
  const { texts, seen } = visit;
  const { list } = texts.representative;
  const { search, rows, hasNext, done } = shown;
  const told = done === null ? null : notice(done === "revoked" ? list.done : list.before);
  return {
    title: list.title,
    body: html`${told}<form class="who" method="post" action="/representative/sign-out">${representativeCsrf(visit)}
<span>${list.of(seen.organisation.name, seen.representative.name)}</span> <button class="quiet">${list.signOut}</button></form>
${searchForm(visit, search)}
${table({ caption: list.caption, columns: list.columns, none: list.none, rows: rows.map((found) => row(visit, found)) })}
${pager(visit, search.page, hasNext)}`,
  };
}

function sheet(visit: RepresentativeVisit, found: OrganisationCertificate): Html {
  const { texts, seen } = visit;
  const { certificate } = found;
  const contents = contentFacts({ ...found, contents: contentsOf(certificate.der) }, visit, holderOf(found), seen.timeZone);
  return facts([...contents, [texts.certificate.profile, texts.profile(certificate.profile)]], texts.frame.unknown);
}

export function representativeRevocationPage(visit: RepresentativeVisit, found: OrganisationCertificate, form: FormState): PageAnswer {
  const { texts, language } = visit;
  const { revocation } = texts;
  const { revoke } = texts.representative;
  const { id, serialNumber } = found.certificate;
  return {
    status: formStatus(form),
    title: revoke.title(holderOf(found)),
    body: html`${problemList(form, texts, { reason: revocation.reason, confirmation: revocation.confirmation })}
<div class="warning"><p><strong>${revoke.final}</strong></p><p>${revocation.consequence(holderOf(found))}</p></div>
<h2>${revocation.which}</h2>${sheet(visit, found)}
<h2>${revocation.button}</h2><form method="post" action="/representative/certificates/${id}/revoke" novalidate>${representativeCsrf(visit)}
${choices(form, "reason", { label: revocation.reason }, texts, reasonOptions(language), "radio")}
${input(form, "confirmation", { label: revocation.confirmation, hint: html`${revocation.typed} ${grouped(endOf(serialNumber))}` }, texts, {
  isRequired: true,
  maxLength: 100,
})}
<p class="actions"><button>${revocation.button}</button><a class="button quiet" href="/representative">${revoke.back}</a></p></form>`,
  };
}
