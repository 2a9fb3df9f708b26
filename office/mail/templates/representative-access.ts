// A legal representative's identifier (S43), with the organisation's first certificate or for a new key: nothing secret is in it.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface RepresentativeAccess extends LetterFacts {
  /** The representative's. */
  readonly name: string;
  readonly organisation: string;
  /** ORG-XXXXXXXX. */
  readonly identifier: string;
}

export function representativeAccessMail(language: string, facts: RepresentativeAccess): Mail {
  const { to, publicUrl, name, organisation, identifier } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const collect = `${publicUrl}/representative/key`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `Représentant légal de ${organisation} : votre identifiant`,
      parts: [
        `Des certificats de signature sont délivrés aux personnes de ${organisation}. En tant que représentant légal, vous pouvez les révoquer. Voici votre identifiant :`,
        { quote: identifier },
        "Il vous faut aussi une clé d'accès de 20 chiffres. Pour la retirer, appelez le bureau : un agent s'assure que c'est bien vous et vous donne un code de remise, valable 24 heures. Donnez-le ensuite ici avec votre identifiant :",
        { link: "Retirer ma clé d'accès", to: collect },
        "La clé est montrée une seule fois. Gardez-la hors de votre messagerie.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `Legal representative of ${organisation}: your identifier`,
    parts: [
      `Signing certificates are issued to the people of ${organisation}. As its legal representative you may revoke them. This is your identifier:`,
      { quote: identifier },
      "You also need an access key of 20 digits. To collect it, call the office: an officer makes sure that it is you and gives you a hand-over code, good for 24 hours. Then give it here with your identifier:",
      { link: "Collect my access key", to: collect },
      "The key is shown once only. Keep it outside of your mailbox.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
