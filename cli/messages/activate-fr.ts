// Ce que dit `sceau activate`, en français.

import type { activateEn } from "./activate-en.ts";

export const activateFr: typeof activateEn = {
  help: {
    activate: "crée sur le jeton la clé d'une demande approuvée, et active son certificat",
    office: "l'adresse du bureau, comme dans son courriel",
    referenceFile: "le numéro de référence (« - » : entrée standard) ; sinon, il est demandé",
    yes: "donne à ce bureau le PUK et la clé de gestion du jeton, bien qu'un autre les ait",
    answersFile: "les trois réponses, une par ligne « question-id: réponse » (« - » : entrée standard)",
  },
  referencePrompt: "Numéro de référence, dans le courriel du bureau :",
  office: (office, triesLeft) => `${office} pose trois questions. Essais restants : ${triesLeft}`,
  forWhom: (person, organisation) => `Certificat pour ${person}${organisation === null ? "" : ` (${organisation})`}`,
  otherOffice: (token, others, office, word) =>
    `Le PUK et la clé de gestion du jeton ${token} ont déjà été donnés à ${others}. Si vous continuez, ${office} les reçoit aussi : chacun d'eux pourra débloquer le jeton et remplacer ses clés. Tapez ${word} pour continuer :`,
  pin: (token, office) => `PIN du jeton ${token}, pour activer son certificat auprès de ${office} :`,
  newPin: (token) => `Nouveau PIN du jeton ${token} (6 à 8 chiffres), qu'il demandera avant chaque signature :`,
  newPinAgain: (token) => `Le nouveau PIN du jeton ${token}, encore une fois :`,
  step: {
    format: "préparation du jeton",
    escrow: "remise du PUK du jeton au bureau, chiffré",
    key: "création de la clé sur le jeton",
    certificate: "demande du certificat",
    write: "écriture du certificat sur le jeton",
    proof: "preuve que le jeton a la clé et le certificat",
  },
  authorityUnknown: (reason) =>
    `L'autorité du bureau n'a pas pu être gardée sur cet ordinateur ; l'agent essaiera de nouveau avant la prochaine signature. ${reason}`,
  done: (token) => `Actif. Le jeton ${token} signe désormais par l'emplacement 9C.`,
  triesLeft: (count) => `Essais restants : ${count}.`,
  refused: {
    reference: "Le bureau ne connaît pas ce numéro de référence. Comparez-le au courriel : quatre groupes de quatre.",
    expired: "Ce numéro de référence est trop ancien. Demandez-en un nouveau sur la page de votre demande.",
    used: "Ce numéro de référence a servi : le certificat est actif.",
    locked: "Trop de réponses fausses : l'activation est bloquée. L'assistance du bureau la débloque.",
    answers: "Ces réponses ne sont pas celles de votre demande. Majuscules, accents et espaces ne comptent pas.",
    session: "Cela a duré trop longtemps. Relancez la même commande : elle reprend où elle en était.",
  },
  problem: {
    "not-sealed": (token) =>
      `Le jeton ${token} n'a pas de clé d'attestation : aucun bureau ne peut savoir que ses clés sont créées en lui. Prenez un autre jeton.`,
    "formatted-elsewhere": (token) =>
      `Le jeton ${token} a été préparé sur un autre ordinateur. Activez-le là-bas, ou au guichet du bureau.`,
    "other-office": (token) => `Un autre bureau a le PUK et la clé de gestion du jeton ${token}. Rien n'a été envoyé à celui-ci.`,
    "other-token": (token) => `Cette activation va avec le jeton ${token}. Branchez celui-là.`,
    "slot-in-use": (token) =>
      `L'emplacement 9C du jeton ${token} a une autre clé. Rien n'a été changé. Prenez un autre jeton, ou demandez au bureau.`,
    "other-key": (token) =>
      `Le certificat que le bureau a émis est pour une clé que le jeton ${token} n'a pas. Demandez un nouveau numéro de référence au bureau.`,
  },
  answersUnreadable: (line) => `La ligne ${line} des réponses n'est pas « question-id: réponse ».`,
  answersMissing: (questions) => `Le fichier des réponses n'a pas de réponse à : ${questions}`,
  pinsDiffer: "Les deux PIN diffèrent. Rien n'a été changé.",
};
