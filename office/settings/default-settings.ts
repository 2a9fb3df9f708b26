// What holds until an officer with `settings` changes it. The documents are true of this software, and say what the office has to add.

import type { DocumentVersions, Help, Periods } from "./settings-schema.ts";

export const DEFAULT_PERIODS: Periods = { evidenceDays: 90, dossierDays: 60, offersQcp: false };

export const DEFAULT_HELP: Help = {
  email: null,
  phone: null,
  fr: {
    hours: "",
    faq: [
      {
        question: "Combien de temps faut-il ?",
        answer:
          "Cinq minutes pour le formulaire, dix pour la vérification d'identité, cinq pour l'activation. Entre les deux, l'approbation dépend du bureau.",
      },
      {
        question: "Que dois-je préparer ?",
        answer: "Une pièce d'identité en cours de validité, à votre nom, votre numéro de membre, et votre jeton USB pour l'activation.",
      },
      {
        question: "J'ai perdu le numéro de référence.",
        answer: "Il est dans le message reçu après l'approbation. Le bureau peut vous en envoyer un nouveau ; l'ancien ne sert alors plus.",
      },
      {
        question: "L'ordinateur ne voit pas le jeton, ou l'activation ne joint pas le bureau.",
        answer:
          "Lancez la commande « sceau doctor » : elle dit ce qui manque (programme, pare-feu ou proxy, droits, installation) et ce qu'il faut faire.",
      },
      {
        question: "Quelqu'un me demande mon PIN.",
        answer:
          "Ne le donnez jamais. Le PIN se tape sur votre ordinateur, dans la page de l'agent ou la commande sceau ; jamais sur le site du bureau, ni au téléphone.",
      },
    ],
    videos: [],
    webinar: null,
  },
  en: {
    hours: "",
    faq: [
      {
        question: "How long does it take?",
        answer:
          "Five minutes for the form, ten for the identity check, five for the activation. How long the approval takes depends on the office.",
      },
      {
        question: "What do I need?",
        answer: "A valid identity document in your own name, your membership number, and your USB token for the activation.",
      },
      {
        question: "I have lost the reference number.",
        answer: "It is in the mail that came after the approval. The office can send you another one; the old one is of no use then.",
      },
      {
        question: "The computer does not see the token, or the activation does not reach the office.",
        answer:
          "Run the command “sceau doctor”: it says what is missing (program, firewall or proxy, rights, installation) and what to do.",
      },
      {
        question: "Somebody asks me for my PIN.",
        answer:
          "Never tell it. The PIN is typed on your own computer, in the agent's page or for the command sceau; never on the office's site, nor on the telephone.",
      },
    ],
    videos: [],
    webinar: null,
  },
};

export const DEFAULT_DOCUMENTS: DocumentVersions = {
  terms: [
    {
      version: "1",
      fr: `Le bureau d'enregistrement délivre un certificat de signature après avoir vérifié votre identité et, auprès de votre association, votre statut.
Les données d'identité que vous donnez servent à délivrer ce certificat, et à rien d'autre.
La clé privée est créée dans votre jeton et n'en sort pas. Vous êtes seul à en connaître le PIN : ne le donnez à personne.
Prévenez le bureau sans attendre si le jeton est perdu ou volé, si le PIN est connu d'autrui, ou si une donnée du certificat n'est plus exacte : le certificat est alors révoqué.
Un certificat émis qui n'est pas activé dans les quatorze jours est révoqué.
Les certificats de ce bureau ne sont pas qualifiés au sens du règlement (UE) n° 910/2014 (eIDAS).`,
      en: `The registration office issues a signing certificate after it has checked your identity and, with your association, your status.
The identity data that you give serves to issue this certificate, and nothing else.
The private key is made in your token and does not leave it. Its PIN is known to you alone: tell it to nobody.
Tell the office without delay when the token is lost or stolen, when somebody else knows the PIN, or when something in the certificate is not right any more: it is then revoked.
A certificate that is issued and not activated within fourteen days is revoked.
The certificates of this office are not qualified in the sense of Regulation (EU) No 910/2014 (eIDAS).`,
    },
  ],
  privacy: [
    {
      version: "1",
      fr: `Le bureau conserve : vos nom, prénom, adresse e-mail, téléphone, titre et numéro de membre ; les décisions prises sur votre dossier ; une empreinte des réponses à vos trois questions, jamais les réponses.
Les pièces que vous déposez sont chiffrées, vues seulement par les agents qui vérifient ou approuvent votre dossier, et détruites à une date fixée au dépôt ; leur empreinte SHA-256 reste comme preuve.
Le certificat contient vos nom, prénom, adresse e-mail, titre et numéro de membre : quiconque reçoit un document signé peut les lire.
Un journal, qui ne peut pas être modifié, note qui a fait quoi et quand.
Vous pouvez demander au bureau l'accès à vos données, leur rectification ou leur effacement, dans les limites de ses obligations de preuve.`,
      en: `The office keeps: your given name, name, e-mail address, telephone, title and membership number; the decisions on your dossier; a fingerprint of the answers to your three questions, never the answers.
The documents that you upload are encrypted, seen only by the officers who check or approve your dossier, and destroyed on a date that is set when they arrive; their SHA-256 stays as proof.
The certificate holds your given name, name, e-mail address, title and membership number: whoever receives a document that you signed can read them.
A trail that cannot be changed notes who did what and when.
You may ask the office to see your data, to correct or to delete it, within its duty to keep evidence.`,
    },
  ],
};
