// Too many wrong tries have locked something of the recipient's.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

/** The mailbox's sign-in, the three questions, the activation with its reference number, or a legal representative's access. */
export type Lockable = "mailbox" | "questions" | "activation" | "representative";

const FRENCH: Readonly<Record<Lockable, string>> = {
  mailbox: "Cinq codes faux ont été donnés pour cette adresse. La connexion est bloquée, pour que personne ne devine.",
  questions: "Cinq fois, les réponses à vos questions personnelles étaient fausses. Elles sont bloquées, pour que personne ne devine.",
  activation:
    "Cinq fois, les réponses données avec votre numéro de référence étaient fausses. L'activation est bloquée, pour que personne ne devine.",
  representative:
    "Cinq fois, la clé d'accès ou le code donnés avec votre identifiant de représentant légal étaient faux. L'accès est bloqué, pour que personne ne devine.",
};

const ENGLISH: Readonly<Record<Lockable, string>> = {
  mailbox: "Five wrong codes were given for this address. Signing in is locked, so that nobody can guess.",
  questions: "Five times, the answers to your personal questions were wrong. They are locked, so that nobody can guess.",
  activation: "Five times, the answers given with your reference number were wrong. The activation is locked, so that nobody can guess.",
  representative:
    "Five times, the access key or the code given with your identifier as legal representative was wrong. The access is locked, so that nobody can guess.",
};

export function lockedMail(language: string, { to, publicUrl, what }: LetterFacts & { readonly what: Lockable }): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, null) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Trop d'essais : accès bloqué",
      parts: [
        FRENCH[what],
        "Seul un agent du bureau peut débloquer, après avoir vérifié que c'est bien vous. Ce n'était pas vous ? Dites-le-lui aussi.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Too many tries: access locked",
    parts: [
      ENGLISH[what],
      "Only an officer can unlock it, after making sure that it is you. It was not you? Tell the office that, too.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
