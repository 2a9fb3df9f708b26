// Ce que dit `sceau sim --engine`, en français.

import type { engineEn } from "./engine-en.ts";

const HOW =
  "Construisez-le depuis les sources d'Espruino pour Linux, ARM 32 bits, avec le fichier de carte LINUX.py, un nombre fixe de variables (« variables » : 40000) et la bibliothèque JIT ; un script qui le lance par qemu-arm convient.";

export const engineFr: typeof engineEn = {
  runsOn: (version, commit) => `C'est Espruino ${version} (${commit}) avec le script d'une Jolt.js.`,
  problem: {
    "not-found": (detail) => `Impossible de lancer ${detail}. Donnez le chemin d'un interpréteur Espruino, ou d'un script qui le lance.`,
    "not-espruino": (detail) => `${detail} ne répond pas comme Espruino.`,
    "no-flat-memory": (detail) => `${detail} n'a pas de mémoire d'un seul tenant : le nombre de ses variables n'est pas fixe. ${HOW}`,
    "too-few-variables": (detail) => `${detail} a trop peu de variables pour le script d'une carte en mémoire. ${HOW}`,
    "not-32-bit": (detail) => `${detail} n'est pas un programme 32 bits. ${HOW}`,
    "no-machine-code": (detail) =>
      `${detail} n'exécute pas le code machine d'un Cortex-M : il est fait pour un autre processeur, ou sa mémoire n'est pas exécutable. ${HOW}`,
    "not-built": (detail) => `Il n'y a pas de script de Jolt.js dans ${detail}. Créez-le : npm run build:board -- jolt-js`,
    ended: (detail) =>
      `L'interpréteur s'est arrêté de lui-même : le jeton est débranché.${detail === "" ? "" : ` Derniers mots :\n${detail}`}`,
    "needs-engine": () =>
      "Ce jeton simulé a été créé avec un interpréteur, dont la mémoire flash contient ses clés : lancez-le avec --engine.",
    "not-on-engine": () => "Ce jeton simulé a été créé sans interpréteur. Choisissez un autre nom pour en créer un avec --engine.",
    "not-with-engine": (detail) => `${detail} ne va pas avec --engine : une carte n'a pas d'autre profil.`,
    "no-usb": () => "--usb ne va pas avec --engine : une Jolt.js montre un port série en USB, ni carte à puce ni HID.",
  },
};
