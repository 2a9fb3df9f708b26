// What `sceau agent` says, in French.

import type { agentEn } from "./agent-en.ts";

export const agentFr: typeof agentEn = {
  help: {
    agent: "vos propres pages dans le navigateur : signer, gérer un jeton, l'activer ; jusqu'à Ctrl-C",
    port: "port, sur cet ordinateur seulement",
    noOpen: "ne pas ouvrir le navigateur",
    noSerial: "laisser de côté les ports série",
    noHid: "laisser de côté l'USB (HID)",
    anyUser: "les autres utilisateurs de cet ordinateur aussi peuvent s'en servir : seulement là où rien ne les distingue",
  },
  ready: (address) => `Vos pages sont à l'adresse ${address}`,
  anyUser: "ATTENTION : tout utilisateur de cet ordinateur atteint ces pages tant que l'agent fonctionne.",
  otherPort: (port) =>
    `Les liens des pages de bureaux mènent au port ${port} et ne trouvent pas cet agent. Lancez-le sans --port pour ces liens, ou activez avec : sceau activate --office ADRESSE`,
  howToStop: "Ctrl-C l'arrête.",
  stopped: "L'agent est arrêté.",
  unexpected: (id, type) => `! erreur imprévue ${id} : ${type}`,
  failure: {
    "port-taken": (port) =>
      `Le port ${port} est pris : par un agent à vous, et un second est alors inutile, ou par un autre programme ou un autre utilisateur. Un autre port : sceau agent --port ${port + 1}. Les liens des pages d'un bureau mènent seulement au port habituel.`,
    "no-peers": () =>
      "Ce système ne dit pas lequel de ses utilisateurs s'adresse à un programme : d'autres pourraient se servir de votre jeton par l'agent. Sur un ordinateur que vous êtes seul à utiliser : sceau agent --any-user",
  },
};
