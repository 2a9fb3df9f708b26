// What the doctor says of each finding, in French.

import { doctorDesktopFr } from "./doctor-desktop-fr.ts";
import { doctorOfficeFr } from "./doctor-office-fr.ts";
import type { DoctorFindingTexts } from "./doctor-texts.ts";

const folder = {
  looking: "les dossiers",
  found: {
    fine: ({ path }: { path: string }) => `${path} est à vous, et vous pouvez y écrire.`,
    "to-be-made": ({ path }: { path: string }) => `${path} n'existe pas encore, et peut être créé.`,
    "not-writable": ({ at, owner, mode }: { at: string; owner: string; mode: string }) =>
      `Vous n'avez pas le droit d'écrire dans ${at} (propriétaire ${owner}, mode ${mode}).`,
    "read-only": ({ at }: { at: string }) => `${at} est sur un système de fichiers en lecture seule.`,
    "not-a-folder": ({ at }: { at: string }) => `${at} est un fichier, là où il faut un dossier.`,
    "other-owner": ({ at, owner }: { at: string; owner: string }) =>
      `${at} appartient à ${owner}, pas à vous. C'est ce qui arrive quand une commande a été lancée avec sudo.`,
    others: ({ at, owner }: { at: string; owner: string }) => `${at} appartient à ${owner}, pas à vous.`,
    "open-to-others": ({ at, mode }: { at: string; mode: string }) =>
      `D'autres utilisateurs de cet ordinateur peuvent entrer dans ${at} (mode ${mode}).`,
    shared: ({ at, mode }: { at: string; mode: string }) =>
      `D'autres utilisateurs de cet ordinateur peuvent entrer dans ${at} (mode ${mode}), et il n'est pas réservé à Sceau.`,
    "chosen-file": ({ at }: { at: string }) => `${at} est un fichier, là où il faut un dossier.`,
  },
  mend: {
    "not-writable": () => "Donnez-vous le droit d'y écrire, ou choisissez un autre dossier avec --state.",
    "read-only": () => "Faites-le repasser en écriture, ou choisissez un autre dossier avec --state.",
    "not-a-folder": () => "Déplacez ce fichier :",
    "other-owner": () => "Reprenez-le :",
    others: ({ owner }: { owner: string }) =>
      `${owner === "root" ? "Choisissez" : `Continuez sous le compte ${owner}, ou choisissez`} un dossier à vous avec --state.`,
    "open-to-others": () => "Fermez-le aux autres :",
    shared: () => "Choisissez avec --state un dossier à vous, réservé à Sceau.",
    "chosen-file": () => "Choisissez un dossier avec --state.",
  },
};

const openOrProxy = ({ host, port }: { host: string; port: number }): string =>
  `Faites ouvrir le port TCP ${port} vers ${host} ; s'il y a un proxy, indiquez-le :`;

