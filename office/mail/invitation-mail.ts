// The mail that invites an officer: where to enrol, and by which code.

import { isFrench, mailOf } from "./layout.ts";
import { greeting } from "./letter-facts.ts";
import type { Mail } from "./mail.ts";

export interface Invited {
  readonly email: string;
  readonly name: string;
  readonly language: string;
  readonly publicUrl: string;
  readonly code: string;
  /** Another code, for somebody who is an officer already, or was invited before. */
  readonly isRenewal?: boolean;
  /** Who made the code; null: somebody at the office's own machine. */
  readonly by?: string | null;
}

export function invitationMail({ email, name, language, publicUrl, code, isRenewal = false, by = null }: Invited): Mail {
  const command = `sceau office enrol ${publicUrl}`;
  const letter = { to: email, language, publicUrl, greeting: greeting(language, name) };
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre jeton d'agent",
      parts: [
        `${isRenewal ? "Voici un nouveau code pour enregistrer votre jeton au" : "Vous êtes invité comme agent du"} bureau d'enregistrement ${publicUrl}.`,
        "Branchez votre jeton, tapez",
        { quote: command },
        "et donnez ce code, qui vaut une fois, pendant une semaine :",
        { quote: code },
        by === null
          ? "Ne le transmettez à personne."
          : `Il a été créé par ${by}. Ne le transmettez à personne, pas même à un administrateur.`,
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your officer's token",
    parts: [
      `${isRenewal ? "Here is a new code to enrol your token at" : "You are invited as an officer of"} the registration office ${publicUrl}.`,
      "Plug in your token, type",
      { quote: command },
      "and give this code, which works once, for a week:",
      { quote: code },
      "Do not pass it on.",
    ],
  });
}
