// How a code comes to the officer whom it is for: in a mail that nobody else reads, or by an administrator to whom it is shown. Then the officer is
// told so, and the key that is enrolled with it counts as that administrator's, too, wherever two people are needed (dossiers/same-person.ts).

import { invitationMail } from "../mail/invitation-mail.ts";
import { queueMail } from "../mail/outbox.ts";
import { officerCodeShownMail } from "../mail/templates/officer-code-shown.ts";
import { type Invitation, officer } from "../registration/officers.ts";
import type { Sealing } from "../sealing/sealing.ts";
import type { Database } from "../store/store.ts";

export const HANDOVERS = ["mail", "show"] as const;
export type Handover = (typeof HANDOVERS)[number];

export interface CodeMaker {
  readonly id: string;
  readonly name: string;
}

export interface HandoverOrder {
  readonly handover: Handover;
  readonly isRenewal: boolean;
  /** The officer who made the code; null: somebody at the office's own machine. */
  readonly by: CodeMaker | null;
}

export interface MailDesk {
  readonly sealing: Sealing;
  readonly publicUrl: string;
}

/** Who is to be written down with the code: as `seenBy` of registration/officers.ts. */
export const seenBy = ({ handover, by }: Pick<HandoverOrder, "handover" | "by">): string | null =>
  handover === "show" ? (by?.id ?? null) : null;

/** In the transaction that makes the code. @returns the e-mail that a mail goes to */
export async function handOver(
  tx: Database,
  { sealing, publicUrl }: MailDesk,
  { officerId, link: code }: Invitation,
  { handover, isRenewal, by }: HandoverOrder,
  now: Date,
): Promise<string> {
  const { email, name, language } = await officer(tx, officerId);
  if (handover === "mail") {
    const mail = invitationMail({ email, name, language, publicUrl, code, isRenewal, by: by?.name ?? null });
    await queueMail(tx, sealing, "officer-invitation", mail, now);
  } else if (by !== null && by.id !== officerId) {
    const mail = officerCodeShownMail(language, { to: email, publicUrl, name, by: by.name });
    await queueMail(tx, sealing, "officer-code-shown", mail, now);
  }
  return email;
}
