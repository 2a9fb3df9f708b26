// A corporate account is closed.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface ClosedOrganisation extends LetterFacts {
  /** The manager's. */
  readonly name: string;
  readonly organisation: string;
}

export function organisationClosedMail(language: string, { to, publicUrl, name, organisation }: ClosedOrganisation): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Le compte corporatif de ${organisation} est fermé`,
      parts: [
        `Le compte corporatif de ${organisation} est fermé. Vous ne pouvez plus inviter personne, et les demandes en cours n'avancent plus. Les certificats déjà délivrés restent valables.`,
        "Une question ? Notre page d'aide dit comment nous joindre.",
        { link: "Aide", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `The corporate account of ${organisation} is closed`,
    parts: [
      `The corporate account of ${organisation} is closed. You can invite nobody any more, and applications under way do not go on. Certificates that were issued stay valid.`,
      "A question? Our help page says how to reach us.",
      { link: "Help", to: `${publicUrl}/help` },
    ],
  });
}
