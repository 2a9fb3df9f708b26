// An application is refused, with the reason.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export function refusedMail(language: string, { to, publicUrl, name, number, reason }: DossierFacts & { readonly reason: string }): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Votre demande ${number} n'a pas été acceptée`,
      parts: [
        `Nous ne pouvons pas délivrer de certificat pour la demande ${number}. En voici le motif :`,
        { said: reason },
        "Quand ce point est réglé, vous pouvez faire une nouvelle demande. Une question ? Notre page d'aide dit comment nous joindre.",
        { link: "Aide", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `Your application ${number} was not accepted`,
    parts: [
      `We cannot issue a certificate for the application ${number}. The reason is this:`,
      { said: reason },
      "Once it is settled, you may apply again. A question? Our help page says how to reach us.",
      { link: "Help", to: `${publicUrl}/help` },
    ],
  });
}
