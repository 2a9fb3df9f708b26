// The page of the signature journal: asked for with the PIN, or with the management key that is kept here; then what was read, newest first.

import { bytesToHex } from "../../../protocol/bytes.ts";
import { SLOT_ATTESTATION } from "../../../protocol/piv.ts";
import { ENTRY_ERASURE, ENTRY_KEY_AGREEMENT, ENTRY_SIGNATURE } from "../../../protocol/vendor.ts";
import type { JournalEntry } from "../../token/signature-journal.ts";
import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { table } from "../../web/table.ts";
import { formField, notice, problem, time, warning } from "../web/parts.ts";
import { secretFields } from "../web/pin-fields.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { JournalReading } from "./journal-reading.ts";
import { slotName } from "./token-record.ts";

const MOST_SHOWN = 200;
const DIGEST_CHARACTERS = 16;

export interface JournalQuestion {
  readonly serial: string;
  /** null: the management key is kept here, and no PIN is asked for. */
  readonly triesLeft: number | null;
  readonly problem?: string;
}

function askForm({ serial, triesLeft, problem: wrong }: JournalQuestion, visit: Visit): Html {
  const { journal: texts } = visit.texts.tokenPages;
  const fields = [{ name: "pin", label: texts.pin, kind: "pin" as const, ...(wrong !== undefined && { problem: wrong }) }];
  return html`<form method="post" action="/tokens/${serial}/journal">${formField(visit)}
${triesLeft === null ? html`<p>${texts.withoutPin}</p>` : secretFields(visit, { purpose: texts.purpose, serial, triesLeft, fields })}
<p class="hint">${texts.note}</p>
<p class="actions"><button>${texts.ask}</button><a class="button quiet" href="/tokens/${serial}">${visit.texts.tokenPages.show}</a></p></form>`;
}

export function askJournalPage(question: JournalQuestion, visit: Visit): PageAnswer {
  const { journal: texts } = visit.texts.tokenPages;
  return {
    status: question.problem === undefined ? 200 : 422,
    title: texts.title,
    body: html`${question.problem === undefined ? null : problem(question.problem)}<p class="lead">${texts.lead}</p>${askForm(question, visit)}`,
  };
}

function kindName({ kind, slot }: JournalEntry, { texts: { tokenPages } }: Visit): string {
  const { journal: texts } = tokenPages;
  if (kind === ENTRY_SIGNATURE) return slot === SLOT_ATTESTATION ? texts.attestation : texts.signature;
  if (kind === ENTRY_KEY_AGREEMENT) return texts.agreement;
  return kind === ENTRY_ERASURE ? texts.erasure : texts.other;
}

function verdict({ verdict: found, entries }: JournalReading, visit: Visit): Html {
  const { journal: texts } = visit.texts.tokenPages;
  const [first, last] = [entries[0], entries[entries.length - 1]];
  if (found === "refuted") return problem(texts.refuted);
  if (found === "unknown-maker") return warning(texts.unknownRoot);
  if (found === "unproved") return warning(texts.unproved);
  return notice(first === undefined || last === undefined ? texts.provedEmpty : texts.proved(first.counter, last.counter));
}

export function journalPage(reading: JournalReading, visit: Visit): PageAnswer {
  const { journal: texts } = visit.texts.tokenPages;
  const newest = [...reading.entries].reverse().slice(0, MOST_SHOWN);
  return {
    title: texts.title,
    body: html`${verdict(reading, visit)}<p>${texts.readAt} ${time(reading.at, visit)}</p>
${table({
  caption: texts.caption,
  columns: [texts.what, texts.counter, texts.slot, texts.digest],
  rows: newest.map((entry): readonly HtmlValue[] => [
    kindName(entry, visit),
    String(entry.counter),
    slotName(entry.slot),
    html`<code>${bytesToHex(entry.digest).slice(0, DIGEST_CHARACTERS)}…</code>`,
  ]),
  none: texts.none,
})}
${newest.length < reading.entries.length ? html`<p class="hint">${texts.more(newest.length, reading.entries.length)}</p>` : null}
<p class="actions"><a class="button quiet" href="/tokens/${reading.serial}/journal?again=1">${texts.again}</a><a class="button quiet" href="/tokens/${reading.serial}">${visit.texts.tokenPages.show}</a></p>`,
  };
}
