// The holder's phrase, and the offices that they trust.

import { inBothLanguages } from "../../../../web/in-both-languages.ts";

export const phrase = inBothLanguages(
  {
    title: "Votre phrase",
    first:
      "Choisissez une phrase que vous reconnaîtrez. Elle est affichée partout où votre PIN est demandé : une page qui imite celle-ci ne la connaît pas.",
    secret:
      "Ce n'est pas un mot de passe : vous n'aurez jamais à la saisir. Aucun site et aucun autre utilisateur de cet ordinateur ne peut la lire.",
    now: "Elle est aujourd'hui",
    change: "En choisir une autre",
    label: "Phrase",
    hint: "6 à 80 caractères, par exemple un souvenir ou le vers d'une chanson.",
    problem: "Il faut 6 à 80 caractères visibles. Écrivez une phrase un peu plus longue ou plus courte.",
    save: "Enregistrer",
    saved: "Votre phrase est enregistrée.",
  },
  {
    title: "Your phrase",
    first:
      "Choose a phrase that you will recognise. It is shown wherever your PIN is asked for: a page that only looks like this one does not know it.",
    secret: "It is no password: you never have to type it. No site and no other user of this computer can read it.",
    now: "At present it is",
    change: "Choose another",
    label: "Phrase",
    hint: "6 to 80 characters: a memory, or a line of a song.",
    problem: "It takes 6 to 80 characters that can be seen. Write a phrase a little longer or shorter.",
    save: "Save",
    saved: "Your phrase is saved.",
  },
);

export const authorities = inBothLanguages(
  {
    title: "Autorités pour vérifier les signatures",
    text: "Une autorité répond du nom de ceux qui signent. Faire confiance à un bureau pour une demande n'est pas s'y fier pour les signatures des autres : cela se choisit ici.",
    none: "Aucune autorité pour l'instant. Celle de votre certificat sera apprise du bureau qui vous l'a remis.",
    learned: "Pas encore choisie",
    learnedFrom: "Apprise de",
    why: "C'est l'autorité de votre propre certificat : elle accompagne vos signatures. Comparez l'empreinte à celle que le bureau publie avant de vous y fier.",
    chosen: "Sert à vérifier",
    byFile: "Placée par un fichier du dossier des autorités : retirez-le pour ne plus vous y fier.",
    choose: "S'y fier pour vérifier",
    chooseOf: (name: string) => `S'y fier pour vérifier : ${name}`,
    unchoose: "Ne plus s'y fier",
    unchooseOf: (name: string) => `Ne plus s'y fier : ${name}`,
  },
  {
    title: "Authorities for verifying signatures",
    text: "An authority vouches for the names of those who sign. To trust an office with a request is not to rely on it for other people's signatures: that is chosen here.",
    none: "No authority yet. Your own certificate's is learnt from the office that gave it to you.",
    learned: "Not chosen yet",
    learnedFrom: "Learnt from",
    why: "It is your own certificate's authority and goes with your signatures. Compare its fingerprint with the one that the office publishes before you rely on it.",
    chosen: "Used for verifying",
    byFile: "Put there by a file in the folder of authorities: take it out to rely on it no longer.",
    choose: "Rely on it for verifying",
    chooseOf: (name) => `Rely on it for verifying: ${name}`,
    unchoose: "Rely on it no longer",
    unchooseOf: (name) => `Rely on it no longer: ${name}`,
  },
);

export const offices = inBothLanguages(
  {
    title: "Bureaux de confiance",
    text: "Ces bureaux peuvent vous envoyer ici pour activer un jeton ou vous connecter. Rien ne se fait sans votre PIN.",
    none: "Aucun bureau pour l'instant. Le premier vous sera présenté quand une de ses pages vous enverra ici.",
    since: "Depuis le",
    remove: "Ne plus faire confiance",
    removeOf: (address: string) => `Ne plus faire confiance à ${address}`,
    removed: "Ce bureau n'est plus de confiance. Il vous sera présenté à nouveau s'il vous envoie ici.",
    confirmTitle: "Faites-vous confiance à ce bureau ?",
    confirmText: "Une page de ce bureau vous a envoyé ici. C'est la première fois : rien ne lui a encore été demandé ni envoyé.",
    address: "Adresse du bureau",
    host: "Nom à recopier",
    compare:
      "Comparez-la, lettre par lettre, à celle de votre invitation ou du site de votre ordre. En cas de doute, fermez cette page et appelez le bureau.",
    label: "Recopiez le nom du bureau pour confirmer",
    problem: "Ce n'est pas le nom de ce bureau. Recopiez-le exactement, ou fermez cette page.",
    trust: "Faire confiance et continuer",
  },
  {
    title: "Trusted offices",
    text: "These offices may send you here to activate a token or to sign in. Nothing is done without your PIN.",
    none: "No office yet. The first one is introduced to you when one of its pages sends you here.",
    since: "Since",
    remove: "Trust no longer",
    removeOf: (address) => `Trust no longer: ${address}`,
    removed: "This office is trusted no longer. It is introduced to you again if it sends you here.",
    confirmTitle: "Do you trust this office?",
    confirmText: "A page of this office has sent you here, for the first time. Nothing was asked of it or sent to it yet.",
    address: "The office's address",
    host: "Name to copy",
    compare:
      "Compare it, letter by letter, with the one in your invitation or on your association's site. When in doubt, close this page and call the office.",
    label: "Type the office's name to confirm",
    problem: "This is not the office's name. Copy it exactly, or close this page.",
    trust: "Trust it and go on",
  },
);
