// The sheet of a person.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const person = inBothLanguages(
  {
    name: "Prénom Nom",
    email: "Courriel",
    number: "Numéro de la personne",
    title: "Titre",
    membership: "Membre de",
    member: (association: string, number: string) => `${association}, numéro ${number}`,
    organisation: "Organisation",
    office: "Bureau",
    language: "Langue",
    since: "Enregistrée le",
    officer: "Agent du bureau",
    tokens: "Jetons",
    tokenColumns: ["N° de série", "Modèle", "État"],
    noTokens: "Aucun jeton.",
    invite: "Inviter comme agent",
  },
  {
    name: "Name",
    email: "E-mail",
    number: "Number of the person",
    title: "Title",
    membership: "Member of",
    member: (association, number) => `${association}, number ${number}`,
    organisation: "Organisation",
    office: "Office",
    language: "Language",
    since: "On record since",
    officer: "Officer",
    tokens: "Tokens",
    tokenColumns: ["Serial number", "Model", "State"],
    noTokens: "No token.",
    invite: "Invite as an officer",
  },
);
