// What `sceau tour` says, and the letter that it writes, in French.

import type { tourEn } from "./tour-en.ts";

export const tourFr: typeof tourEn = {
  title: "Sceau : d'une demande à un PDF signé, avec un jeton simulé",
  plugIn: "brancher un jeton simulé neuf",
  bridge: "démarrer le pont",
  office: "démarrer le bureau de démonstration (la première fois, il se remplit)",
  apply: "faire la demande : boîte aux lettres, formulaire, trois questions, consentements",
  check: "un vérificateur contrôle l'identité, face à face",
  approve: "un autre agent approuve",
  activate: "activer : clé sur le jeton, attestation, certificat, preuve",
  application: {
    person: { givenName: "Camille", surname: "Durand", title: "Experte-comptable", memberNumber: "10-4217" },
    place: "Guichet 2, rez-de-chaussée",
    seen: "Démonstration : carte d'identité vue au guichet.",
    waived: "Démonstration : rien à payer.",
    status: "Démonstration : tableau de l'ordre, en règle ce jour.",
  },
  document: "rédiger une lettre de trois pages",
  read: "lire le document",
  sign: "le signer par PKCS#11 (PAdES-B-B)",
  verify: "vérifier la signature",
  signedFile: "Fichier signé",
  signedBy: "Signé par",
  trust: "Racine de confiance",
  total: (seconds) => `Le tout en ${seconds} s.`,
  notValid: "La signature ne se vérifie pas.",
  stay: "Le jeton reste branché. Dans un autre terminal :",
  stayPin: (path) => `Son PIN est dans ${path}`,
  stayOffice: (url) => `Le bureau de la démonstration : ${url}`,
  stayStop: "Ctrl-C le débranche.",
  letter: {
    title: "Lettre de mission",
    parties: "Entre le cabinet Sceau Démonstration et son client",
    articles: [
      {
        title: "Mission",
        paragraphs: [
          "Le client confie au cabinet l'établissement de ses comptes annuels. La présente lettre fixe la mission, sa durée et ses modalités.",
          "La mission porte sur le bilan, le compte de résultat et l'annexe. Elle n'est ni un audit, ni une recherche de fraude.",
        ],
      },
      {
        title: "Obligations du cabinet",
        paragraphs: [
          "Le cabinet exécute ses travaux avec soin et indépendance, selon les normes de sa profession, et garde le secret sur ce qu'il apprend.",
          "Il avertit le client sans délai de tout ce qui pourrait compromettre l'échéance.",
        ],
      },
      {
        title: "Obligations du client",
        paragraphs: [
          "Le client remet au cabinet les pièces nécessaires, complètes et en temps utile, et répond à ses questions.",
          "Le client reste responsable de sa comptabilité et des comptes qu'il approuve.",
        ],
      },
      {
        title: "Durée",
        paragraphs: [
          "La mission dure un an et se renouvelle, sauf si l'une des parties y met fin par lettre recommandée avec un préavis de trois mois.",
          "Si elle prend fin plus tôt, les travaux faits sont dus et les pièces reviennent au client.",
        ],
      },
      {
        title: "Honoraires",
        paragraphs: ["Les honoraires sont convenus chaque année et dus à trente jours de la facture. Les débours sont facturés au réel."],
      },
    ],
    page: (page, of) => `Page ${page} sur ${of}`,
    signature: "Signature du cabinet :",
  },
};
