// A manager invites somebody to apply for a certificate; the form is theirs alone (S10).

import { isFrench, mailOf } from "../layout.ts";
import { greeting, type LetterFacts } from "../letter-facts.ts";
import type { Mail } from "../mail.ts";
import { day } from "../mail-times.ts";

export interface InvitationToApply extends LetterFacts {
  readonly organisation: string;
  /** The manager's name. */
  readonly invitedBy: string;
  /** Where they apply, on the office's site. */
  readonly path: string;
  readonly expiresAt: Date;
  /** IANA. */
  readonly timeZone: string;
}

export function invitationToApplyMail(language: string, facts: InvitationToApply): Mail {
  const { to, publicUrl, organisation, invitedBy, path, expiresAt, timeZone } = facts;
  const letter = { to, language, publicUrl, greeting: greeting(language, null) };
  const until = day(expiresAt, language, timeZone);
  const link = `${publicUrl}${path}`;
  if (isFrench(language)) {
    return mailOf({
      ...letter,
      subject: `${organisation} vous invite à demander votre certificat de signature`,
      parts: [
        `${invitedBy} vous invite, pour ${organisation}, à demander un certificat qui vous permettra de signer des documents. L'invitation vaut jusqu'au ${until}.`,
        { link: "Commencer ma demande", to: link },
        "Comptez cinq minutes pour le formulaire. Remplissez-le vous-même : il contient trois questions personnelles, dont personne d'autre ne doit connaître les réponses.",
      ],
    });
  }
  return mailOf({
    ...letter,
    subject: `${organisation} invites you to apply for your signing certificate`,
    parts: [
      `${invitedBy} invites you, for ${organisation}, to apply for a certificate with which you will sign documents. The invitation is good until ${until}.`,
      { link: "Begin my application", to: link },
      "The form takes five minutes. Fill it in yourself: it holds three personal questions, whose answers nobody else may know.",
    ],
  });
}
