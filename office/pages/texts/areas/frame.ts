// What is around every page.

import { inBothLanguages } from "../in-both-languages.ts";

export const frame = inBothLanguages(
  {
    name: "Sceau",
    office: "Bureau d'enregistrement",
    skip: "Aller au contenu",
    languages: "Langue",
    ownName: { fr: "Français", en: "English" },
    signOut: "Se déconnecter",
    notQualified: "Les certificats de ce bureau ne sont pas qualifiés au sens du règlement eIDAS.",
    unknown: "non renseigné",
    cancel: "Annuler",
    before: "Cette décision était déjà prise : rien n'a changé.",
    whoMay: (roles: string) => `Rôles qui le permettent : ${roles}.`,
    home: "Retour à l'accueil",
    requestId: "Numéro de la demande, à donner à l'assistance :",
    address: "L'adresse de ce bureau est",
    problem: (field: string, problem: string) => `${field} : ${problem}`,
    problems: (count: number) => (count === 1 ? "Un champ est à corriger :" : `${count} champs sont à corriger :`),
  },
  {
    name: "Sceau",
    office: "Registration office",
    skip: "Skip to the content",
    languages: "Language",
    ownName: { fr: "Français", en: "English" },
    signOut: "Sign out",
    notQualified: "The certificates of this office are not qualified in the sense of the eIDAS regulation.",
    unknown: "not given",
    cancel: "Cancel",
    before: "This was decided before: nothing has changed.",
    whoMay: (roles) => `Roles that permit it: ${roles}.`,
    home: "Back to the start",
    requestId: "Number of the request, for the helpdesk:",
    address: "This office's address is",
    problem: (field, problem) => `${field}: ${problem}`,
    problems: (count) => (count === 1 ? "One field needs correcting:" : `${count} fields need correcting:`),
  },
);

export const menu = inBothLanguages(
  {
    label: "Menu principal",
    search: "Recherche",
    organisations: "Organisations",
    officers: "Agents",
    audit: "Journal d'audit",
    sessions: "Mes sessions",
    authority: "Autorité de certification",
  },
  {
    label: "Main menu",
    search: "Search",
    organisations: "Organisations",
    officers: "Officers",
    audit: "Audit trail",
    sessions: "My sessions",
    authority: "Certification authority",
  },
);

export const pager = inBothLanguages(
  { label: "Pages de la liste", previous: "Page précédente", next: "Page suivante", page: (page: number) => `Page ${page}` },
  { label: "Pages of the list", previous: "Previous page", next: "Next page", page: (page) => `Page ${page}` },
);
