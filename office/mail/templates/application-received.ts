// The application has arrived: what comes next.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export function applicationReceivedMail(language: string, { to, publicUrl, name, number }: DossierFacts): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Votre demande ${number} est arrivée`,
      parts: [
        "Nous avons reçu votre demande de certificat. Il reste trois étapes : la vérification de votre identité, l'approbation et l'activation.",
        { facts: [["Dossier :", number]] },
        "À tout moment, vous voyez où en est votre dossier :",
        { link: "Voir mon dossier", to: `${publicUrl}/account` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `Your application ${number} has arrived`,
    parts: [
      "We have received your application for a certificate. Three steps are left: the check of your identity, the approval and the activation.",
      { facts: [["Dossier:", number]] },
      "You can see at any time how far it is:",
      { link: "See my dossier", to: `${publicUrl}/account` },
    ],
  });
}
