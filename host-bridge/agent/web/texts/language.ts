// Which language a page speaks: the one chosen by a link, else the first of the browser's that we have, else the agent's own.

import { ENGLISH } from "./english.ts";
import type { Texts } from "./french.ts";
import { FRENCH } from "./french.ts";

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

export const isLanguage = (text: unknown): text is Language => LANGUAGES.some((language) => language === text);

export const TEXTS: Readonly<Record<Language, Texts>> = { fr: FRENCH, en: ENGLISH };

/** RFC 9110 §12.5.4; `header` may be anything that somebody sends. */
export function preferredLanguage(header: string | undefined, fallback: Language): Language {
  const wishes = (header ?? "").split(",").map((part, index) => {
    const [tag = "", ...parameters] = part.trim().split(";");
    const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find((q) => q !== undefined);
    return { language: tag.toLowerCase().split("-")[0], weight: Number(weight ?? 1), index };
  });
  wishes.sort((a, b) => b.weight - a.weight || a.index - b.index);
  return (
    wishes
      .filter(({ weight }) => weight > 0)
      .map(({ language }) => language)
      .find(isLanguage) ?? fallback
  );
}
