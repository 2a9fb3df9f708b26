// A legal representative's access key was collected: the key is not in it.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export function representativeKeyMail(language: string, { to, publicUrl, name }: LetterFacts & { readonly name: string }): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre clé d'accès a été retirée",
      parts: [
        "Votre clé d'accès de représentant légal vient d'être montrée. Avec votre identifiant, et un code envoyé à cette adresse, elle ouvre l'espace de révocation :",
        { link: "Espace de révocation", to: `${publicUrl}/representative` },
        "Ce n'était pas vous, ou vous n'avez pas noté la clé ? Appelez le bureau : il la remplace.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your access key was collected",
    parts: [
      "Your access key as legal representative has just been shown. With your identifier, and a code sent to this address, it opens the revocation space:",
      { link: "Revocation space", to: `${publicUrl}/representative` },
      "It was not you, or you did not write the key down? Call the office: it replaces the key.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
