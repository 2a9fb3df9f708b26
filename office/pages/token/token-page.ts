// The sheet of a token.

import { certificateTable } from "../certificate/certificate-list.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { facts, grouped, table, time } from "../frame/parts.ts";
import { keyPill, tokenPill } from "../frame/state-pills.ts";
import { type HtmlValue, html } from "../html.ts";
import type { Texts } from "../texts/french.ts";
import type { TokenRecord } from "./token-record.ts";

function holderOf({ holder, isHeld }: TokenRecord, { search, token }: Texts): HtmlValue {
  if (holder === null) return isHeld ? token.elsewhere : search.nobody;
  return html`<a href="/people/${holder.id}">${holder.name}</a>, ${holder.email}`;
}

export function tokenPage(visit: OfficerVisit, record: TokenRecord): PageAnswer {
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
  return {
    title: texts.token.title(token.serial),
    body: html`${facts(
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
<h2>${texts.token.keys}</h2>${keyTable}
<h2>${texts.certificates.title}</h2>${certificateTable(visit, record.certificates, office.timeZone, false)}`,
  };
}
