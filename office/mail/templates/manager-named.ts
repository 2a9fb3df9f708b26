// Somebody manages a corporate account from now on, in place of another person.

import { isFrench, mailOf } from "../layout.ts";
import { greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import type { OpenedOrganisation } from "./organisation-opened.ts";

export function managerNamedMail(language: string, { to, publicUrl, name, organisation, path }: OpenedOrganisation): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const link = `${publicUrl}${path}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Vous gérez le compte corporatif de ${organisation}`,
      parts: [
        `Le bureau vous a désigné gestionnaire du compte corporatif de ${organisation}, à la place de la personne qui le gérait. Vous invitez les personnes et voyez où en est chaque dossier, jamais leurs réponses ni leurs pièces.`,
        { link: "Gérer le compte", to: link },
        "Ce n'est pas vous ? Prévenez-nous : notre page d'aide dit comment.",
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `You manage the corporate account of ${organisation}`,
    parts: [
      `The office has named you manager of the corporate account of ${organisation}, in place of whoever managed it. You invite its people and see how far each dossier is, never their answers or their documents.`,
      { link: "Manage the account", to: link },
      "This is not you? Tell us: our help page says how.",
    ],
  });
}
