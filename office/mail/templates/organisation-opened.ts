// A corporate account is open (S9): its manager may invite people.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface OpenedOrganisation extends LetterFacts {
  /** The manager's. */
  readonly name: string;
  readonly organisation: string;
  /** The manager's page, on the office's site. */
  readonly path: string;
}

export function organisationOpenedMail(language: string, { to, publicUrl, name, organisation, path }: OpenedOrganisation): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const link = `${publicUrl}${path}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Le compte corporatif de ${organisation} est ouvert`,
      parts: [
        `Vous pouvez maintenant inviter les personnes de ${organisation}. Chacune remplit seule son formulaire ; vous voyez où en est chaque dossier, jamais leurs réponses ni leurs pièces.`,
        { link: "Inviter des personnes", to: link },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `The corporate account of ${organisation} is open`,
    parts: [
      `You may now invite the people of ${organisation}. Each of them fills in the form alone; you see how far each dossier is, never their answers or their documents.`,
      { link: "Invite people", to: link },
    ],
  });
}
