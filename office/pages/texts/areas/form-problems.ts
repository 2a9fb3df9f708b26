// What may be wrong with a field of a form.

import { inBothLanguages } from "../in-both-languages.ts";

export const problems = inBothLanguages(
  {
    required: "Ce champ est obligatoire.",
    choose: "Choisissez une réponse.",
    "too-long": "Ce texte est trop long.",
    unreadable: "Ce texte contient un caractère qui n'est pas accepté.",
    "not-an-email": "Ce n'est pas une adresse e-mail, comme prenom.nom@exemple.fr.",
    "not-a-number": "Ce numéro contient autre chose que des lettres sans accent, des chiffres et une ponctuation simple.",
    known: "Ce numéro est déjà celui d'une autre personne.",
    "not-a-day": "Ce n'est pas une date, comme 2026-03-31.",
    "not-the-serial": "Ce ne sont pas les 8 derniers caractères du numéro de série de ce certificat.",
    "not-the-token": "Ce n'est pas la fin du numéro de série de ce jeton.",
    "receipt-unreadable": "Ce n'est pas un reçu de destruction, ou il n'est pas copié en entier.",
    "receipt-unproved": "Aucun jeton reconnu par ce bureau n'a signé ce reçu.",
    "receipt-other-token": "Ce reçu est celui d'un autre jeton.",
    "receipt-unknown-key": "Ce reçu parle d'une clé que ce bureau ne connaît pas.",
    "not-the-name": "Ce n'est pas le nom de cette organisation.",
  },
  {
    required: "This field is needed.",
    choose: "Choose an answer.",
    "too-long": "This text is too long.",
    unreadable: "This text has a character that is not accepted.",
    "not-an-email": "This is no e-mail address, such as given.name@example.org.",
    "not-a-number": "This number has something else than letters without accents, digits and simple punctuation.",
    known: "Another person has this number already.",
    "not-a-day": "This is no date, such as 2026-03-31.",
    "not-the-serial": "These are not the last 8 characters of this certificate's serial number.",
    "not-the-token": "This is not the end of this token's serial number.",
    "receipt-unreadable": "This is no destruction receipt, or it was not copied whole.",
    "receipt-unproved": "No token that this office trusts has signed this receipt.",
    "receipt-other-token": "This receipt is another token's.",
    "receipt-unknown-key": "This receipt tells of a key that this office does not know.",
    "not-the-name": "This is not the name of this organisation.",
  },
);
