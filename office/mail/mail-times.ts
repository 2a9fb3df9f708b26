// Times in mails, in the office's zone, which they name.

import { isFrench } from "./layout.ts";

const locale = (language: string): string => (isFrench(language) ? "fr-FR" : "en-GB");

/** @param timeZone IANA */
export function dayAndHour(at: Date, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale(language), {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "long",
    timeZone,
  }).format(at);
}

/** @param timeZone IANA */
export function day(at: Date, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale(language), { dateStyle: "long", timeZone }).format(at);
}
