// What mails look like: the same words as plain text (RFC 3676 is not used: lines are as long as they are) and as HTML, with nothing to load.
// Colours are on the elements themselves, since programs that read mails drop style sheets; the few rules of the head are for those that keep them.

import { type Html, html } from "../../host-bridge/web/html.ts";
import { frenchSpaces } from "../../host-bridge/web/typography.ts";
import type { Mail } from "./mail.ts";

/** Something that stands apart: a code, a reference number, a command. */
interface Quoted {
  readonly quote: string;
}

/** Somebody's own words: a reason. */
interface Said {
  readonly said: string;
}

interface Linked {
  readonly link: string;
  /** Address. */
  readonly to: string;
}

interface Listed {
  /** What, and how it is. */
  readonly facts: readonly (readonly [string, string])[];
}

/** A string is a paragraph. */
export type MailPart = string | Quoted | Said | Linked | Listed;

export interface MailLetter {
  readonly to: string;
  readonly language: string;
  readonly publicUrl: string;
  readonly subject: string;
  readonly greeting: string;
  readonly parts: readonly MailPart[];
}

export const isFrench = (language: string): boolean => language === "fr";

const FOOT = {
  fr: (publicUrl: string) => `Ce message vient du bureau d'enregistrement ${publicUrl}. Il ne vous demandera jamais votre PIN.`,
  en: (publicUrl: string) => `This message comes from the registration office ${publicUrl}. It will never ask you for your PIN.`,
};

function plain(part: MailPart): string {
  if (typeof part === "string") return part;
  if ("quote" in part) return `    ${part.quote}`;
  if ("said" in part) return part.said.replace(/^/gm, "    ");
  if ("link" in part) return `${part.link}\n${part.to}`;
  return part.facts.map(([term, value]) => `${term} ${value}`).join("\n");
}

const INK = "#1d2433";
const PAPER = "#ffffff";
const GROUND = "#f2f3f7";
const BLUE = "#1f4fa3";
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif;font-size:16px;line-height:1.5";

const LARGE_CHARACTERS = 24;
const LONG_WORD_CHARACTERS = 24;
/** A line may break after a hyphen: an option of a command would come apart. */
const unbroken = (word: string): Html =>
  word.length > LONG_WORD_CHARACTERS ? html`${word}` : html`<span style="white-space:nowrap">${word}</span>`;

function marked(part: MailPart): Html {
  if (typeof part === "string") return html`<p style="margin:0 0 16px">${part}</p>`;
  if ("quote" in part) {
    const sizePx = part.quote.length > LARGE_CHARACTERS ? 15 : 20;
    const style = `margin:0 0 16px;padding:12px 16px;background:${GROUND};color:${INK};border-radius:8px;font-family:ui-monospace,'Liberation Mono',monospace;font-size:${sizePx}px;overflow-wrap:anywhere`;
    return html`<p class="ground" style="${style}">${part.quote.split(" ").map((word, index) => html`${index === 0 ? null : " "}${unbroken(word)}`)}</p>`;
  }
  if ("said" in part) {
    return html`<p class="ground" style="margin:0 0 16px;padding:12px 16px;background:${GROUND};color:${INK};border-radius:8px;overflow-wrap:anywhere">${part.said}</p>`;
  }
  if ("link" in part) {
    const style = `display:inline-block;padding:10px 18px;background:${BLUE};color:#ffffff;border-radius:8px;text-decoration:none;font-weight:600`;
    return html`<p style="margin:0 0 16px"><a style="${style}" href="${part.to}">${part.link}</a></p>
<p style="margin:0 0 16px;font-size:14px;overflow-wrap:anywhere">${part.to}</p>`;
  }
  const cell = "padding:4px 16px 4px 0;vertical-align:top;text-align:left";
  return html`<table role="presentation" style="border-collapse:collapse;margin:0 0 16px;font-size:16px">${part.facts.map(
    ([term, value]) =>
      html`<tr><td style="${cell};font-weight:600">${term}</td><td style="${cell};overflow-wrap:anywhere">${value}</td></tr>`,
  )}</table>`;
}

/** A mail client's dark mode turns the colours; those that follow the reader's own are given them. */
const DARK =
  "@media (prefers-color-scheme: dark){.ground{background:#161b26 !important;color:#e8ebf2 !important}.paper{background:#212836 !important;color:#e8ebf2 !important}.foot{color:#b3bccd !important}}";

function document({ language, publicUrl, subject, greeting, parts }: MailLetter, foot: string): string {
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${DARK}</style>
</head>
<body class="ground" style="margin:0;padding:24px 12px;background:${GROUND};color:${INK};${FONT}">
<div role="main" aria-label="${subject}" lang="${language}" style="max-width:560px;margin:0 auto">
<p style="margin:0 0 12px;font-weight:700;font-size:18px">Sceau</p>
<div class="paper" style="background:${PAPER};color:${INK};border-radius:12px;padding:24px">
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${subject}</h1>
<p style="margin:0 0 16px">${greeting}</p>
${parts.map(marked)}
</div>
<p class="foot" style="margin:16px 4px 0;font-size:13px;color:#4a5468">${foot.split(publicUrl).map((piece, index) => (index === 0 ? piece : html`<a style="color:inherit" href="${publicUrl}">${publicUrl}</a>${piece}`))}</p>
</div>
</body>
</html>
`.text;
}

/** Both forms of one letter. */
export function mailOf(letter: MailLetter): Mail {
  const spaced: MailLetter = isFrench(letter.language)
    ? { ...letter, ...frenchSpaces({ subject: letter.subject, greeting: letter.greeting }), parts: letter.parts.map(spacedPart) }
    : letter;
  const foot = isFrench(letter.language) ? FOOT.fr(letter.publicUrl) : FOOT.en(letter.publicUrl);
  const text = [spaced.greeting, ...spaced.parts.map(plain), "-- \n".concat(foot)].join("\n\n");
  return { to: letter.to, subject: spaced.subject, text: `${text}\n`, html: document(spaced, foot) };
}

/** Addresses, codes and commands stay as they are. */
function spacedPart(part: MailPart): MailPart {
  if (typeof part === "string") return frenchSpaces(part);
  if ("quote" in part || "said" in part) return part;
  if ("link" in part) return { link: frenchSpaces(part.link), to: part.to };
  return { facts: part.facts.map(([term, value]) => [frenchSpaces(term), value] as const) };
}
