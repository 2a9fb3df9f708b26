// An appointment is cancelled: book another one.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { dayAndHour } from "../mail-times.ts";

export interface CancelledAppointment extends DossierFacts {
  readonly startsAt: Date;
  /** IANA. */
  readonly timeZone: string;
  /** Where they book another one, on the office's site. */
  readonly path: string;
  /** Null: the applicant did it. */
  readonly reason: string | null;
}

export function appointmentCancelledMail(language: string, facts: CancelledAppointment): Mail {
  const { to, publicUrl, name, number, startsAt, timeZone, path, reason } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const when = dayAndHour(startsAt, language, timeZone);
  const link = `${publicUrl}${path}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre rendez-vous est annulé",
      parts: [
        `Le rendez-vous du ${when} pour votre dossier ${number} n'aura pas lieu.`,
        ...(reason === null ? [] : [`Motif : ${reason}`]),
        "Votre dossier attend toujours la vérification de votre identité :",
        { link: "Choisir un autre rendez-vous", to: link },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your appointment is cancelled",
    parts: [
      `The appointment of ${when} for your dossier ${number} will not take place.`,
      ...(reason === null ? [] : [`Reason: ${reason}`]),
      "Your dossier still waits for the check of your identity:",
      { link: "Choose another appointment", to: link },
    ],
  });
}
