// A corporate account is refused, with the reason.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface RefusedOrganisation extends LetterFacts {
  /** The manager's. */
  readonly name: string;
  readonly organisation: string;
  readonly reason: string;
}

export function organisationRefusedMail(language: string, { to, publicUrl, name, organisation, reason }: RefusedOrganisation): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Le compte corporatif de ${organisation} n'est pas ouvert`,
      parts: [
        `Nous ne pouvons pas ouvrir le compte corporatif de ${organisation}. En voici le motif :`,
        { said: reason },
        "Une question ? Notre page d'aide dit comment nous joindre.",
        { link: "Aide", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `The corporate account of ${organisation} is not opened`,
    parts: [
      `We cannot open the corporate account of ${organisation}. The reason is this:`,
      { said: reason },
      "A question? Our help page says how to reach us.",
      { link: "Help", to: `${publicUrl}/help` },
    ],
  });
}
