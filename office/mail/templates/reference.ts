// The reference number that the activation begins with (S15): of no use without the answers of the applicant.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { day } from "../mail-times.ts";

export interface ReferenceFacts extends DossierFacts {
  /** XXXX-XXXX-XXXX-XXXX. */
  readonly reference: string;
  readonly expiresAt: Date;
  /** IANA. */
  readonly timeZone: string;
}

export function referenceMail(language: string, facts: ReferenceFacts): Mail {
  const { to, publicUrl, name, number, reference, expiresAt, timeZone } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const until = day(expiresAt, language, timeZone);
  const command = `sceau activate --office ${publicUrl}`; // it asks for the number: on a command line others could read it
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre numéro de référence",
      parts: [
        `Votre demande ${number} est approuvée. Voici le numéro de référence qui active votre certificat, jusqu'au ${until} :`,
        { quote: reference },
        "Branchez votre jeton, ouvrez la page d'activation, donnez ce numéro et les réponses à vos trois questions personnelles :",
        { link: "Activer mon certificat", to: `${publicUrl}/activate` },
        "Sans navigateur, la même chose en une commande, qui vous demandera ce numéro :",
        { quote: command },
        "Gardez ce numéro pour vous. Sans vos réponses, il ne sert à rien.",
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your reference number",
    parts: [
      `Your application ${number} is approved. Here is the reference number that activates your certificate, until ${until}:`,
      { quote: reference },
      "Plug in your token, open the activation page, give this number and the answers to your three personal questions:",
      { link: "Activate my certificate", to: `${publicUrl}/activate` },
      "Without a browser, the same in one command, which asks for this number:",
      { quote: command },
      "Keep this number to yourself. Without your answers it is of no use.",
    ],
  });
}
