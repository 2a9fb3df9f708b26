// Somebody else is an organisation's legal representative: to whoever was it before.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface ReplacedRepresentative extends LetterFacts {
  readonly name: string;
  readonly organisation: string;
}

export function representativeReplacedMail(language: string, { to, publicUrl, name, organisation }: ReplacedRepresentative): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `${organisation} : vous n'êtes plus son représentant légal au bureau`,
      parts: [
        `Le bureau a enregistré un autre représentant légal pour ${organisation}. Votre identifiant et votre clé d'accès ne servent plus.`,
        "C'est une erreur ? Prévenez le bureau tout de suite.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `${organisation}: you are not its legal representative at the office any more`,
    parts: [
      `The office has put somebody else on record as the legal representative of ${organisation}. Your identifier and your access key are of no use any more.`,
      "Is that an error? Tell the office at once.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
