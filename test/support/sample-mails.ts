// One of every mail that the office writes, with names and texts that are hard to show.

import { invitationMail } from "../../office/mail/invitation-mail.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { activeMail } from "../../office/mail/templates/active.ts";
import { applicationReceivedMail } from "../../office/mail/templates/application-received.ts";
import { appointmentCancelledMail } from "../../office/mail/templates/appointment-cancelled.ts";
import { appointmentConfirmedMail } from "../../office/mail/templates/appointment-confirmed.ts";
import { bookCheckMail } from "../../office/mail/templates/book-check.ts";
import { certificateRevokedMail } from "../../office/mail/templates/certificate-revoked.ts";
import { codeMail } from "../../office/mail/templates/code.ts";
import { identityFailedMail } from "../../office/mail/templates/identity-failed.ts";
import { invitationToApplyMail } from "../../office/mail/templates/invitation-to-apply.ts";
import { lapsedMail } from "../../office/mail/templates/lapsed.ts";
import { lockedMail } from "../../office/mail/templates/locked.ts";
import { managerEndedMail } from "../../office/mail/templates/manager-ended.ts";
import { managerNamedMail } from "../../office/mail/templates/manager-named.ts";
import { officerCodeShownMail } from "../../office/mail/templates/officer-code-shown.ts";
import { organisationClosedMail } from "../../office/mail/templates/organisation-closed.ts";
import { organisationOpenedMail } from "../../office/mail/templates/organisation-opened.ts";
import { organisationRefusedMail } from "../../office/mail/templates/organisation-refused.ts";
import { organisationReopenedMail } from "../../office/mail/templates/organisation-reopened.ts";
import { referenceMail } from "../../office/mail/templates/reference.ts";
import { referenceExpiredMail } from "../../office/mail/templates/reference-expired.ts";
import { refusedMail } from "../../office/mail/templates/refused.ts";
import { representativeAccessMail } from "../../office/mail/templates/representative-access.ts";
import { representativeCodeMail } from "../../office/mail/templates/representative-code.ts";
import { representativeKeyMail } from "../../office/mail/templates/representative-key.ts";
import { representativeReplacedMail } from "../../office/mail/templates/representative-replaced.ts";
import { unlockedMail } from "../../office/mail/templates/unlocked.ts";

export const MAIL_OFFICE = "https://bureau.example";
const to = "lea.morel@example.org";
const who = { to, publicUrl: MAIL_OFFICE, name: "Marie-Antoinette <i>O'Hara</i> & fils", number: "K7QX2M9P" };
const at = new Date("2026-11-24T08:30:00Z");
const zone = { timeZone: "Europe/Paris" };
const reference = "7QX2-M9PK-0ABC-DEFG";
const organisation = "Cabinet d'architecture Étoile & Associés";
const reason = "La pièce d'identité est périmée depuis le 3 mars <2024>.";

export interface SampleMail {
  /** As its file is. */
  readonly name: string;
  mail(language: string): Mail;
  /** What its words must hold. */
  readonly told: readonly string[];
}

const locked = (["mailbox", "questions", "activation", "representative"] as const).flatMap((what): SampleMail[] => [
  { name: `locked-${what}`, mail: (l) => lockedMail(l, { to, publicUrl: MAIL_OFFICE, what }), told: [`${MAIL_OFFICE}/help`] },
  { name: `unlocked-${what}`, mail: (l) => unlockedMail(l, { to, publicUrl: MAIL_OFFICE, what }), told: [MAIL_OFFICE] },
]);

