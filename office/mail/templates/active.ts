// The certificate is on the token and active.

import { isFrench, mailOf } from "../layout.ts";
import { type DossierFacts, greeting } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { day } from "../mail-times.ts";

export interface ActiveFacts extends DossierFacts {
  /** Of the certificate, hexadecimal. */
  readonly serialNumber: string;
  readonly notAfter: Date;
  /** IANA. */
  readonly timeZone: string;
}

export function activeMail(language: string, facts: ActiveFacts): Mail {
  const { to, publicUrl, name, number, serialNumber, notAfter, timeZone } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const until = day(notAfter, language, timeZone);
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: "Votre certificat est actif",
      parts: [
        "Votre certificat a bien été émis. Il est sur votre jeton, et vous pouvez signer dès maintenant.",
        {
          facts: [
            ["Dossier :", number],
            ["Numéro de série :", serialNumber],
            ["Valable jusqu'au :", until],
          ],
        },
        "Ce n'était pas vous ? Prévenez le bureau tout de suite : il révoque le certificat.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: "Your certificate is active",
    parts: [
      "Your certificate was issued. It is on your token, and you can sign from now on.",
      {
        facts: [
          ["Dossier:", number],
          ["Serial number:", serialNumber],
          ["Valid until:", until],
        ],
      },
      "That was not you? Tell the office at once: it revokes the certificate.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
