// Ce que disent `sceau factory`, `sceau token attest` et l'étape d'usine de `sceau sim`, en français.

import type { factoryEn } from "./factory-en.ts";

export const factoryFr: typeof factoryEn = {
  help: {
    factory: "l'usine : donne aux jetons neufs la clé avec laquelle ils disent ce qu'ils sont",
    root: "créer une racine nommée, qui répond des jetons de cette usine",
    rootName: "nom de la racine",
    provision: "créer la clé d'attestation d'un jeton neuf, la faire certifier par une racine et sceller les deux pour toujours",
    rootOption: "la racine qui certifie ; par défaut la seule qui existe",
    attest: "où une clé a été créée et comment elle est gardée, signé par le jeton : une chaîne de certificats (PEM)",
    attestOut: "fichier pour la chaîne ; il ne doit pas exister",
    profile:
      "d'un jeton neuf : strict, ou compat, qui accepte les secrets par défaut et le 3DES d'anciens outils, pour des essais avec eux et jamais pour de vraies clés",
  },
  rootMade: (name, path) =>
    `La racine d'attestation « ${name} » est créée. Son certificat, pour tous ceux qui doivent croire ses jetons : ${path}`,
  fingerprint: "Empreinte SHA-256 de la racine",
  provisioned: (serial, root) => `Le jeton ${serial} est scellé : sa clé d'attestation est certifiée par la racine « ${root} ».`,
  attestPin: (serial, slot) => `PIN du jeton ${serial}, pour attester la clé de ${slot} :`,
  attested: (path) => `L'attestation, le certificat de la clé d'attestation et leur racine : ${path}`,
  attestedWithoutRoot: (path) => `L'attestation et le certificat de la clé d'attestation : ${path}`,
  doubt: (problem) => `Non vérifiée : ${problem}.`,
  slot: "Emplacement",
  algorithm: "Type de clé",
  pinPolicy: "Demande le PIN",
  buttonPolicy: "Demande le bouton",
  origin: "Origine",
  generated: "créée sur le jeton",
  token: "Jeton",
  firmware: "Micrologiciel",
  root: "Racine",
  sealed: (serial) => `Le jeton ${serial} est déjà scellé : sa clé d'attestation reste telle quelle pour toujours. Rien n'a été changé.`,
  notBlank: (serial) =>
    `Le jeton ${serial} est en service : l'étape d'usine est pour les jetons neufs, avant que leur PIN, leur PUK ou leur clé de gestion soient changés. Rien n'a été changé.`,
  otherProfile: (profile) =>
    `Ce jeton simulé a été créé avec le profil ${profile} et le garde. Choisissez un autre nom pour en créer un nouveau.`,
  failure: {
    "root-name": (detail) => `« ${detail} » n'est pas un nom de racine : lettres, chiffres, points et tirets, 32 au plus.`,
    "root-exists": (detail) => `Il y a déjà une racine « ${detail} ». Rien n'a été changé.`,
    "no-root": (detail) =>
      detail === ""
        ? "Il n'y a pas encore de racine d'attestation. Créez-en une : sceau factory root NOM"
        : `Il n'y a pas de racine « ${detail} ». Créez-la : sceau factory root ${detail}`,
    "which-root": (detail) => `Il y a plusieurs racines ; choisissez-en une avec --root : ${detail}`,
    "bad-root": (detail) => `Les fichiers de la racine « ${detail} » sont illisibles : sa clé ou son certificat est endommagé.`,
    model: (detail) => `Aucun certificat ne peut dire cela du modèle d'un jeton : ${detail}`,
    "expired-root": (detail) => `La racine « ${detail} » a expiré : elle ne certifie plus rien. Créez-en une nouvelle.`,
    "simulator-root": (detail) =>
      `La racine « ${detail} » ne répond que de jetons simulés. Créez-en une autre pour ce jeton : sceau factory root NOM`,
  },
};