export const SAMPLE_MAILS: readonly SampleMail[] = [
  { name: "code", mail: (l) => codeMail(l, { to, publicUrl: MAIL_OFFICE, code: "01234567" }), told: ["0123 4567"] },
  { name: "application-received", mail: (l) => applicationReceivedMail(l, who), told: [who.name, who.number, `${MAIL_OFFICE}/account`] },
  {
    name: "book-check",
    mail: (l) => bookCheckMail(l, { ...who, path: "/my/dossiers/1/appointment" }),
    told: [who.name, `${MAIL_OFFICE}/my/dossiers/1/appointment`],
  },
  ...(["video", "desk"] as const).map((kind) => {
    const place = kind === "video" ? "https://video.example/room?a=1&b=<2>" : "12 rue de l'Église, 2e étage";
    const facts = { ...who, startsAt: at, minutes: 20, ...zone, kind, place };
    return {
      name: `appointment-confirmed-${kind}`,
      mail: (l: string) => appointmentConfirmedMail(l, facts),
      told: [place, "20 minutes", "9", "30"],
    };
  }),
  {
    name: "appointment-cancelled",
    mail: (l) => appointmentCancelledMail(l, { ...who, startsAt: at, ...zone, path: "/my/dossiers/1/appointment", reason }),
    told: [reason, `${MAIL_OFFICE}/my/dossiers/1/appointment`],
  },
  {
    name: "appointment-cancelled-by-applicant",
    mail: (l) => appointmentCancelledMail(l, { ...who, startsAt: at, ...zone, path: "/my/dossiers/1/appointment", reason: null }),
    told: [who.number],
  },
  { name: "identity-failed", mail: (l) => identityFailedMail(l, { ...who, reason }), told: [reason] },
  { name: "reference-expired", mail: (l) => referenceExpiredMail(l, who), told: [who.number] },
  { name: "refused", mail: (l) => refusedMail(l, { ...who, reason }), told: [reason, who.number] },
  {
    name: "reference",
    mail: (l) => referenceMail(l, { ...who, reference, expiresAt: at, ...zone }),
    told: [reference, "24", `sceau activate --office ${MAIL_OFFICE}`],
  },
  {
    name: "active",
    mail: (l) => activeMail(l, { ...who, serialNumber: "5f3a9c0012ab34cd56ef7890a1b2c3d4e5f60718", notAfter: at, ...zone }),
    told: ["5f3a9c0012ab34cd56ef7890a1b2c3d4e5f60718", "2026"],
  },
  { name: "lapsed", mail: (l) => lapsedMail(l, { ...who, reference, expiresAt: at, ...zone }), told: [reference, who.number] },
  {
    name: "organisation-opened",
    mail: (l) => organisationOpenedMail(l, { ...who, organisation, path: "/my/organisations/1" }),
    told: [organisation, `${MAIL_OFFICE}/my/organisations/1`],
  },
  { name: "organisation-refused", mail: (l) => organisationRefusedMail(l, { ...who, organisation, reason }), told: [organisation, reason] },
  {
    name: "organisation-reopened",
    mail: (l) => organisationReopenedMail(l, { ...who, organisation, path: "/my/organisations/1" }),
    told: [organisation, `${MAIL_OFFICE}/my/organisations/1`],
  },
  {
    name: "organisation-closed",
    mail: (l) => organisationClosedMail(l, { ...who, organisation }),
    told: [organisation, `${MAIL_OFFICE}/help`],
  },
  {
    name: "manager-named",
    mail: (l) => managerNamedMail(l, { ...who, organisation, path: "/my/organisations/1" }),
    told: [organisation, `${MAIL_OFFICE}/my/organisations/1`],
  },
  { name: "manager-ended", mail: (l) => managerEndedMail(l, { ...who, organisation }), told: [organisation, `${MAIL_OFFICE}/help`] },
  {
    name: "invitation-to-apply",
    mail: (l) =>
      invitationToApplyMail(l, {
        to,
        publicUrl: MAIL_OFFICE,
        organisation,
        invitedBy: "Zoë Brontë",
        path: "/apply",
        expiresAt: at,
        ...zone,
      }),
    told: [organisation, "Zoë Brontë", `${MAIL_OFFICE}/apply`],
  },
  ...locked,
  {
    name: "representative-access",
    mail: (l) => representativeAccessMail(l, { ...who, organisation, identifier: "ORG-7QX2M9PK" }),
    told: [organisation, "ORG-7QX2M9PK", `${MAIL_OFFICE}/representative/key`],
  },
  {
    name: "representative-code",
    mail: (l) => representativeCodeMail(l, { ...who, organisation, code: "01234567" }),
    told: [organisation, "0123 4567"],
  },
  { name: "representative-key", mail: (l) => representativeKeyMail(l, who), told: [who.name, `${MAIL_OFFICE}/representative`] },
  { name: "representative-replaced", mail: (l) => representativeReplacedMail(l, { ...who, organisation }), told: [organisation] },
  ...[true, false].map((isHolder): SampleMail => {
    const facts = { ...who, organisation, isHolder, holder: "Zoë Brontë", representative: "Paul O'Brien", reason: "Nom incorrect" };
    return {
      name: `certificate-revoked-${isHolder ? "holder" : "representative"}`,
      mail: (l) =>
        certificateRevokedMail(l, { ...facts, serialNumber: "5f3a9c0012ab34cd56ef7890a1b2c3d4e5f60718", revokedAt: at, ...zone }),
      told: ["5f3a9c0012ab34cd56ef7890a1b2c3d4e5f60718", "Nom incorrect", organisation, "Zoë Brontë"],
    };
  }),
  {
    name: "officer-invitation",
    mail: (language) => invitationMail({ email: to, name: who.name, language, publicUrl: MAIL_OFFICE, code: "c0de".repeat(10) }),
    told: ["c0de".repeat(10), `sceau office enrol ${MAIL_OFFICE}`],
  },
  {
    name: "officer-code-shown",
    mail: (language) => officerCodeShownMail(language, { to, publicUrl: MAIL_OFFICE, name: who.name, by: "Zoë Brontë" }),
    told: ["Zoë Brontë"],
  },
];
