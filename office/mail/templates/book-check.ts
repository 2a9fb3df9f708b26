// The invitation to book the identity check (S13).

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";

/** @param facts `path`: where they book, on the office's site */
export function bookCheckMail(language: string, { to, publicUrl, name, number, path }: DossierFacts & { readonly path: string }): Mail {
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const link = `${publicUrl}${path}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Prenez rendez-vous pour la vérification de votre identité",
      parts: [
        `Votre dossier ${number} attend la vérification de votre identité : dix minutes en tête-à-tête, en vidéo ou au guichet.`,
        { link: "Choisir un rendez-vous", to: link },
        "Préparez une pièce d'identité en cours de validité, à votre nom : carte d'identité, passeport ou titre de séjour.",
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Book the check of your identity",
    parts: [
      `Your dossier ${number} waits for the check of your identity: ten minutes face to face, by video or at the desk.`,
      { link: "Choose an appointment", to: link },
      "Have a valid identity document in your own name at hand: identity card, passport or residence permit.",
    ],
  });
}
