// The secret code that a legal representative gives after the access key (S43).

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface RepresentativeCode extends LetterFacts {
  /** The representative's. */
  readonly name: string;
  readonly organisation: string;
  /** Eight digits. */
  readonly code: string;
}

const grouped = (code: string): string => code.replace(/(\d{4})(?=\d)/g, "$1 ");

export function representativeCodeMail(language: string, { to, publicUrl, name, organisation, code }: RepresentativeCode): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre code secret",
      parts: [
        `Voici le code secret qui ouvre l'espace de révocation de ${organisation}, dans le navigateur où vous l'avez demandé :`,
        { quote: grouped(code) },
        "Il sert une fois, pendant dix minutes. Ne le donnez à personne.",
        "Vous n'avez rien demandé ? Quelqu'un a votre clé d'accès ou un code de remise : prévenez le bureau tout de suite.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your secret code",
    parts: [
      `Here is the secret code that opens the revocation space of ${organisation}, in the browser in which you asked for it:`,
      { quote: grouped(code) },
      "It works once, for ten minutes. Give it to nobody.",
      "You did not ask for it? Somebody has your access key or a hand-over code: tell the office at once.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
