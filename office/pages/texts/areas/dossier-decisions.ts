// What officers decide about a dossier: what each decision means, what is written beside it, and why it may not be possible.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const dossierDecisions = inBothLanguages(
  {
    confirmation: "Confirmation",
    typed: "Recopiez le numéro du dossier :",
    which: "Le dossier concerné",
    pages: {
      approve: {
        title: "Approuver la demande ?",
        text: "Le demandeur devient titulaire : il reçoit par courriel un numéro de référence, avec lequel, et avec ses réponses, il active son jeton.",
        button: "Approuver",
        done: "La demande est approuvée. Le numéro de référence part par courriel.",
      },
      reject: {
        title: "Refuser la demande ?",
        text: "La demande est close pour toujours. Le demandeur lit le motif que vous écrivez.",
        button: "Refuser",
        done: "La demande est refusée. Le demandeur en est averti par courriel.",
      },
      pay: {
        title: "Noter la demande payée ?",
        text: "Vous attestez que le paiement est reçu.",
        button: "Noter payé",
        done: "Le paiement est noté.",
      },
      waive: {
        title: "Dispenser du paiement ?",
        text: "La demande avance sans paiement.",
        button: "Dispenser",
        done: "La demande est dispensée du paiement.",
      },
      undo: {
        title: "Annuler la note de paiement ?",
        text: "Le paiement est de nouveau dû.",
        button: "Annuler la note",
        done: "Le paiement est de nouveau dû.",
      },
      reference: {
        title: "Envoyer un nouveau numéro de référence ?",
        text: "Le numéro part à la boîte prouvée du demandeur, et nulle part ailleurs. L'ancien ne vaut plus rien.",
        button: "Envoyer",
        done: "Un nouveau numéro de référence part par courriel.",
      },
      reopen: {
        title: "Rouvrir la demande ?",
        text: "Le demandeur peut prendre un autre rendez-vous pour le contrôle de son identité.",
        button: "Rouvrir",
        done: "La demande est rouverte.",
      },
      cancel: {
        title: "Annuler la demande ?",
        text: "La demande est close pour toujours, et ses pièces sont détruites. Le demandeur lit le motif que vous écrivez.",
        button: "Annuler la demande",
        done: "La demande est annulée.",
      },
    },
    own: {
      link: "Demander un nouveau numéro de référence",
      title: "Un nouveau numéro de référence",
      text: "Il part par courriel, à l'adresse de votre compte. Le numéro précédent ne vaudra plus rien. Les essais déjà faits restent comptés.",
      button: "Envoyer le numéro",
      locked:
        "L'activation est bloquée après trop de réponses fausses. Le bureau peut la débloquer : la page d'aide dit comment le joindre.",
      sent: "Un nouveau numéro de référence part par courriel.",
    },
    confirmStatus:
      "J'ai consulté aujourd'hui le registre de l'association, ou la preuve du statut : la personne y est, avec ce titre et ce numéro.",
    status: "Statut",
    statusHint: "Où vous l'avez vu, et ce qui y est dit. Cela reste au dossier.",
    noteHint: {
      pay: "Comment et quand : numéro du reçu, par exemple.",
      waive: "Pourquoi, et qui l'a décidé.",
      undo: "Ce qui était faux.",
      reopen: "Pourquoi un autre essai.",
    },
    reasonHint: "Le demandeur le lit tel quel.",
    paidBefore: "Cette demande est payée : pensez au remboursement.",
    refusedTitle: "Cette décision n'est pas possible",
    back: "Retour au dossier",
    refusals: {
      "same-officer":
        "Vous avez pris part au contrôle de l'identité, vous-même ou sous un autre compte (même boîte, même nom, ou une clé enregistrée avec un code que l'un de vous a vu). Un autre approbateur doit décider.",
      "own-dossier":
        "Le demandeur semble être la même personne que vous, ou que celui qui a contrôlé son identité (même boîte ou même nom). D'autres agents doivent s'en charger.",
      "payment-due": "Le paiement est encore dû. Il faut d'abord le noter, ou en dispenser.",
      "note-missing": "Il manque la note.",
      "no-organisation": "Aucune organisation n'accueille cette personne : ni compte corporatif, ni association.",
      "association-not-open": "L'association qui autorise n'est pas ouverte dans ce bureau. Ouvrez-la d'abord, ou refusez la demande.",
      "organisation-not-open": "Le compte corporatif n'est pas ouvert. Ouvrez-le d'abord, ou refusez la demande.",
      "not-certifiable":
        "Le nom, le titre ou le numéro ne tient pas dans un certificat : 64 caractères au plus par champ, l'association et le numéro ensemble compris.",
      "payment-decided": "La demande est déjà approuvée ou close : le paiement ne change plus.",
      "number-known": "Une autre personne du bureau porte déjà ce numéro.",
      "too-late": "Un certificat est déjà émis : révoquez-le sur sa fiche.",
      locked: "L'activation est bloquée après trop d'essais.",
    },
  },
  {
    confirmation: "Confirmation",
    typed: "Type the number of the dossier:",
    which: "The dossier in question",
    pages: {
      approve: {
        title: "Approve the application?",
        text: "The applicant becomes a holder: a reference number goes to them by e-mail, with which, and with their answers, they activate their token.",
        button: "Approve",
        done: "The application is approved. The reference number is on its way by e-mail.",
      },
      reject: {
        title: "Refuse the application?",
        text: "The application is closed for ever. The applicant reads the reason that you write.",
        button: "Refuse",
        done: "The application is refused. The applicant is told by e-mail.",
      },
      pay: {
        title: "Mark the application as paid?",
        text: "You vouch that the payment has arrived.",
        button: "Mark as paid",
        done: "The payment is marked.",
      },
      waive: {
        title: "Waive the payment?",
        text: "The application goes on without a payment.",
        button: "Waive",
        done: "The payment is waived.",
      },
      undo: {
        title: "Take the payment note back?",
        text: "The payment is due again.",
        button: "Take back",
        done: "The payment is due again.",
      },
      reference: {
        title: "Send another reference number?",
        text: "The number goes to the applicant's proved mailbox and nowhere else. The former one is worth nothing any more.",
        button: "Send",
        done: "Another reference number is on its way by e-mail.",
      },
      reopen: {
        title: "Reopen the application?",
        text: "The applicant may book another appointment for the identity check.",
        button: "Reopen",
        done: "The application is open again.",
      },
      cancel: {
        title: "Cancel the application?",
        text: "The application is closed for ever, and its evidence is destroyed. The applicant reads the reason that you write.",
        button: "Cancel the application",
        done: "The application is cancelled.",
      },
    },
    own: {
      link: "Ask for another reference number",
      title: "Another reference number",
      text: "It goes by e-mail to your account's address. The number before will be worth nothing any more. Tries that were made stay counted.",
      button: "Send the number",
      locked: "The activation is locked after too many wrong answers. The office can unlock it: the help page says how to reach it.",
      sent: "Another reference number is on its way by e-mail.",
    },
    confirmStatus:
      "I looked today at the association's register, or at the proof of the status: the person is there, with this title and this number.",
    status: "Status",
    statusHint: "Where you saw it, and what it says. It stays with the dossier.",
    noteHint: {
      pay: "How and when: the receipt's number, for instance.",
      waive: "Why, and who decided so.",
      undo: "What was wrong.",
      reopen: "Why another try.",
    },
    reasonHint: "The applicant reads it as it is.",
    paidBefore: "This application is paid: think of the refund.",
    refusedTitle: "This decision is not possible",
    back: "Back to the dossier",
    refusals: {
      "same-officer":
        "You had a part in checking the identity, yourself or by another account (the same mailbox, the same name, or a key enrolled with a code that one of you has seen). Another approver has to decide.",
      "own-dossier":
        "The applicant seems to be the same person as you, or as whoever checked the identity (the same mailbox or the same name). Other officers have to see to it.",
      "payment-due": "The payment is still due. Mark it, or waive it, first.",
      "note-missing": "The note is missing.",
      "no-organisation": "No organisation has this person: neither a corporate account nor an association.",
      "association-not-open": "The association that authorises is not open at this office. Open it first, or refuse the application.",
      "organisation-not-open": "The corporate account is not open. Open it first, or refuse the application.",
      "not-certifiable":
        "The name, the title or the number does not fit into a certificate: at most 64 characters a field, association and number together, too.",
      "payment-decided": "The application is approved or closed already: the payment does not change any more.",
      "number-known": "Another person of the office has this number already.",
      "too-late": "A certificate is issued already: revoke it on its sheet.",
      locked: "The activation is locked after too many tries.",
    },
  },
);
