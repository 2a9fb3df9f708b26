// The organisations: their list, the sheet of one, and what officers decide about it.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const organisation = inBothLanguages(
  {
    title: "Organisations",
    columns: ["Organisation", "État", "Personnes", "Certificats valides"],
    none: "Aucune organisation dans vos bureaux.",
    name: "Nom",
    country: "Pays",
    state: "État",
    office: "Bureau",
    since: "Enregistrée le",
    people: "Personnes",
    tokens: "Jetons",
    certificates: "Certificats",
    valid: "Certificats valides",
    lists: "Listes de l'organisation",
    peopleColumns: ["Personne", "Courriel", "Numéro"],
    nobody: "Personne dans cette organisation.",
    tokenColumns: ["N° de série", "Porteur", "État"],
    certificateColumns: ["N° de série", "Porteur", "Profil", "État", "Fin de validité"],
    decide: "Décisions",
    notYours: "Vos rôles ne permettent pas de décider de cette organisation.",
    which: "L'organisation concernée",
    confirmation: "Confirmation",
    typed: "Recopiez le nom de l'organisation :",
    staying: (count: number) =>
      count === 0
        ? "Aucun certificat de ses membres n'est valide."
        : count === 1
          ? "Un certificat d'un de ses membres reste valide. S'il doit cesser de valoir, révoquez-le sur sa fiche."
          : `${count} certificats de ses membres restent valides. S'ils doivent cesser de valoir, révoquez-les un par un sur leurs fiches.`,
    officers: (count: number) =>
      count === 1
        ? "Un agent du bureau en est membre : il peut toujours se connecter."
        : `${count} agents du bureau en sont membres : ils peuvent toujours se connecter.`,
    decisions: {
      open: {
        name: "Ouvrir",
        title: (name: string) => `Ouvrir ${name} ?`,
        text: "L'organisation peut recevoir des personnes, et ses personnes des certificats.",
        button: "Ouvrir",
        done: "L'organisation est ouverte.",
      },
      refuse: {
        name: "Refuser",
        title: (name: string) => `Refuser ${name} ?`,
        text: "La demande est close sans que l'organisation ait été ouverte. Elle peut être rouverte plus tard.",
        button: "Refuser",
        done: "La demande est refusée.",
      },
      close: {
        name: "Fermer",
        title: (name: string) => `Fermer ${name} ?`,
        text: "L'organisation ne reçoit plus personne, et ses membres ne reçoivent plus de certificat. Elle peut être rouverte plus tard.",
        button: "Fermer",
        done: "L'organisation est fermée.",
      },
      reopen: {
        name: "Rouvrir",
        title: (name: string) => `Rouvrir ${name} ?`,
        text: "L'organisation peut de nouveau recevoir des personnes, et ses personnes des certificats.",
        button: "Rouvrir",
        done: "L'organisation est rouverte.",
      },
    },
  },
  {
    title: "Organisations",
    columns: ["Organisation", "State", "People", "Valid certificates"],
    none: "No organisation in your offices.",
    name: "Name",
    country: "Country",
    state: "State",
    office: "Office",
    since: "On record since",
    people: "People",
    tokens: "Tokens",
    certificates: "Certificates",
    valid: "Valid certificates",
    lists: "Lists of the organisation",
    peopleColumns: ["Person", "E-mail", "Number"],
    nobody: "Nobody in this organisation.",
    tokenColumns: ["Serial number", "Holder", "State"],
    certificateColumns: ["Serial number", "Holder", "Profile", "State", "Valid until"],
    decide: "Decisions",
    notYours: "Your roles do not permit decisions about this organisation.",
    which: "The organisation in question",
    confirmation: "Confirmation",
    typed: "Type the name of the organisation:",
    staying: (count) =>
      count === 0
        ? "None of its members' certificates is valid."
        : count === 1
          ? "One of its members' certificates stays valid. If it is to end, revoke it on its sheet."
          : `${count} of its members' certificates stay valid. If they are to end, revoke each of them on its sheet.`,
    officers: (count) =>
      count === 1
        ? "One officer of the office is a member of it, and can go on signing in."
        : `${count} officers of the office are members of it, and can go on signing in.`,
    decisions: {
      open: {
        name: "Open",
        title: (name) => `Open ${name}?`,
        text: "The organisation may take people in, and its people may get certificates.",
        button: "Open",
        done: "The organisation is open.",
      },
      refuse: {
        name: "Refuse",
        title: (name) => `Refuse ${name}?`,
        text: "The request ends, and the organisation was never open. It may be opened again later.",
        button: "Refuse",
        done: "The request is refused.",
      },
      close: {
        name: "Close",
        title: (name) => `Close ${name}?`,
        text: "The organisation takes nobody in any more, and its members get no more certificates. It may be opened again later.",
        button: "Close",
        done: "The organisation is closed.",
      },
      reopen: {
        name: "Open again",
        title: (name) => `Open ${name} again?`,
        text: "The organisation may take people in again, and its people may get certificates.",
        button: "Open again",
        done: "The organisation is open again.",
      },
    },
  },
);
