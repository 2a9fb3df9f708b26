// Somebody manages a corporate account no more: another person does.

import { isFrench, mailOf } from "../layout.ts";
import { greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import type { ClosedOrganisation } from "./organisation-closed.ts";

export function managerEndedMail(language: string, { to, publicUrl, name, organisation }: ClosedOrganisation): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Vous ne gérez plus le compte corporatif de ${organisation}`,
      parts: [
        `Le bureau a désigné une autre personne pour gérer le compte corporatif de ${organisation}. Vous n'y avez plus accès. Votre propre certificat, si vous en avez un, ne change pas.`,
        "C'est une erreur ? Notre page d'aide dit comment nous joindre.",
        { link: "Aide", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `You no longer manage the corporate account of ${organisation}`,
    parts: [
      `The office has named somebody else to manage the corporate account of ${organisation}. You have no access to it any more. Your own certificate, if you have one, does not change.`,
      "This is a mistake? Our help page says how to reach us.",
      { link: "Help", to: `${publicUrl}/help` },
    ],
  });
}
