// What `sceau sign` and `sceau verify` say, in French.

import type { signEn, verifyEn } from "./document-en.ts";

export const signFr: typeof signEn = {
  done: (path, signer) => `Signé par ${signer} : ${path}`,
  noChain: "Note : le certificat de l'émetteur est introuvable, la signature ne porte donc que celui du signataire (--chain l'ajoute).",
  signedBy: (name) => `Signé par ${name}`,
  beside: "Ce PDF contient autre chose que ce que ses pages montrent, et c'est signé avec elles :",
  feature: {
    javascript: "des programmes (JavaScript) : un lecteur peut afficher autre chose qu'un autre",
    launch: "des actions qui ouvrent un programme ou un autre fichier",
    forms: "des actions qui envoient, remplacent ou vident les champs du formulaire",
    fields: "des champs de formulaire que chaque lecteur dessine à sa façon : leur aspect ne fait pas partie de ce qui est signé",
    layers: "des parties qu'un lecteur peut montrer, cacher ou imprimer autrement (calques)",
    attachments: "des fichiers joints, à l'intérieur du PDF",
    media: "du son, de la vidéo ou de la 3D",
  },
};

export const verifyFr: typeof verifyEn = {
  none: "Ce document ne porte aucune signature.",
  beside: "Ce PDF contient autre chose que ce que ses pages montrent :",
  valid: "valide",
  invalid: "NON VALIDE",
  signature: (index, field) => `Signature ${index} (${field})`,
  signer: "Signataire",
  issuers: "Émis par",
  date: "Date déclarée",
  reason: "Motif",
  coverage: "Couvre",
  wholeFile: "tout le fichier",
  revision: (bytes, total) => `les ${bytes} premiers octets sur ${total}`,
  after: "Changé ensuite",
  nothingAfter: "rien de visible",
  furtherSignatures: (count) => (count === 1 ? "une autre signature" : `${count} autres signatures`),
  visibleOn: (pages) => `visible page ${pages}`,
  unknownSigner: "inconnu",
  problem: {
    altered: "le contenu du document n'est pas celui qui a été signé",
    forged: "la signature n'a pas été faite par la clé de ce certificat",
    unreadable: "la signature est illisible",
    "no-signer-certificate": "la signature ne porte pas le certificat de son signataire",
    "other-certificate": "la signature a été faite pour un autre certificat",
    algorithm: "la signature emploie un algorithme qui n'est pas accepté",
    untrusted: "le certificat ne mène pas à une racine de confiance (--trust FICHIER)",
    expired: "un certificat a expiré ; sans horodatage, nul ne peut dire si la signature est antérieure",
    "not-yet-valid": "un certificat n'est pas encore valable",
    "not-a-ca": "un certificat du chemin vers la racine n'a pas le droit d'en émettre",
    "key-usage": "le certificat n'est pas fait pour signer des documents",
    "unknown-critical-extension": "un certificat a une extension critique inconnue",
    "byte-range": "la signature laisse de côté une partie du fichier",
    copied: "cette entrée répète une autre signature du fichier",
    "changed-after": "le contenu du document a été changé après la signature",
  },
  change: { content: "contenu", form: "formulaire", metadata: "métadonnées", "validation-data": "données de validation" },
};
