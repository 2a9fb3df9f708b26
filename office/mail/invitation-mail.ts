// The mail that invites an officer: where to enrol, and by which code.

import type { Mail } from "./mail.ts";

export interface Invited {
  readonly email: string;
  readonly name: string;
  readonly language: string;
  readonly publicUrl: string;
  readonly code: string;
}

export function invitationMail({ email, name, language, publicUrl, code }: Invited): Mail {
  const command = `sceau office enrol ${publicUrl}`;
  if (language === "fr") {
    return {
      to: email,
      subject: "Votre jeton d'officier",
      text: `Bonjour ${name},\n\nVous êtes invité comme officier du bureau d'enregistrement ${publicUrl}.\n\nBranchez votre jeton, tapez\n\n    ${command}\n\net donnez ce code, qui vaut une fois, pendant une semaine :\n\n    ${code}\n\nNe le transmettez à personne.\n`,
    };
  }
  return {
    to: email,
    subject: "Your officer's token",
    text: `Dear ${name},\n\nYou are invited as an officer of the registration office ${publicUrl}.\n\nPlug in your token, type\n\n    ${command}\n\nand give this code, which works once, for a week:\n\n    ${code}\n\nDo not pass it on.\n`,
  };
}
