// The mail that invites an officer: where to enrol, and by which code.

import type { Mail } from "./mail.ts";

export interface Invited {
  readonly email: string;
  readonly name: string;
  readonly language: string;
  readonly publicUrl: string;
  readonly code: string;
  /** Another code, for somebody who is an officer already, or was invited before. */
  readonly isRenewal?: boolean;
}

export function invitationMail({ email, name, language, publicUrl, code, isRenewal = false }: Invited): Mail {
  const command = `sceau office enrol ${publicUrl}`;
  if (language === "fr") {
    return {
      to: email,
      subject: "Votre jeton d'agent",
      text: `Bonjour ${name},\n\n${isRenewal ? "Voici un nouveau code pour enregistrer votre jeton au" : "Vous êtes invité comme agent du"} bureau d'enregistrement ${publicUrl}.\n\nBranchez votre jeton, tapez\n\n    ${command}\n\net donnez ce code, qui vaut une fois, pendant une semaine :\n\n    ${code}\n\nNe le transmettez à personne.\n`,
    };
  }
  return {
    to: email,
    subject: "Your officer's token",
    text: `Dear ${name},\n\n${isRenewal ? "Here is a new code to enrol your token at" : "You are invited as an officer of"} the registration office ${publicUrl}.\n\nPlug in your token, type\n\n    ${command}\n\nand give this code, which works once, for a week:\n\n    ${code}\n\nDo not pass it on.\n`,
  };
}
