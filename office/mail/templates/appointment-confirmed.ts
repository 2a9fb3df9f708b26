// An appointment is booked: when, where, what to bring.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { dayAndHour } from "../mail-times.ts";

export interface AppointmentFacts extends DossierFacts {
  readonly startsAt: Date;
  readonly minutes: number;
  /** IANA. */
  readonly timeZone: string;
  readonly kind: "video" | "desk";
  /** The video call's address, or where the desk is. */
  readonly place: string;
}

export function appointmentConfirmedMail(language: string, facts: AppointmentFacts): Mail {
  const { to, publicUrl, name, number, startsAt, minutes, timeZone, kind, place } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const when = dayAndHour(startsAt, language, timeZone);
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre rendez-vous est confirmé",
      parts: [
        "Nous vérifierons votre identité à ce rendez-vous :",
        {
          facts: [
            ["Dossier :", number],
            ["Quand :", when],
            ["Durée :", `${minutes} minutes`],
            [kind === "video" ? "Appel vidéo :" : "Lieu :", place],
          ],
        },
        "Ayez avec vous une pièce d'identité en cours de validité, à votre nom.",
        "Un empêchement ? Annulez ou changez de rendez-vous depuis votre dossier :",
        { link: "Voir mon dossier", to: `${publicUrl}/account` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your appointment is confirmed",
    parts: [
      "We shall check your identity at this appointment:",
      {
        facts: [
          ["Dossier:", number],
          ["When:", when],
          ["Duration:", `${minutes} minutes`],
          [kind === "video" ? "Video call:" : "Place:", place],
        ],
      },
      "Have a valid identity document in your own name with you.",
      "Something came up? Cancel or change the appointment in your dossier:",
      { link: "See my dossier", to: `${publicUrl}/account` },
    ],
  });
}
