// What `sceau install` says, in French.

import type { installEn } from "./install-en.ts";

const PROGRAMS: Readonly<Record<string, string>> = {
  firefox: "Firefox voit vos jetons",
  thunderbird: "Thunderbird voit vos jetons",
  chromium: "Chromium, Chrome, Edge et Brave voient vos jetons",
};
const AGAIN = "puis relancez la même commande";

export const installFr: typeof installEn = {
  help: {
    install:
      "préparer ce poste : le pont en service, p11-kit, navigateurs et messagerie, droits sur l'USB ; une seconde fois, rien ne change",
    uninstall: "tout annuler, et rien d'autre",
    dryRun: "montrer exactement ce qui changerait, sans rien changer",
    pcsc: "préparer aussi PC/SC : les jetons du pont deviennent des cartes à puce pour les logiciels de cet ordinateur",
    user: "seulement la part de votre utilisateur ; root la demande par cette option",
    machine: "seulement la part de l'ordinateur, avec les droits d'administrateur",
  },
  part: {
    user: "Pour votre utilisateur",
    machine: "Pour cet ordinateur, avec les droits d'administrateur",
  },
  what: {
    "own-folders": () => "Les dossiers sont les bons",
    service: () => "Le pont démarre à l'ouverture de session, et redémarre après une panne",
    "module-file": () => "p11-kit connaît le pont",
    nss: (software) => PROGRAMS[software] ?? "Navigateurs et messagerie voient vos jetons",
    openssl: () => "openssl utilise vos jetons",
    "udev-rule": () => "La personne devant l'ordinateur peut ouvrir les jetons USB",
    "pcsc-network": () => "Personne sur le réseau n'atteint les lecteurs virtuels de PC/SC",
    "pcsc-packages": () => "PC/SC et ses lecteurs virtuels sont installés",
    "pcsc-route": () => "PC/SC signe vite : une route à part vers 127.83.67.69",
  },
  why: {
    "own-folders": "Sceau écrit là où vos programmes lisent.",
    service: "Les logiciels trouvent vos jetons sans que personne ne lance rien.",
    "module-file": "Les logiciels qui demandent ses modules à p11-kit (p11tool, GnuTLS, OpenConnect) n'ont besoin d'aucun réglage.",
    nss: "Ces programmes n'interrogent pas p11-kit : le module est inscrit dans chacune de leurs bases.",
    openssl: "openssl lit ses réglages dans un fichier qui est à vous, et le reste.",
    "udev-rule": "Les périphériques USB appartiennent à root ; la règle confie les jetons à qui a ouvert sa session à l'écran.",
    "pcsc-network":
      "Les lecteurs virtuels écoutent sur toutes les adresses du réseau et ne demandent à personne qui il est. systemd limite pcscd aux adresses de cet ordinateur ; rien d'autre n'y change.",
    "pcsc-packages": "Ce sont des paquets de votre système : pcscd montre les jetons du pont comme des cartes à puce.",
    "pcsc-route":
      "Sans elle, chaque commande attend 40 ms. Elle ne vaut que pour cette adresse, dure jusqu'à son arrêt et laisse tout autre trafic en paix.",
  },
  outcome: {
    done: "déjà fait",
    changed: "fait",
    "to-do": "à faire",
    waits: "à faire avec les droits d'administrateur",
    foreign: "laissé tel quel",
    "by-hand": "à vous de le faire, si vous voulez",
    cannot: "pas encore possible",
    failed: "échec ; tout est comme avant",
    broken: "échec, et tout n'a pas pu être remis comme avant",
  },
  undone: {
    done: "rien à annuler",
    changed: "annulé",
    "to-do": "à annuler",
    waits: "à annuler avec les droits d'administrateur",
    foreign: "laissé tel quel",
    "by-hand": "à vous de le faire, si vous voulez",
    cannot: "pas encore possible",
    failed: "échec ; tout est comme avant",
    broken: "échec, et tout n'a pas pu être remis comme avant",
  },
  reason: {
    "": () => "",
    "others-folder": () =>
      "Ce dossier est à quelqu'un d'autre : sudo ou su l'a laissé dans HOME ou dans une variable XDG. Cette personne lance la même commande sans sudo ; root la lance depuis sa propre session (sudo -i).",
    "relative-folder": () => `HOME ou XDG_CONFIG_HOME n'est pas un chemin absolu. Corrigez-le, ${AGAIN}.`,
    "not-ours": () => `Sceau ne l'a pas écrit. Si vous n'en avez pas besoin, écartez-le, ${AGAIN} :`,
    "no-client": () => `Le client de p11-kit n'est pas installé. Installez-le, ${AGAIN} :`,
    "no-modutil": () => `modutil, qui inscrit le module, n'est pas installé. Installez-le, ${AGAIN} :`,
    "in-use": () => `Le programme est ouvert, ou s'est mal terminé. Fermez-le (s'il n'est pas ouvert : ouvrez-le d'abord), ${AGAIN}.`,
    snap: (software) =>
      software === "firefox"
        ? "C'est un snap : il ne charge aucun module du dehors. Son chemin est PC/SC : lancez « sceau install --pcsc » et la ligne ci-dessous ; puis, dans les paramètres de Firefox, sous Périphériques de sécurité, chargez /snap/firefox/current/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so (en le tapant), que le snap contient lui-même."
        : "C'est un snap : il ne charge aucun module du dehors et ne peut pas voir vos jetons. Prenez un autre paquet du programme : celui de votre système, ou de son éditeur.",
    flatpak: () =>
      "C'est un flatpak : il ne voit ni le module ni le pont. Ces lignes le lui permettent ; elles ouvrent d'autant son bac à sable, et c'est à vous d'en décider. Fermez d'abord le programme, et relancez-le pendant que le pont est en service :",
    "other-library": () => `Une entrée « Sceau » y mène à un autre module. Si vous n'en avez pas besoin, supprimez-la, ${AGAIN} :`,
    "other-name": () => "Le client de p11-kit y est déjà, sous le nom que quelqu'un d'autre lui a donné.",
    proxy: () => "Le mandataire de p11-kit (p11-kit-proxy) y est déjà, et montre le pont de lui-même.",
    unreadable: () =>
      `Sa liste de modules ne peut pas être lue. Voyez à qui sont le dossier et son pkcs11.txt (ls -l), corrigez cela, ${AGAIN}.`,
    "no-database": () => `Aucun navigateur ni logiciel de messagerie n'a encore servi ici. Lancez une fois le vôtre, fermez-le, ${AGAIN}.`,
    "next-login": () => "Aucun systemd à vous ne répond ici : le service démarrera à votre prochaine session. Sinon :",
    packages: () => `Il manque quelque chose. Installez-le, ${AGAIN} :`,
    "no-systemd": () =>
      "systemd n'est pas en service ici. Là où il l'est, cela prend effet au prochain démarrage ; le pont peut être lancé à la main.",
    text: () => "Copiez ces lignes dans un fichier, et indiquez-le par OPENSSL_CONF=FICHIER devant openssl :",
  },
  stays: "Sceau ne l'a pas écrit : il reste.",
  failed: (problem) => `Quelque chose n'a pas marché : ${problem}`,
  change: {
    write: (path) => `écrire ${path}`,
    replace: (path) => `modifier ${path}`,
    link: (path, target) => `lier ${path} à ${target}`,
    remove: (path) => `supprimer ${path}`,
    run: (line) => `lancer ${line}`,
  },
  nothingChanged: "Ceci a seulement montré ce qui serait fait : rien n'a changé.",
  rootAlone:
    "Sous root, seule la part de l'ordinateur est traitée. Pour le reste, la personne qui signe lance la même commande sans sudo (pour root lui-même : --user).",
  machineLine: "Cette ligne fait ce qui demande les droits d'administrateur :",
  incomplete: "Tout n'a pas pu être fait (✘, !). Faites ce qui y est dit, puis relancez la même commande.",
  allDone: "Tout est déjà en place.",
  nothingThere: "Il n'y a rien de cela ici.",
  doctor: (program) => `Tout fonctionne-t-il ? ${program} doctor`,
};
