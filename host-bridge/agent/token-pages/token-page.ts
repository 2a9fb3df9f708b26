// The page of a token: what it is, how many tries are left, the certificates on it, and what the holder can do.

import type { Tries } from "../../token/token-client.ts";
import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { table } from "../../web/table.ts";
import { type Fact, facts, named, notice, pill, problem, serialNumber, time, warning } from "../web/parts.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { CertificateRecord, SlotRecord, TokenRecord } from "./token-record.ts";

/** Below it the holder is warned. */
const FEW_TRIES = 3;

const tokenPath = (serial: string, page: string): string => `/tokens/${serial}${page === "" ? "" : `/${page}`}`;

function tries({ left, total }: Tries, { texts: { tokenPages } }: Visit): Html {
  const { facts: texts } = tokenPages;
  if (left === 0) return pill(texts.blocked, "bad");
  return pill(texts.tries(left, total), left < Math.min(FEW_TRIES, total) ? "waiting" : "good");
}

function state({ isInitialised, isSimulated }: TokenRecord["info"], { texts: { tokenPages } }: Visit): Html {
  const { facts: texts } = tokenPages;
  return html`${isInitialised ? pill(texts.inUse, "good") : pill(texts.blank, "over")}${isSimulated ? html` ${pill(texts.simulated, "waiting")}` : null}`;
}

function tokenFacts({ info, pin, puk }: TokenRecord, visit: Visit): Html {
  const { facts: texts } = visit.texts.tokenPages;
  const secrets: readonly Fact[] = info.isInitialised
    ? [
        [texts.pin, tries(pin, visit)],
        [texts.puk, tries(puk, visit)],
      ]
    : [];
  return facts([
    [texts.model, info.model],
    [texts.serial, serialNumber(info.serial)],
    [texts.state, state(info, visit)],
    ...secrets,
    [texts.signatures, String(info.counter)],
    [texts.attestation, info.isSealed ? texts.sealed : texts.notSealed],
    [texts.firmware, info.firmware.join(".")],
  ]);
}

function validity({ notBefore, notAfter }: CertificateRecord, visit: Visit): Html {
  const { certificates: texts } = visit.texts.tokenPages;
  const tone =
    visit.now > notAfter ? pill(texts.expired, "bad") : visit.now < notBefore ? pill(texts.notYet, "waiting") : pill(texts.valid, "good");
  return html`${tone} <small>${time(notBefore, visit, "day")} – ${time(notAfter, visit, "day")}</small>`;
}

function certificateCells({ certificate, algorithm }: SlotRecord, visit: Visit): readonly HtmlValue[] {
  const { certificates: texts } = visit.texts.tokenPages;
  if (certificate === null) return [html`<span class="unknown">${texts.noCertificate}</span>`, "", ""];
  if (certificate === "unreadable") return [pill(texts.unreadable, "bad"), "", ""];
  const note = algorithm === null ? html` <small>${texts.noKey}</small>` : null;
  return [html`<strong>${named(certificate.subject)}</strong>${note}`, named(certificate.issuer), validity(certificate, visit)];
}

function certificates({ slots }: TokenRecord, visit: Visit): Html {
  const { certificates: texts } = visit.texts.tokenPages;
  const uses: Readonly<Record<string, string>> = texts.slots;
  return table({
    caption: texts.title,
    columns: [texts.use, texts.subject, texts.issuer, texts.validity],
    rows: slots.map((slot) => [
      html`${uses[slot.slot] ?? texts.retired} <small>${slot.slot}${slot.algorithm === null ? "" : ` · ${slot.algorithm}`}</small>`,
      ...certificateCells(slot, visit),
    ]),
    none: texts.none,
  });
}

/** What to do when no PIN can be tried any more. */
function blocked({ info, pin, puk }: TokenRecord, visit: Visit): Html | null {
  const { tokenPages: texts } = visit.texts;
  if (!info.isInitialised) return warning(texts.blankText);
  if (pin.left > 0) return null;
  return problem(puk.left > 0 ? texts.pinBlocked : texts.bothBlocked);
}

function actions({ info, pin, puk }: TokenRecord, visit: Visit): Html | null {
  const { tokenPages: texts } = visit.texts;
  if (!info.isInitialised) return null;
  const link = (page: string, text: string, isQuiet: boolean): Html =>
    html`<a class="button${isQuiet ? " quiet" : ""}" href="${tokenPath(info.serial, page)}">${text}</a>`;
  const isPinUsable = pin.left > 0;
  return html`<h2>${texts.actions}</h2><p class="actions">${isPinUsable ? link("pin", texts.toPin, true) : null}${
    puk.left > 0 ? link("unblock", texts.toUnblock, isPinUsable) : null
  }${link("journal", texts.toJournal, true)}</p>`;
}

/** @param done what was done just now */
export function tokenPage(record: TokenRecord, visit: Visit, done: string | null): PageAnswer {
  const { tokenPages: texts } = visit.texts;
  return {
    title: texts.titleOf(record.info.serial),
    body: html`${done === null ? null : notice(done)}${blocked(record, visit)}${tokenFacts(record, visit)}
<h2>${texts.certificates.title}</h2>${certificates(record, visit)}
${actions(record, visit)}`,
  };
}
