// What `sceau bridge` says, in French.

import type { PinQuestion } from "../../host-bridge/pin-prompt/pin-prompt.ts";
import type { bridgeEn } from "./bridge-en.ts";

const purpose: Record<PinQuestion["what"], (token: string, key: string) => string> = {
  login: (token) => `Un logiciel veut utiliser le jeton ${token}.\n\nLe PIN ne va qu'au jeton ; le logiciel ne le voit pas.`,
  signature: (token, key) =>
    `Un logiciel demande UNE SIGNATURE au jeton ${token}${key === "" ? "" : `, avec la clé ${key}`}.\n\nRefusez si vous ne venez pas de demander une signature.`,
  decryption: (token, key) =>
    `Un logiciel demande au jeton ${token} de DÉCHIFFRER UN MESSAGE${key === "" ? "" : `, avec la clé ${key}`}.\n\nRefusez si vous ne venez pas d'ouvrir un message chiffré.`,
  "key-agreement": (token, key) =>
    `Un logiciel demande au jeton ${token} de CONVENIR D'UN SECRET${key === "" ? "" : `, avec la clé ${key}`} : il ouvre un message chiffré ou une connexion chiffrée.\n\nRefusez si vous ne venez pas d'en ouvrir.`,
  officer: (token) => `Un logiciel veut administrer le jeton ${token}. Il y faut son PUK, et non son PIN.`,
  "old-pin": (token) => `Un logiciel veut changer le PIN du jeton ${token}. D'abord son PIN actuel.`,
  "new-pin": (token) => `Choisissez un nouveau PIN pour le jeton ${token} : 6 à 8 chiffres.`,
};

export const bridgeFr: typeof bridgeEn = {
  ready: "Le pont est en service. Les logiciels le joignent par cette ligne :",
  readyByItself: "Le pont est en service. Le client de p11-kit le trouve de lui-même ; là où l'environnement est autre, par cette ligne :",
  tokenIn: (name, serial) => `+ jeton ${name}, numéro de série ${serial}`,
  tokenOut: (name) => `- jeton ${name}`,
  tokenRefused: (name, reason) => `! le jeton ${name} ne répond pas : ${reason}`,
  forbidden: {
    serial: (path, group) =>
      `! seul le groupe ${group} peut ouvrir ${path}. Rejoignez-le, puis reconnectez-vous : sudo usermod -aG ${group} "$USER". Nouvel essai dès que cela change.`,
    hid: (path) =>
      `! vous ne pouvez pas ouvrir ${path}. Une règle udev le permet à la personne devant l'ordinateur : sceau install la met en place. Nouvel essai dès que cela change.`,
  },
  trouble: {
    simulators: (reason) => `! la recherche de jetons simulés a échoué et continue : ${reason}`,
    hid: (reason) => `! la recherche de jetons USB (HID) a échoué et continue : ${reason}`,
    serial: (reason) => `! la recherche de jetons sur les ports série a échoué et continue : ${reason}`,
    pcsc: (reason) => `! la recherche de cartes dans les lecteurs a échoué et continue : ${reason}`,
    pcscd: (reason) =>
      `! pcscd ne répond pas ; nouvel essai régulièrement : ${reason}\n  sceau doctor en trouve la cause. Pas installé ? Sous Debian et Ubuntu : sudo apt install pcscd vsmartcard-vpcd`,
    vpcd: (reason) =>
      `! aucun lecteur ne prend le jeton ; nouvel essai régulièrement : ${reason}\n  Le lecteur est celui de vpcd (sudo apt install vsmartcard-vpcd, puis sudo systemctl restart pcscd), et personne d'autre ne doit l'occuper. sceau doctor en dit plus.`,
    "pin-prompt": (reason) => `! aucun PIN n'a pu être demandé : ${reason}`,
    "hid-library": (reason) =>
      `! les jetons USB (HID) ne sont pas vus : ${reason}\n  Sous Debian et Ubuntu : sudo apt install libudev1 libusb-1.0-0\n  Tous les autres sont servis ; --no-hid s'en passe.`,
    "serial-library": (reason) =>
      `! les ports série ne peuvent pas être ouverts : ${reason}\n  Tous les autres jetons sont servis ; --no-serial s'en passe.`,
    "pcsc-library": (reason) =>
      `! les cartes dans les lecteurs ne sont pas vues : ${reason}\n  Sous Debian et Ubuntu : sudo apt install pcscd libpcsclite1 libpcsclite-dev, puis npm ci\n  Tous les autres jetons sont servis.`,
  },
  pcsc: {
    in: (name, reader) => `> le jeton ${name} est dans un lecteur de carte à puce (${reader})`,
    out: (name, reader) => `< le jeton ${name} n'est plus dans le lecteur de carte à puce (${reader})`,
    stranger: (name, reader, uid) =>
      `! un programme d'un autre utilisateur (uid ${uid}) attend en ${reader}, là où devrait être le lecteur de carte à puce. Le jeton ${name} ne lui est pas remis. sceau doctor en dit plus.`,
    full: (name) => `! les deux lecteurs de carte à puce sont pris : le jeton ${name} aura le premier qui se libère.`,
  },
  defaultTaken: (path) =>
    `Un autre serveur (celui de p11-kit, ou un autre pont) occupe ${path}, où le client de p11-kit cherche de lui-même. Il n'a pas été dérangé.`,
  defaultFailed: (path, reason) => `! le client de p11-kit ne trouvera pas le pont de lui-même : pas de socket en ${path} : ${reason}`,
  stopped: "Le pont est arrêté.",
  registered: (path) => `Le pont est désormais un module de p11-kit, pour tous vos logiciels qui interrogent p11-kit : ${path}`,
  unregistered: (path) => `${path} a été supprimé.`,
  notRegistered: (path) => `Rien à supprimer : ${path} n'existe pas`,
  rootReadsNone:
    "Note : p11-kit ne lit les modules d'aucun utilisateur dans les programmes de root. Lancez ceci sous l'utilisateur dont les logiciels doivent voir les jetons.",
  pin: {
    title: "Sceau",
    describe: (what, token, key) => purpose[what](token, key),
    label: {
      login: "PIN :",
      signature: "PIN :",
      decryption: "PIN :",
      "key-agreement": "PIN :",
      officer: "PUK :",
      "old-pin": "PIN :",
      "new-pin": "Nouveau PIN :",
    },
    again: "Encore une fois :",
    notTheSame: "Les deux saisies diffèrent.",
    triesLeft: (left) => `Il reste ${left} essais.`,
    lastTry: "DERNIER ESSAI : une erreur bloque le jeton.",
  },
  help: {
    serial: "port série à ouvrir, quoi qu'il y ait là (répétable)",
    noSerial: "n'ouvrir aucun port série",
    noHid: "n'ouvrir aucun périphérique USB HID",
    reader: "servir la carte PIV du lecteur de ce nom, ou dont le nom contient ceci ; any : celles de tous (répétable)",
    defaultSocket: "être là où le client de p11-kit cherche sans aucune variable ; par défaut sans --state",
    noDefaultSocket: "ne pas y être",
    register: "faire du pont un module de p11-kit pour votre utilisateur, puis finir",
    unregister: "l'annuler, puis finir",
    pcsc: "mettre aussi les deux premiers jetons dans les lecteurs de carte virtuels de pcscd (HÔTE:PORT du premier)",
    askPin: "demander les PIN par pinentry, quand les logiciels le laissent au pont",
  },
};
