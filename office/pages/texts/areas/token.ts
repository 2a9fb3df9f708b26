// The sheet of a token.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const token = inBothLanguages(
  {
    title: (serial: string) => `Jeton ${serial}`,
    serial: "N° de série",
    state: "État",
    holder: "Porteur",
    elsewhere: "Une personne d'un autre bureau",
    model: "Modèle",
    firmware: "Micrologiciel",
    root: "Racine d'attestation (SHA-256)",
    office: "Bureau",
    since: "Enregistré le",
    keys: "Clés",
    keyColumns: ["Emplacement", "État", "Empreinte de la clé publique (SHA-256)", "Enregistrée le"],
    noKeys: "Aucune clé connue du bureau.",
  },
  {
    title: (serial) => `Token ${serial}`,
    serial: "Serial number",
    state: "State",
    holder: "Holder",
    elsewhere: "Somebody in another office",
    model: "Model",
    firmware: "Firmware",
    root: "Attestation root (SHA-256)",
    office: "Office",
    since: "On record since",
    keys: "Keys",
    keyColumns: ["Slot", "State", "Fingerprint of the public key (SHA-256)", "On record since"],
    noKeys: "No key that the office knows of.",
  },
);
