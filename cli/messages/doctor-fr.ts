// What `sceau doctor` says around its findings, in French.

import type { doctorEn } from "./doctor-en.ts";
import { doctorFindingsFr } from "./doctor-findings-fr.ts";

export const doctorFr: typeof doctorEn = {
  help: {
    doctor: "chercher ce qui empêcherait une activation sur cet ordinateur, et dire comment y remédier ; ne change rien",
    port: "le port de l'agent sur cet ordinateur",
    office: "l'adresse du bureau, comme dans son courriel ; par défaut les bureaux à qui l'agent fait confiance",
  },
  area: {
    suite: "Sceau et ce qu'il lui faut sont installés et en service",
    office: "Le pare-feu et le proxy laissent joindre le bureau",
    rights: "Droits sur cet ordinateur",
    installation: "L'installation est complète",
  },
  mender: {
    user: "",
    administrator: "pour votre support en TI, avec les droits d'administrateur",
    network: "pour votre support en TI : pare-feu et proxy",
    office: "pour le bureau",
  },
  looking: (what) => `… ${what}`,
  well: "Tout va bien : l'activation peut commencer.",
  wellButOffice: "Tout va bien sur cet ordinateur. Le chemin vers un bureau n'a pas été essayé.",
  warnings: (count) =>
    count === 1 ? "Une remarque (!) n'empêche pas l'activation." : `${count} remarques (!) n'empêchent pas l'activation.`,
  troubles: (count) => (count === 1 ? "Un problème (✘) empêcherait l'activation." : `${count} problèmes (✘) empêcheraient l'activation.`),
  again: "Une fois réparé, relancez la même commande.",
  findings: doctorFindingsFr,
};
