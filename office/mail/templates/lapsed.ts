// A certificate was revoked because it was never activated; here is another reference number.

import { isFrench, mailOf } from "../layout.ts";
import { greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { day } from "../mail-times.ts";
import type { ReferenceFacts } from "./reference.ts";

export function lapsedMail(language: string, facts: ReferenceFacts): Mail {
  const { to, publicUrl, name, number, reference, expiresAt, timeZone } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const until = day(expiresAt, language, timeZone);
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre certificat n'a pas été activé à temps",
      parts: [
        `Le certificat de votre dossier ${number} a été émis, mais son activation n'a pas été menée au bout en quatorze jours : il est révoqué.`,
        `Votre demande reste approuvée. Voici un nouveau numéro de référence, valable jusqu'au ${until} :`,
        { quote: reference },
        "Branchez votre jeton et recommencez l'activation, avec les réponses à vos trois questions :",
        { link: "Activer mon certificat", to: `${publicUrl}/activate` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your certificate was not activated in time",
    parts: [
      `The certificate of your dossier ${number} was issued, but its activation was not finished within fourteen days: it is revoked.`,
      `Your application stays approved. Here is another reference number, good until ${until}:`,
      { quote: reference },
      "Plug in your token and begin the activation again, with the answers to your three questions:",
      { link: "Activate my certificate", to: `${publicUrl}/activate` },
    ],
  });
}
