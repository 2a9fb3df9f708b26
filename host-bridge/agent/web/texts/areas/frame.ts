// What is around every page.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const frame = inBothLanguages(
  {
    name: "Sceau",
    agent: "Sur cet ordinateur",
    skip: "Aller au contenu",
    languages: "Langue",
    ownName: { fr: "Français", en: "English" },
    footer: "Ces pages viennent de cet ordinateur. Votre PIN va au jeton, et nulle part ailleurs.",
    home: "Retour à l'accueil",
    again: "Recommencer",
    cancel: "Annuler",
    errorId: "Numéro de l'erreur, pour l'assistance :",
  },
  {
    name: "Sceau",
    agent: "On this computer",
    skip: "Skip to the content",
    languages: "Language",
    ownName: { fr: "Français", en: "English" },
    footer: "These pages come from this computer. Your PIN goes to the token and nowhere else.",
    home: "Back to the start",
    again: "Begin again",
    cancel: "Cancel",
    errorId: "Number of the error, for the helpdesk:",
  },
);

export const menu = inBothLanguages(
  { label: "Menu principal", sign: "Signer", tokens: "Jetons", phrase: "Ma phrase", offices: "Bureaux" },
  { label: "Main menu", sign: "Sign", tokens: "Tokens", phrase: "My phrase", offices: "Offices" },
);
