// A corporate account that was refused or closed is open (again).

import { isFrench, mailOf } from "../layout.ts";
import { greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import type { OpenedOrganisation } from "./organisation-opened.ts";

export function organisationReopenedMail(language: string, { to, publicUrl, name, organisation, path }: OpenedOrganisation): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const link = `${publicUrl}${path}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Le compte corporatif de ${organisation} est rouvert`,
      parts: [
        `Nous sommes revenus sur notre décision : le compte corporatif de ${organisation} est ouvert. Vous pouvez inviter des personnes, et les demandes déjà commencées avancent.`,
        { link: "Gérer le compte", to: link },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `The corporate account of ${organisation} is open again`,
    parts: [
      `We have changed our decision: the corporate account of ${organisation} is open. You may invite people, and applications that were begun go on.`,
      { link: "Manage the account", to: link },
    ],
  });
}
