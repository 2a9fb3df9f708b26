// The certification authority's page.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

export const authority = inBothLanguages(
  {
    title: "Autorité de certification",
    text: "Les certificats de ce bureau sont émis par cette autorité. Avant de faire confiance à la racine, comparez son empreinte avec celle que le bureau vous a remise par une autre voie.",
    root: (name: string) => `Racine (${name})`,
    issuing: (name: string) => `Autorité émettrice (${name})`,
    role: "Usage",
    current: "Émet les certificats",
    former: "N'émet plus ; sa liste de révocation continue",
    offline: "Hors ligne ; certifie les autorités émettrices",
    subject: "Objet",
    issuer: "Émetteur",
    validity: "Période de validité",
    fingerprint: "Empreinte (SHA-256)",
    checkTitle: "Vérifier l'empreinte",
    check: "Téléchargez la racine et calculez son empreinte sur votre ordinateur (sous Windows : certutil -hashfile root.cer SHA256) :",
    compare:
      "L'empreinte doit être, chiffre par chiffre, celle du procès-verbal de la cérémonie, signé et affiché au bureau. Une page web peut être copiée : elle seule ne prouve rien.",
    none: "L'autorité de certification n'est pas encore créée.",
  },
  {
    title: "Certification authority",
    text: "The certificates of this office are issued by this authority. Before you trust the root, compare its fingerprint with the one that the office gave you by another way.",
    root: (name) => `Root (${name})`,
    issuing: (name) => `Issuing authority (${name})`,
    role: "Use",
    current: "Issues certificates",
    former: "Issues no more; its revocation list goes on",
    offline: "Offline; certifies issuing authorities",
    subject: "Subject",
    issuer: "Issuer",
    validity: "Validity",
    fingerprint: "Fingerprint (SHA-256)",
    checkTitle: "Checking the fingerprint",
    check: "Download the root and have your own computer tell its fingerprint (on Windows: certutil -hashfile root.cer SHA256):",
    compare:
      "The result has to be, digit by digit, that of the ceremony's record, which is signed and on display at the office. A web page can be copied: by itself it proves nothing.",
    none: "The certification authority has not been made yet.",
  },
);
