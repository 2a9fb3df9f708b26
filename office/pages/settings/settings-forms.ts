// The settings as forms: lists are typed as text, one entry a line, and read back.

import { z } from "zod";
import { type Help, type HelpTexts, MAX_DOSSIER_DAYS, MAX_EVIDENCE_DAYS } from "../../settings/settings-schema.ts";
import { says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";

const MAX_LINE = 300;
const MAX_TEXT = 40_000;
const MAX_ENTRIES = 50;
const ADDRESS = /^https?:\/\/\S+$/;

type LinkEntry = HelpTexts["videos"][number];
type FaqEntry = HelpTexts["faq"][number];

const ownLines = (text: string): string[] => text.replace(/\r\n?/g, "\n").split("\n");

/** «Title | https://…»; null: it is none. */
function linkOf(line: string): LinkEntry | null {
  const at = line.lastIndexOf("|");
  const [title, url] = [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
  return title !== "" && title.length <= MAX_LINE && url.length <= MAX_LINE && ADDRESS.test(url) ? { title, url } : null;
}

/** Paragraphs: the first line asks, the others answer; null: one has no answer. */
function faqOf(text: string): FaqEntry[] | null {
  const paragraphs = ownLines(text)
    .map((line) => line.trim())
    .join("\n")
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "");
  const entries = paragraphs.map((paragraph) => {
    const [question = "", ...answer] = paragraph.split("\n");
    return { question, answer: answer.join("\n") };
  });
  const isWhole = entries.every(({ question, answer }) => answer !== "" && question.length <= MAX_LINE);
  return isWhole && entries.length <= MAX_ENTRIES ? entries : null;
}

const faqText = (faq: readonly FaqEntry[]): string =>
  faq.map(({ question, answer }) => `${question}\n${answer.replace(/\n{2,}/g, "\n")}`).join("\n\n");
const linkText = ({ title, url }: LinkEntry): string => `${title} | ${url}`;

const text = z.string(says("required")).max(MAX_TEXT, says("too-long"));
const lineText = lineField(MAX_LINE);

/** What the transform makes; `problem` when it makes nothing of it. */
function made<T>(read: (text: string) => T | null, problem: "not-a-faq" | "not-a-link") {
  return text.transform((typed, context): T => {
    const result = read(typed);
    if (result !== null) return result;
    context.addIssue({ code: "custom", message: problem });
    return z.NEVER;
  });
}

const links = made((typed): LinkEntry[] | null => {
  const entries = ownLines(typed)
    .filter((line) => line.trim() !== "")
    .map(linkOf);
  const found = entries.filter((entry) => entry !== null);
  return found.length === entries.length && found.length <= MAX_ENTRIES ? found : null;
}, "not-a-link");

const webinar = made((typed): { readonly link: LinkEntry | null } | null => {
  if (typed.trim() === "") return { link: null };
  const link = linkOf(typed.trim());
  return link === null ? null : { link };
}, "not-a-link");

const optionalEmail = lineText.regex(/^(?:[!-?A-~]+@[!-?A-~]+)?$/, says("not-an-email"));
const optionalPhone = lineText.regex(/^[0-9 ()+./-]*$/, says("not-a-telephone"));
const faq = made(faqOf, "not-a-faq");

export const HELP_FORM = z
  .object({
    email: optionalEmail,
    phone: optionalPhone,
    hoursFr: lineText,
    faqFr: faq,
    videosFr: links,
    webinarFr: webinar,
    hoursEn: lineText,
    faqEn: faq,
    videosEn: links,
    webinarEn: webinar,
  })
  .transform(
    (form): Help => ({
      email: form.email === "" ? null : form.email,
      phone: form.phone === "" ? null : form.phone,
      fr: { hours: form.hoursFr, faq: form.faqFr, videos: form.videosFr, webinar: form.webinarFr.link },
      en: { hours: form.hoursEn, faq: form.faqEn, videos: form.videosEn, webinar: form.webinarEn.link },
    }),
  );

/** What the form shows at first. */
export function helpFields({ email, phone, fr, en }: Help): Record<string, string> {
  const own = (suffix: string, { hours, faq: entries, videos, webinar: one }: HelpTexts): Record<string, string> => ({
    [`hours${suffix}`]: hours,
    [`faq${suffix}`]: faqText(entries),
    [`videos${suffix}`]: videos.map(linkText).join("\n"),
    [`webinar${suffix}`]: one === null ? "" : linkText(one),
  });
  return { email: email ?? "", phone: phone ?? "", ...own("Fr", fr), ...own("En", en) };
}

const days = (most: number) =>
  z
    .string(says("required"))
    .trim()
    .regex(/^\d{1,4}$/, says("not-days"))
    .transform(Number)
    .pipe(z.number().min(1, says("not-days")).max(most, says("not-days")));

export const PERIODS_FORM = z
  .object({
    evidenceDays: days(MAX_EVIDENCE_DAYS),
    dossierDays: days(MAX_DOSSIER_DAYS),
    qcp: z.enum(["no", "yes"], says("choose")).default("no"),
  })
  .transform(({ qcp, ...periods }) => ({ ...periods, offersQcp: qcp === "yes" }));

const documentText = text.trim().min(1, says("required"));
export const DOCUMENT_FORM = z.object({ fr: documentText, en: documentText });
