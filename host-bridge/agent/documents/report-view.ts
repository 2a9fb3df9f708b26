// What was found about a document's signatures, as people read it.

import { commonName } from "../../signing/distinguished-name.ts";
import type { SignatureReport } from "../../signing/verify-pdf.ts";
import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { isolated } from "../../web/shown-text.ts";
import { type Fact, facts, named, pill } from "../web/parts.ts";
import type { Visit } from "../web/visit.ts";
import { type KnownAuthorities, learnedRoot } from "./known-authorities.ts";

/**
 * `office-authority`: all is sound, and an authority vouches for the name that was learnt from an office and not chosen to be relied on;
 * `unknown-authority`: nobody here knows who vouches for the name.
 */
export type Verdict = "valid" | "office-authority" | "unknown-authority" | "invalid";

/** By what reports are told. */
export interface Reliance {
  readonly known: KnownAuthorities;
  /** Where one puts the certificates of authorities that one relies on. */
  readonly folder: string;
}

export function verdictOf({ problems, root }: SignatureReport, known: KnownAuthorities): Verdict {
  if (problems.length === 0) return learnedRoot(known, root) === null ? "valid" : "office-authority";
  return problems.every((problem) => problem === "untrusted") ? "unknown-authority" : "invalid";
}

const PDF_DATE = /^D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:(Z)|([+-])(\d{2})'?(\d{2})?'?)?$/;

/** ISO 32000-2 §7.9.4; null: it is none. */
export function pdfDate(text: string): Date | null {
  const found = PDF_DATE.exec(text);
  if (found === null) return null;
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", , sign, offsetHours = "00", offsetMinutes = "00"] =
    found;
  const offset = sign === undefined ? "Z" : `${sign}${offsetHours}:${offsetMinutes}`;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(date.getTime()) ? null : date;
}

function claimedDate({ claimedDate: claimed }: SignatureReport, { language, texts: { verification } }: Visit): HtmlValue {
  if (claimed === null) return null;
  const date = pdfDate(claimed);
  const style: Intl.DateTimeFormatOptions = { dateStyle: "long", timeStyle: "short" };
  const text = date === null ? claimed : new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", style).format(date);
  return html`${text} <small>${verification.dateHint}</small>`;
}

function afterwards({ changesAfter: after }: SignatureReport, { texts: { verification } }: Visit): string | null {
  if (after === null) return null;
  const seen = after.visibleOnPages.length > 0 ? ` (${verification.visibleOn(after.visibleOnPages.join(", "))})` : "";
  const signatures = after.signatures > 0 ? [verification.furtherSignatures(after.signatures) + seen] : [];
  const kinds = [...new Set(after.changes.map(({ kind }) => kind))].map((kind) => verification.change[kind]);
  const parts = [...signatures, ...kinds];
  return parts.length === 0 ? verification.nothingAfter : parts.join(", ");
}

function officeText(report: SignatureReport, { texts: { verification } }: Visit, known: KnownAuthorities): Html {
  const learned = learnedRoot(known, report.root);
  return html`<p>${verification.officeText(isolated(commonName(learned?.subject ?? "")), learned?.office ?? "")} <a href="/offices#authorities">${verification.toAuthorities}</a></p>`;
}

function verdictText(report: SignatureReport, visit: Visit, { known, folder }: Reliance): Html {
  const { verification } = visit.texts;
  const verdict = verdictOf(report, known);
  if (verdict === "office-authority") return officeText(report, visit, known);
  if (verdict === "valid") return html`<p>${verification.validText}</p>`;
  if (verdict === "unknown-authority") return html`<p>${verification.unknownText(folder)}</p>`;
  return html`<ul>${report.problems.map((problem) => html`<li>${verification.problem[problem]}</li>`)}</ul>`;
}

const TONES = { valid: "good", "office-authority": "over", "unknown-authority": "waiting", invalid: "bad" } as const;

function signatureCard(report: SignatureReport, index: number, visit: Visit, reliance: Reliance): Html {
  const { verification: texts } = visit.texts;
  const rows: (Fact | null)[] = [
    [texts.signer, report.signer === null ? html`<span class="unknown">${texts.unknownSigner}</span>` : named(report.signer)],
    report.issuers.length === 0
      ? null
      : [texts.issuers, html`${report.issuers.map((issuer, position) => html`${position === 0 ? null : " ← "}${named(issuer)}`)}`],
    report.claimedDate === null ? null : [texts.date, claimedDate(report, visit)],
    report.reason === null ? null : [texts.reason, named(report.reason)],
    [texts.coverage, report.coversWholeFile ? texts.wholeFile : texts.revision],
    report.coversWholeFile ? null : [texts.after, afterwards(report, visit)],
  ];
  return html`<section class="card signature"><h3>${texts.signature(index + 1)} ${verdictPill(report, visit, reliance)}</h3>${verdictText(report, visit, reliance)}
${facts(rows.filter((row): row is Fact => row !== null))}</section>`;
}

export function verdictPill(report: SignatureReport, { texts: { verification: texts } }: Visit, { known }: Reliance): Html {
  const verdict = verdictOf(report, known);
  return pill(
    { valid: texts.valid, "office-authority": texts.officeAuthority, "unknown-authority": texts.unknownAuthority, invalid: texts.invalid }[
      verdict
    ],
    TONES[verdict],
  );
}

/** In one line, over the document: who signed it, and whether that holds. null: nobody. */
export function reportSummary(reports: readonly SignatureReport[], visit: Visit, reliance: Reliance): Html | null {
  if (reports.length === 0) return null;
  const { verification: texts } = visit.texts;
  return html`<p class="summary"><a href="#signatures">${texts.signatures(reports.length)}</a>${reports.map(
    (report) =>
      html`<span>${report.signer === null ? texts.unknownSigner : named(report.signer)} ${verdictPill(report, visit, reliance)}</span>`,
  )}</p>`;
}

/** One card a signature. */
export const reportCards = (reports: readonly SignatureReport[], visit: Visit, reliance: Reliance): readonly Html[] =>
  reports.map((report, index) => signatureCard(report, index, visit, reliance));
