// The audit trail.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

const frenchCount = (count: number, one: string, several: string): string => `${count} ${count < 2 ? one : several}`;
const englishCount = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`;

export const audit = inBothLanguages(
  {
    title: "Journal d'audit",
    verifyTitle: "Intégrité du journal",
    verifyText:
      "Chaque événement contient l'empreinte du précédent, et des têtes signées en attestent. La vérification relit tout le journal.",
    verify: "Vérifier maintenant",
    sound: (events: number, heads: number) =>
      `Le journal est intact : ${frenchCount(events, "événement", "événements")}, ${frenchCount(heads, "tête signée", "têtes signées")}.`,
    unsound: "Le journal n'est pas intact.",
    faults: {
      changed: (number: number) => `L'événement ${number} a été modifié.`,
      missing: (number: number) => `L'événement ${number} manque, ou l'ordre a été changé.`,
      end: (number: number) => `La fin du journal ne correspond pas à l'événement ${number - 1}.`,
      head: (number: number) => `La tête signée de l'événement ${number} n'est pas valable.`,
      "cut-off": (number: number) =>
        `Le journal a été coupé à partir de l'événement ${number} : des têtes signées, gardées hors de la base, vont plus loin.`,
      rewritten: (number: number) =>
        `Le journal a été réécrit : une tête signée, gardée hors de la base, dit autre chose de l'événement ${number}.`,
      "no-head": (number: number) => `Plus rien n'est signé à partir de l'événement ${number}, du`,
    },
    outside: (heads: number) =>
      heads === 0
        ? "Il n'y a pas de tête signée hors de la base."
        : `Comparé à ${frenchCount(heads, "tête gardée", "têtes gardées")} hors de la base.`,
    lastHead: "Dernière tête signée :",
    noHead: "Le journal n'a pas encore de tête signée.",
    restored: (number: number) => `Le bureau a été restauré d'une sauvegarde qui va jusqu'à l'événement ${number}, le`,
    lost: (heads: number, until: number) =>
      `${frenchCount(heads, "tête signée d'avant, qui allait", "têtes signées d'avant, qui allaient")} jusqu'à l'événement ${until}, ${heads < 2 ? "n'y est" : "n'y sont"} plus.`,
    unreadable: (lines: number, first: number) =>
      `${frenchCount(lines, "ligne", "lignes")} du fichier des têtes ${lines < 2 ? "est illisible" : "sont illisibles"}, dont la ligne ${first}. Un arrêt brutal en laisse une.`,
    events: "Événements",
    filter: "Action, objet ou acteur",
    filterHint: "Par exemple certificate.revoke",
    from: "Du",
    until: "Au",
    day: "AAAA-MM-JJ, temps universel",
    button: "Filtrer",
    columns: ["N° et moment", "Action", "Acteur", "Objet", "Détails"],
    none: "Aucun événement ne correspond.",
    kinds: {
      account: "Compte",
      certificate: "Certificat",
      key: "Clé",
      mail: "Message",
      mailbox: "Boîte de courriel",
      office: "Bureau",
      officer: "Agent",
      organisation: "Organisation",
      person: "Personne",
      settings: "Réglages",
      token: "Jeton",
    },
  },
  {
    title: "Audit trail",
    verifyTitle: "Integrity of the trail",
    verifyText: "Each event holds the hash of the one before, and signed heads vouch for it. Verifying reads the whole trail.",
    verify: "Verify now",
    sound: (events, heads) =>
      `The trail is intact: ${englishCount(events, "event", "events")}, ${englishCount(heads, "signed head", "signed heads")}.`,
    unsound: "The trail is not intact.",
    faults: {
      changed: (number) => `Event ${number} was changed.`,
      missing: (number) => `Event ${number} is missing, or the order was changed.`,
      end: (number) => `The trail's end does not match event ${number - 1}.`,
      head: (number) => `The signed head of event ${number} is not good.`,
      "cut-off": (number) =>
        `The trail was cut off from event ${number} on: signed heads that are kept outside of the database go further.`,
      rewritten: (number) =>
        `The trail was written anew: a signed head that is kept outside of the database says otherwise of event ${number}.`,
      "no-head": (number) => `Nothing is signed any more from event ${number} on, of`,
    },
    outside: (heads) =>
      heads === 0
        ? "There is no signed head outside of the database."
        : `Compared with ${englishCount(heads, "head", "heads")} kept outside of the database.`,
    lastHead: "Last signed head:",
    noHead: "The trail has no signed head yet.",
    restored: (number) => `The office was restored from a backup that goes up to event ${number}, on`,
    lost: (heads, until) =>
      `${englishCount(heads, "signed head of before, which went", "signed heads of before, which went")} up to event ${until}, ${heads === 1 ? "is" : "are"} not in it any more.`,
    unreadable: (lines, first) =>
      `${englishCount(lines, "line", "lines")} of the file of heads cannot be read, among them line ${first}. A sudden stop leaves one.`,
    events: "Events",
    filter: "Action, subject or actor",
    filterHint: "For instance certificate.revoke",
    from: "From",
    until: "To",
    day: "YYYY-MM-DD, universal time",
    button: "Filter",
    columns: ["Number and time", "Action", "Actor", "Subject", "Details"],
    none: "No event matches.",
    kinds: {
      account: "Account",
      certificate: "Certificate",
      key: "Key",
      mail: "Mail",
      mailbox: "Mailbox",
      office: "Office",
      officer: "Officer",
      organisation: "Organisation",
      person: "Person",
      settings: "Settings",
      token: "Token",
    },
  },
);