export const doctorFindingsFr: DoctorFindingTexts = {
  "node-version": {
    looking: "Node.js",
    why: "Sceau ne fonctionne pas avec un Node.js plus ancien.",
    found: {
      fine: ({ version }) => `Node.js ${version}`,
      "too-old": ({ version, needed }) => `Node.js ${version} est trop ancien : Sceau veut la version ${needed} ou une plus récente.`,
    },
    mend: { "too-old": () => "Installez-en une plus récente : https://nodejs.org/fr/download" },
  },
  packages: {
    looking: "les paquets npm",
    why: "Une installation interrompue laisse des paquets de côté ; Sceau s'arrête alors au milieu d'une tâche.",
    found: {
      fine: ({ count }) => `Tous les paquets npm sont là (${count}).`,
      missing: ({ folder: path }) => `Les paquets npm ne sont pas installés : ${path} manque.`,
      "half-done": ({ count, example }) => `L'installation est restée à moitié faite : il manque ${count} paquets npm, dont ${example}.`,
      older: ({ count, example }) => `${count} paquets npm sont d'une autre version que celle que veut ce Sceau, dont ${example}.`,
      "no-lock": ({ folder: path }) => `${path} n'a pas de package-lock.json lisible : ce n'est pas une copie complète de Sceau.`,
    },
    mend: {
      missing: () => "Installez-les :",
      "half-done": () => "Installez-les de nouveau :",
      older: () => "Installez-les de nouveau :",
      "no-lock": () => "Clonez Sceau de nouveau.",
    },
  },
  registry: {
    looking: "le registre de npm",
    why: "Les paquets viennent de là. Quand le pare-feu ou le proxy n'est pas configuré, l'installation prend vingt minutes, puis échoue.",
    found: {
      reached: ({ host, port }) => `Le registre de npm est joint : ${host}, port ${port}.`,
      "unknown-name": ({ host, proxy }) => `Le nom ${proxy || host} est introuvable : aucun paquet ne peut être téléchargé.`,
      refused: ({ host, port, proxy }) =>
        `${proxy || `${host}, port ${port},`} refuse la connexion : aucun paquet ne peut être téléchargé.`,
      silent: ({ host, port, proxy }) => `${proxy || `${host}, port ${port},`} ne répond pas : aucun paquet ne peut être téléchargé.`,
      "no-route": ({ host, port, proxy }) =>
        `Aucun chemin ne mène à ${proxy || `${host}, port ${port}`} : aucun paquet ne peut être téléchargé.`,
    },
    mend: { "unknown-name": openOrProxy, refused: openOrProxy, silent: openOrProxy, "no-route": openOrProxy },
  },
  native: {
    looking: "les paquets construits pour cet ordinateur",
    why: "Ils joignent les jetons et signent. Ils sont construits pour une version de Node.js et veulent des bibliothèques du système.",
    found: {
      fine: () => "Les paquets construits pour cet ordinateur se chargent.",
      "usb-libraries": ({ reason }) => `Les jetons USB ne peuvent pas être vus : ${reason}`,
      "card-readers": ({ reason }) => `Les cartes dans des lecteurs PC/SC ne peuvent pas être utilisées : ${reason}`,
      "not-loading": ({ names, reason }) => `Ces paquets ne se chargent pas : ${names} (${reason})`,
    },
    mend: {
      "usb-libraries": () => "Installez ce qui manque :",
      "card-readers": () => "Si vous avez une telle carte, installez ce qui manque :",
      "not-loading": () => "Construisez-les de nouveau, pour ce Node.js :",
    },
  },
  build: {
    looking: "la construction",
    why: "C'est le programme construit qui tourne, pas ses sources : un ancien a d'anciens défauts, et peut ne pas comprendre son bureau.",
    found: {
      fine: () => "Sceau est construit, et aussi récent que ses sources.",
      missing: ({ folder: path }) => `Sceau n'est pas construit : il n'y a pas de programme dans ${path}.`,
      older: ({ newer }) => `Le programme est plus ancien que ses sources : ${newer} a changé depuis.`,
    },
    mend: { missing: () => "Construisez-le :", older: () => "Construisez-le de nouveau :" },
  },
  disk: {
    looking: "le disque",
    why: "Quand le disque est plein, ce qu'on écrit est perdu : même la trace d'une clé qui vient d'être créée.",
    found: {
      fine: ({ freeMegabytes }) => `Il y a de la place sur le disque : ${freeMegabytes} Mo.`,
      little: ({ path, freeMegabytes }) => `Il reste peu de place là où se trouve ${path} : ${freeMegabytes} Mo.`,
      full: ({ path, freeMegabytes }) => `Le disque où se trouve ${path} est plein : il reste ${freeMegabytes} Mo.`,
    },
    mend: {
      little: ({ neededMegabytes }) => `Faites de la place, ${neededMegabytes} Mo ou plus. Les copies de npm peuvent toujours partir :`,
      full: ({ neededMegabytes }) => `Faites de la place, ${neededMegabytes} Mo ou plus. Les copies de npm peuvent toujours partir :`,
    },
  },
  module: {
    looking: "le client de p11-kit",
    why: "C'est par ce module que les logiciels de signature joignent le jeton.",
    found: {
      fine: ({ path }) => `Le client de p11-kit est installé : ${path}`,
      missing: () => "Le client de p11-kit n'est pas installé.",
    },
    mend: { missing: () => "Installez-le :" },
  },
  bridge: {
    looking: "le pont",
    why: "Les logiciels de signature joignent le jeton par le pont.",
    found: {
      fine: ({ path }) => `Le pont est en service : ${path}`,
      "not-running": () => "Le pont n'est pas en service.",
      "dead-socket": ({ path }) => `Le pont n'est pas en service : ${path} est resté d'un pont qui a été tué.`,
      "no-socket": ({ path }) => `Le pont ne peut pas démarrer : ${path} est un dossier, là où il faut son socket.`,
      forbidden: ({ path }) => `Vous n'avez pas le droit d'ouvrir le socket du pont, ${path} : il est à un autre utilisateur.`,
    },
    mend: {
      "not-running": () => "Démarrez-le, dans un terminal à lui :",
      "dead-socket": () => "Démarrez-le, dans un terminal à lui ; il reprend la place :",
      "no-socket": () => "Déplacez ce qui est là, et démarrez le pont :",
      forbidden: () => "Reprenez le dossier, et démarrez le pont sous votre propre nom :",
    },
  },
  software: {
    looking: "ce que voient les logiciels de signature",
    why: "C'est ce que voit un autre logiciel, lancé d'ici, qui charge le client de p11-kit.",
    found: {
      fine: ({ count }) => `Les logiciels de signature voient ${count === 1 ? "un jeton" : `${count} jetons`} par le pont.`,
      "no-token": () => "Les logiciels de signature joignent le pont ; aucun jeton n'est branché.",
      nobody: ({ address }) => `Les logiciels lancés d'ici ne trouvent pas le pont : personne ne répond à ${address}`,
      "other-server": ({ manufacturer, address }) => `Les logiciels lancés d'ici joignent un autre serveur (${manufacturer}) : ${address}`,
      "not-loading": ({ reason }) => `Le client de p11-kit ne fonctionne pas : ${reason}`,
    },
    mend: {
      "no-token": () => "Branchez votre jeton.",
      nobody: () => "Lancez les logiciels avec cette variable, ou le pont sans --state ni --no-default-socket :",
      "other-server": () => "Lancez les logiciels avec cette variable :",
      "not-loading": () => "Installez de nouveau le paquet p11-kit-modules.",
    },
  },
  registration: {
    looking: "les modules de p11-kit",
    why: "Certains logiciels demandent tous ses modules à p11-kit, et ne trouvent le pont que par là (GnuTLS, des navigateurs).",
    found: {
      fine: ({ path }) => `Le pont est un module de p11-kit : ${path}`,
      missing: () => "Le pont n'est pas inscrit parmi les modules de p11-kit.",
      "other-bridge": ({ path }) => `${path} mène à un autre pont que celui-ci.`,
      "not-ours": ({ path }) => `${path} n'est pas de Sceau.`,
    },
    mend: {
      missing: () => "Inscrivez-le, une fois pour toutes :",
      "other-bridge": () => "Inscrivez celui-ci :",
      "not-ours": () => "Si personne n'en a besoin, déplacez-le et inscrivez le pont :",
    },
  },
  agent: {
    looking: "l'agent",
    why: "La page du bureau passe la main à l'agent pour l'activation, à ce port de cet ordinateur.",
    found: {
      fine: ({ port }) => `L'agent est en service, au port ${port}.`,
      "not-running": ({ port }) => `L'agent n'est pas en service : personne ne répond au port ${port} de cet ordinateur.`,
      "other-program": ({ port, program, pid }) =>
        `Le port ${port} de cet ordinateur est occupé par un autre programme${program === "" ? "" : ` : ${program} (processus ${pid})`}.`,
      "other-user": ({ port, uid }) =>
        `Le port ${port} de cet ordinateur est occupé par un autre utilisateur (numéro ${uid}). N'y tapez aucun PIN.`,
    },
    mend: {
      "not-running": () => "Démarrez-le, dans un terminal à lui :",
      "other-program": () => "Arrêtez ce programme, ou donnez-lui un autre port ; puis démarrez l'agent :",
      "other-user": () => "Demandez-lui de l'arrêter ; un administrateur voit de quel programme il s'agit :",
    },
  },
  user: {
    looking: "qui vous êtes",
    why: "p11-kit ne lit les modules d'aucun utilisateur pour root, et ce que root crée appartient à root.",
    found: {
      fine: ({ name }) => `Vous êtes ${name}. Sceau ne veut pas de droits d'administrateur ; ce qui en veut est marqué.`,
      root: () => "Vous êtes root : voici ce que verrait root, pas le titulaire.",
    },
    mend: { root: () => "Lancez-le sous le nom de la personne qui signera." },
  },
  "state-folder": {
    ...folder,
    why: "Sceau y garde ses dossiers : le PUK d'un jeton qu'il prépare, les bureaux à qui vous faites confiance.",
  },
  "runtime-folder": { ...folder, why: "Les sockets sont là : qui les joint, joint votre jeton." },
  devices: {
    looking: "les jetons USB",
    why: "La règle laisse la personne assise devant l'ordinateur ouvrir un jeton USB, et en écarte ModemManager. Les jetons simulés s'en passent.",
    found: {
      fine: ({ rule }) => `La règle pour les jetons USB est là : ${rule}`,
      "no-rule": ({ rule }) => `La règle pour les jetons USB manque : ${rule}`,
      "older-rule": ({ rule }) => `La règle pour les jetons USB n'est pas celle de ce Sceau : ${rule}`,
      "modem-manager": ({ rule }) =>
        `ModemManager est en service et écrit sur tout nouveau port série, même celui d'un jeton : aucune règle (${rule}) ne l'en empêche.`,
      forbidden: ({ device }) => `Un jeton est branché en ${device}, et vous n'avez pas le droit de l'ouvrir.`,
      "not-at-the-screen": ({ rule, device }) => `Un jeton est branché en ${device}, et la règle (${rule}) ne vous laisse pas l'ouvrir.`,
    },
    mend: {
      "no-rule": () => "Écrivez-la, une fois pour toutes :",
      "older-rule": () => "Écrivez-la de nouveau :",
      "modem-manager": () => "Écrivez la règle, et rebranchez le jeton :",
      forbidden: () => "Écrivez la règle, et rebranchez le jeton :",
      "not-at-the-screen": () =>
        "Ouvrez une session à l'écran même de cet ordinateur, ni par ssh ni derrière la session d'un autre. Si vous y êtes : rebranchez le jeton.",
    },
  },
  ...doctorDesktopFr,
  ...doctorOfficeFr,
};
