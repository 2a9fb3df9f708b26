// An officer has unlocked what too many wrong tries had locked.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import type { Lockable } from "./locked.ts";

const FRENCH: Readonly<Record<Lockable, string>> = {
  mailbox: "Un agent a débloqué la connexion avec cette adresse. Vous pouvez demander un nouveau code.",
  questions: "Un agent a débloqué vos questions personnelles. Vous avez de nouveau cinq essais.",
  activation: "Un agent a débloqué votre activation. Vous avez de nouveau cinq essais, avec le même numéro de référence.",
  representative: "Un agent a débloqué votre accès de représentant légal. Vous avez de nouveau cinq essais, avec la même clé.",
};

const ENGLISH: Readonly<Record<Lockable, string>> = {
  mailbox: "An officer has unlocked signing in with this address. You can ask for a new code.",
  questions: "An officer has unlocked your personal questions. You have five tries again.",
  activation: "An officer has unlocked your activation. You have five tries again, with the same reference number.",
  representative: "An officer has unlocked your access as legal representative. You have five tries again, with the same key.",
};

const WHERE: Readonly<Record<Lockable, string>> = {
  mailbox: "/account",
  questions: "/account",
  activation: "/activate",
  representative: "/representative",
};

export function unlockedMail(language: string, { to, publicUrl, what }: LetterFacts & { readonly what: Lockable }): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, null) };
  const link = `${publicUrl}${WHERE[what]}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Accès débloqué",
      parts: [FRENCH[what], { link: "Continuer", to: link }, "Vous n'avez rien demandé ? Prévenez le bureau."],
    });
  }
  return mailOf({
    ...letter,
    subject: "Access unlocked",
    parts: [ENGLISH[what], { link: "Go on", to: link }, "You did not ask for this? Tell the office."],
  });
}
