// Somebody made a code for an officer's token and was shown it: the officer learns of it, so that nobody enrols a token in their name unnoticed.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

export interface CodeShownFacts extends LetterFacts {
  readonly name: string;
  /** Who made it, and has seen it. */
  readonly by: string;
}

export function officerCodeShownMail(language: string, { to, publicUrl, name, by }: CodeShownFacts): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Un code pour votre jeton d'agent a été créé",
      parts: [
        `${by} a créé un code qui enregistre un jeton d'agent à votre nom, et doit vous le remettre en main propre.`,
        "Tant que votre clé vient d'un code que quelqu'un d'autre a vu, les contrôles à deux personnes vous comptent tous deux pour une seule.",
        "Vous n'attendez pas ce code ? Prévenez aussitôt un autre administrateur : il peut en créer un autre, et celui-ci ne sert alors plus.",
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "A code for your officer's token was made",
    parts: [
      `${by} has made a code that enrols an officer's token in your name, and is to hand it over to you in person.`,
      "As long as your key comes from a code that somebody else has seen, checks by two people count the two of you as one.",
      "You did not expect this code? Tell another administrator at once: they can make another one, and this one is over then.",
    ],
  });
}
