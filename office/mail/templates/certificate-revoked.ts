// A certificate was revoked by the organisation's legal representative (S43, S44): to its holder, and to the representative.

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { dayAndHour } from "../mail-times.ts";

export interface RevokedCertificate extends LetterFacts {
  /** The recipient's. */
  readonly name: string;
  /** Whether the recipient is the holder; else the representative. */
  readonly isHolder: boolean;
  readonly holder: string;
  readonly representative: string;
  readonly organisation: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** In the recipient's language. */
  readonly reason: string;
  /** IANA. */
  readonly timeZone: string;
}

export function certificateRevokedMail(language: string, mail: RevokedCertificate): Mail {
  const { to, publicUrl, name, isHolder, holder, representative, organisation, serialNumber, reason } = mail;
  const letter = { to, language, publicUrl, greeting: greeting(language, name) };
  const at = dayAndHour(mail.revokedAt, language, mail.timeZone);
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: isHolder ? "Votre certificat est révoqué" : `Le certificat de ${holder} est révoqué`,
      parts: [
        isHolder
          ? `${representative}, représentant légal de ${organisation}, a révoqué votre certificat. C'est définitif : les signatures que vous feriez encore avec lui seraient refusées.`
          : `Vous avez révoqué ce certificat pour ${organisation}. C'est définitif : les signatures faites ensuite avec lui seront refusées.`,
        {
          facts: [
            ["Titulaire :", holder],
            ["N° de série :", serialNumber],
            ["Motif :", reason],
            ["Révoqué le :", at],
          ],
        },
        isHolder
          ? "Pour signer de nouveau, il vous faut un nouveau certificat."
          : "Ce n'était pas vous ? Prévenez le bureau tout de suite.",
        { link: "Joindre le bureau", to: `${publicUrl}/help` },
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: isHolder ? "Your certificate is revoked" : `The certificate of ${holder} is revoked`,
    parts: [
      isHolder
        ? `${representative}, legal representative of ${organisation}, has revoked your certificate. That is final: signatures that you would still make with it would be refused.`
        : `You have revoked this certificate for ${organisation}. That is final: signatures made with it afterwards will be refused.`,
      {
        facts: [
          ["Holder:", holder],
          ["Serial number:", serialNumber],
          ["Reason:", reason],
          ["Revoked on:", at],
        ],
      },
      isHolder ? "To sign again, you need a new certificate." : "It was not you? Tell the office at once.",
      { link: "Reach the office", to: `${publicUrl}/help` },
    ],
  });
}
