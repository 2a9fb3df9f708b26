// The one-time code that proves a mailbox (S18).

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

/** Eight digits are read in two groups. */
const grouped = (code: string): string => code.replace(/(\d{4})(?=\d)/g, "$1 ");

export function codeMail(language: string, { to, publicUrl, code }: LetterFacts & { readonly code: string }): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, null) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre code de connexion",
      parts: [
        "Voici le code qui ouvre votre espace, dans le navigateur où vous l'avez demandé :",
        { quote: grouped(code) },
        "Il sert une fois, pendant dix minutes.",
        "Vous n'avez rien demandé ? Ignorez ce message, et ne donnez ce code à personne : personne du bureau ne vous le demandera.",
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your sign-in code",
    parts: [
      "Here is the code that opens your account, in the browser in which you asked for it:",
      { quote: grouped(code) },
      "It works once, for ten minutes.",
      "You did not ask for it? Ignore this message, and give the code to nobody: nobody of the office will ask you for it.",
    ],
  });
}
