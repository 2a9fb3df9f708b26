// Ce que dit `sceau flash`, en français.

import type { flashEn } from "./flash-en.ts";

const HELD =
  "Seulement si c'est vous qui avez lancé l'opération : branchez-la bouton pressé jusqu'à ce que sa lumière devienne blanche (environ trois secondes), puis lâchez aussitôt (hardware/boards/jolt-js/README.md).";

export const flashFr: typeof flashEn = {
  help: {
    flash: "donner son micrologiciel à une carte Espruino, le relire et lancer le premier autotest du jeton",
    port: "le port série de la carte",
    board: "le modèle de carte",
    serial: "numéro de série à huit chiffres ; par défaut celui de la carte, sinon un numéro tiré au hasard",
    yes: "ne pas demander avant de remplacer un programme de la carte",
  },
  looking: (port) => `Examiner la carte sur ${port}`,
  writing: "Écrire le micrologiciel et le relire",
  starting: "Démarrer le jeton et son autotest",
  keepsKeys: (serial) =>
    `Il y a un Sceau sur cette carte (numéro de série ${serial}). Seul son programme est remplacé : clés, PIN, certificats et journal restent.`,
  foreignFiles: (files) => `Il y a un autre programme sur cette carte. Il sera effacé : ${files}`,
  confirm: (board) => `Tapez ${board} pour continuer :`,
  model: "Modèle",
  serial: "Numéro de série",
  firmware: "Micrologiciel",
  part: {
    sha256: "SHA-256 : réponse connue",
    aes: "AES : réponse connue",
    p256: "P-256 : réponses connues (clé, signature, secret partagé)",
    random: "octets aléatoires",
    flash: "les pages de la flash sont lisibles",
    button: "le bouton est là et au repos",
    lights: "les broches des voyants obéissent",
  },
  done: (serial) => `Cette carte est maintenant un jeton : ${serial}.`,
  next: (port) => `Pour le servir aux logiciels : sceau bridge --serial ${port}`,
  selfTestFailed: "L'autotest a échoué : n'utilisez pas cette carte comme jeton. Débranchez-la, rebranchez-la et recommencez.",
  failure: {
    "not-built": (board) =>
      board === "jolt-js"
        ? "Le micrologiciel pour jolt-js n'est pas construit. Construisez-le : npm run build:board -- jolt-js"
        : `Il n'y a pas de micrologiciel pour ${board} : aujourd'hui seule jolt-js peut en recevoir un (hardware/boards/README.md).`,
    "damaged-files": (file) =>
      `${file}, dans le dossier de la carte, n'est pas le fichier annoncé par son manifeste. Reconstruisez-le : npm run build:board. Rien n'a été changé.`,
    "no-such-port": (port) =>
      `Il n'y a pas de port ${port}. Branchez la carte par un câble qui transmet les données ; son port est le plus souvent /dev/ttyACM0 (ls /dev/ttyACM*).`,
    "no-answer": () => `Rien ne répond sur ce port. Est-ce bien celui de la carte ? Rebranchez-la et attendez trois secondes. ${HELD}`,
    "token-running": () => `Un Sceau est déjà en service sur cette carte et sa console est fermée. Rien n'a été changé. ${HELD}`,
    "other-board": (board) =>
      `Cette carte se nomme ${board} : ce n'est pas celle de ce micrologiciel (hardware/boards/README.md dit lesquelles existent). Rien n'a été changé.`,
    "too-old": (version) =>
      `L'Espruino de cette carte est trop ancien (${version}). Mettez-le d'abord à jour, en 2v29 ou plus récent : espruino.com/Firmware+Update. Rien n'a été changé.`,
    "no-noise": () => "Cette carte donne toujours les mêmes nombres aléatoires : aucune clé ne peut y être créée. Rien n'a été changé.",
    "flash-taken": (version) =>
      `Cet Espruino (${version}) occupe les pages de flash prévues pour le jeton. Chargez la version officielle pour cette carte. Rien n'a été changé.`,
    "other-serial": (serial) => `Ce jeton a le numéro de série ${serial} et le garde. Omettez --serial. Rien n'a été changé.`,
    refused: (detail) =>
      `La carte refuse : ${detail}\nSa mémoire est-elle pleine ? Sa console (espruino.com/ide) efface tout par : require("Storage").eraseAll()`,
    interrupted: () =>
      "La carte a été débranchée, ou s'est tue. Elle ne démarre aucun programme à moitié écrit : rebranchez-la et relancez la même commande.",
    verification: (file) =>
      `Ce qui a été relu de ${file} n'est pas ce qui a été écrit. La carte ne démarre aucun programme faux. Relancez la même commande ; si cela se répète, la flash de la carte est usée.`,
    "not-started": (detail) =>
      `Le micrologiciel est sur la carte et ne répond pas. Débranchez-la, rebranchez-la sans toucher au bouton, et essayez : sceau bridge --serial PORT${detail === "" ? "" : `\nLa carte a dit : ${detail}`}`,
  },
  port: {
    busy: "Un autre programme occupe ce port : le pont (sceau bridge), ou un terminal. Arrêtez-le et relancez la commande.",
    none: (path) => `${path} n'est pas un port série. Celui d'une carte est le plus souvent /dev/ttyACM0 (ls /dev/ttyACM*).`,
    forbidden: (path, group) =>
      `Vous ne pouvez pas ouvrir ${path}. Son groupe est ${group} : sudo usermod -aG ${group} "$USER", puis fermez et rouvrez la session.`,
    hidForbidden: (path) =>
      `Vous ne pouvez pas ouvrir ${path}. La règle udev de Sceau le permet à la personne devant l'ordinateur : sceau install la met en place.`,
    noLibrary: {
      serial: (reason) => `La bibliothèque des ports série ne peut pas être chargée : ${reason}. Réinstallez les paquets : npm ci`,
      hid: (reason) =>
        `La bibliothèque des jetons USB (HID) ne peut pas être chargée : ${reason}. Sous Debian et Ubuntu : sudo apt install libudev1 libusb-1.0-0`,
      pcsc: (reason) =>
        `La bibliothèque des lecteurs de cartes ne peut pas être chargée : ${reason}. Sous Debian et Ubuntu : sudo apt install pcscd libpcsclite1 libpcsclite-dev, puis npm ci`,
    },
  },
};
