// A reference number's time is over; the application stays approved, and another number can be asked for.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export function referenceExpiredMail(language: string, { to, publicUrl, name, number }: DossierFacts): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre numéro de référence n'est plus valable",
      parts: [
        `Le numéro de référence de votre demande ${number} n'a pas servi à temps : il n'est plus valable.`,
        "Votre demande reste approuvée. Demandez un nouveau numéro sur la page de votre dossier :",
        { link: "Mon dossier", to: `${publicUrl}/account` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your reference number is not good any more",
    parts: [
      `The reference number of your application ${number} was not used in time: it is not good any more.`,
      "Your application stays approved. Ask for another number on your dossier's page:",
      { link: "My dossier", to: `${publicUrl}/account` },
    ],
  });
}
