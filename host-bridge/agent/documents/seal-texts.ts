// What stands in a visible seal, in the holder's language.

import type { Visit } from "../web/visit.ts";
import type { SealTexts } from "./sign-set.ts";

/** Helvetica's encoding has one kind of space. */
const SPACES = /[\u00a0\u202f]/g;

export function sealTexts({ language, texts: { documents } }: Visit): SealTexts {
  const format = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  return { signedBy: documents.seal.signedBy, date: (at) => format.format(at).replace(SPACES, " ") };
}
