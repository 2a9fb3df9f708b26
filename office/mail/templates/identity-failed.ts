// The identity could not be confirmed; an officer decides how it goes on.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export function identityFailedMail(
  language: string,
  { to, publicUrl, name, number, reason }: DossierFacts & { readonly reason: string },
): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre identité n'a pas pu être confirmée",
      parts: [
        `Dossier ${number} : la vérification de votre identité n'a pas abouti. En voici le motif :`,
        { said: reason },
        "Le bureau décide maintenant si une nouvelle vérification est possible ; vous en serez informé. Une question ? Notre page d'aide dit comment nous joindre.",
        { link: "Voir mon dossier", to: `${publicUrl}/account` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your identity could not be confirmed",
    parts: [
      `Dossier ${number}: the check of your identity was not successful. The reason is this:`,
      { said: reason },
      "The office now decides whether there can be another check; you will be told. A question? Our help page says how to reach us.",
      { link: "See my dossier", to: `${publicUrl}/account` },
    ],
  });
}
