// What the doctor says of the desktop: the bridge's service, browsers, PC/SC, rights. In French.

import type { DesktopFindingTexts } from "./doctor-texts.ts";

const databases = (count: number): string => (count === 1 ? "" : ` (${count} profils)`);

export const doctorDesktopFr: DesktopFindingTexts = {
  service: {
    looking: "le service du pont",
    why: "Le service démarre le pont quand vous ouvrez une session, et le relance quand il s'est arrêté.",
    found: {
      fine: () => "Le pont démarre tout seul quand vous ouvrez une session.",
      "no-systemd": () => "Cette session n'a pas de systemd à vous : le pont se démarre à la main.",
      missing: () => "Le pont ne démarre pas tout seul quand vous ouvrez une session.",
      gone: ({ reason }) => `Le service du pont ne peut pas démarrer : ${reason} n'est plus là.`,
      "other-checkout": ({ reason }) => `Le service du pont démarre un autre Sceau que celui-ci : ${reason}`,
      "no-pcsc": () => "Le service du pont ne met pas les jetons dans le lecteur de cartes virtuel, pourtant en place ici.",
      unreadable: ({ path }) => `Vous n'avez pas le droit de lire ${path} : il est à un autre utilisateur.`,
      foreign: ({ path }) => `${path} n'est pas de Sceau.`,
      "not-loaded": ({ path }) => `systemd n'a pas lu ${path} tel qu'il est maintenant.`,
      "not-enabled": () => "Le service du pont est là, mais ne démarre pas quand vous ouvrez une session.",
      failed: ({ reason }) => `Le service du pont s'arrête sans cesse (${reason}).`,
      waiting: () => "Le pont est en service, démarré à la main ; quand il s'arrêtera, son service prendra la suite.",
      stopped: () => "Le pont démarre tout seul quand vous ouvrez une session ; son service est arrêté pour l'instant.",
    },
    mend: {
      missing: () => "Mettez-le en place, une fois pour toutes :",
      unreadable: () => "Reprenez-le, et remettez le service en place :",
      gone: () => "Remettez-le en place :",
      "other-checkout": () => "Si c'est ce Sceau-ci que vous utilisez :",
      "no-pcsc": () => "Remettez-le en place :",
      foreign: () => "Si personne n'en a besoin, déplacez-le et mettez le service en place :",
      "not-loaded": () => "Faites-le relire :",
      "not-enabled": () => "Faites-le démarrer :",
      failed: () => "Ses derniers messages disent pourquoi ; une fois réparé, démarrez-le :",
    },
  },
  browsers: {
    looking: "les navigateurs",
    why: "Navigateurs et messageries tiennent leur propre liste de modules ; sans le client de p11-kit, ils ne voient pas le jeton.",
    found: {
      none: () => "Il n'y a ici aucun profil de navigateur ni de messagerie.",
      fine: ({ software, count }) => `Le module du jeton est présent dans ${software}${databases(count)}.`,
      missing: ({ software, count }) => `Le module du jeton manque dans ${software}${databases(count)}.`,
      moved: ({ software, folder }) =>
        `Dans ${software}, le module du jeton mène à un fichier qui n'est pas celui de cet ordinateur (${folder}).`,
      "other-library": ({ software, folder }) => `Dans ${software}, le module nommé Sceau est une autre bibliothèque (${folder}).`,
      unreadable: ({ software, folder }) => `La liste des modules de ${software} est illisible : ${folder}`,
    },
    mend: {
      missing: ({ software }) => `Fermez ${software}, puis :`,
      moved: ({ software }) => `Fermez ${software}, puis :`,
      "other-library": ({ software }) => `Fermez ${software} ; si personne n'a besoin de ce module, retirez-le :`,
      unreadable: () => "À qui sont ces fichiers ? Ils doivent être à vous ; le logiciel refait pkcs11.txt à son démarrage.",
    },
  },
  confined: {
    looking: "les navigateurs en Snap ou en Flatpak",
    why: "Un logiciel en Snap ou en Flatpak est isolé : il ne voit ni les modules de cet ordinateur, ni le pont.",
    found: {
      none: () => "Aucun navigateur n'est en Snap ni en Flatpak.",
      fine: ({ software }) => `${software}, en Snap ou en Flatpak, a été autorisé à joindre le jeton.`,
      flatpak: ({ software, application }) => `${software} est en Flatpak (${application}) et ne peut pas voir le jeton.`,
      "firefox-snap": () => "Firefox est en Snap et ne peut pas charger le module du jeton.",
      snap: ({ software, application }) => `${software} est en Snap (${application}) et ne peut pas charger le module du jeton.`,
    },
    mend: {
      flatpak: ({ software }) => `Prenez un autre paquet de ${software} ; ou fermez-le, et laissez-le joindre le pont :`,
      "firefox-snap": () =>
        "Prenez le paquet de Mozilla (https://support.mozilla.org/fr/kb/installer-firefox-linux). Ou laissez le Snap joindre le lecteur de cartes, puis chargez /snap/firefox/current/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so dans Paramètres › Périphériques de sécurité (tapez le chemin) :",
      snap: ({ software }) => `Prenez un autre paquet de ${software} : celui de la distribution, ou de son éditeur.`,
    },
  },
  pcsc: {
    looking: "les cartes à puce (PC/SC)",
    why: "Les logiciels qui ne connaissent que les cartes à puce joignent le jeton par pcscd.",
    found: {
      unused: () => "PC/SC n'est pas utilisé.",
      fine: () => "Les logiciels PC/SC sont admis : pcscd répond.",
      "no-daemon": () => "PC/SC est mis en place, mais pcscd n'est pas installé.",
      "no-driver": () => "PC/SC est mis en place, mais son lecteur virtuel n'est pas installé.",
      "no-socket": ({ path }) => `pcscd n'est pas prêt : ${path} n'existe pas.`,
      "dead-socket": ({ path }) => `pcscd n'est pas en service : ${path} est resté d'un pcscd qui a été tué.`,
      forbidden: ({ path }) => `Vous n'avez pas le droit d'ouvrir le socket de pcscd, ${path}.`,
      refused: () => "pcscd vous refuse : polkit n'admet que la personne assise devant cet ordinateur.",
      silent: () => "pcscd ne répond pas.",
    },
    mend: {
      "no-daemon": () => "Installez-le :",
      "no-driver": () => "Installez-le :",
      "no-socket": () => "Faites-le tenir prêt par systemd :",
      "dead-socket": () => "Redémarrez-le :",
      forbidden: () => "Redémarrez-le, tel que le paquet le veut :",
      refused: () => "Lancez cette commande depuis le bureau, pas par ssh ; ou autorisez cet utilisateur :",
      silent: () => "Redémarrez-le :",
    },
  },
  "virtual-reader": {
    looking: "le lecteur de cartes virtuel",
    why: "Le lecteur de cartes virtuel (vpcd) ne demande à personne qui il est : quiconque s'y connecte est la carte.",
    found: {
      unused: () => "Le lecteur de cartes virtuel n'est pas utilisé.",
      fine: () => "Le lecteur de cartes virtuel n'est joignable que de cet ordinateur.",
      stranger: ({ from }) => `Quelqu'un du réseau (${from}) est la carte dans le lecteur virtuel. N'y tapez aucun PIN.`,
      "other-user": ({ uid }) =>
        `Un autre utilisateur de cet ordinateur (numéro ${uid}) est la carte dans le lecteur virtuel. N'y tapez aucun PIN.`,
      "other-program": ({ program, pid }) => `Un autre programme est la carte dans le lecteur virtuel : ${program} (processus ${pid}).`,
      open: ({ reachable, ports }) =>
        `Le lecteur de cartes virtuel est ouvert au réseau : quiconque joint ${reachable || "cet ordinateur"} (ports TCP ${ports}) peut y mettre une carte.`,
      slow: () => "Le chemin vers le lecteur de cartes virtuel est lent : environ 90 ms par signature.",
    },
    mend: {
      stranger: () => "Fermez-le au réseau :",
      "other-user": () => "Demandez-lui d'y mettre fin ; un administrateur voit de quel programme il s'agit :",
      "other-program": () => "Arrêtez-le, s'il n'a rien à y faire :",
      open: () => "Fermez-le au réseau (ou, si personne ne s'en sert, retirez le paquet vsmartcard-vpcd) :",
      slow: () => "Faites mettre en place le chemin rapide :",
    },
  },
  administrator: {
    looking: "les droits d'administrateur",
    why: "Les commandes avec sudo sur cet écran veulent des droits d'administrateur. Signer n'en demande aucun.",
    found: {
      member: ({ group }) => `Vous êtes du groupe ${group} : vous pouvez lancer vous-même les commandes avec sudo.`,
      "no-member": ({ group, names }) =>
        `Vous n'êtes d'aucun groupe qui ait les droits d'administrateur ici. Ceux qui les ont : ${names} (groupe ${group}).`,
      nobody: () =>
        "Ni vous ni personne d'autre n'est inscrit ici avec les droits d'administrateur : demandez à votre support en TI, ou à la personne qui a installé cet ordinateur.",
    },
    mend: {
      "no-member": () => "Montrez-leur cet écran : ce qui les concerne y est marqué.",
      nobody: () => "Montrez-leur cet écran : ce qui les concerne y est marqué.",
    },
  },
};
