// What the doctor says of the way to an office, in French.

import type { OfficeFindingTexts } from "./doctor-texts.ts";

const openOrVariable = ({ host, port }: { host: string; port: number }): string =>
  `Faites ouvrir le port TCP ${port} vers ${host} ; s'il y a un proxy, indiquez-le dans HTTPS_PROXY. Pour essayer de nouveau :`;

export const doctorOfficeFr: OfficeFindingTexts = {
  "office-address": {
    looking: "le bureau",
    why: "L'activation demande le certificat au bureau.",
    found: {
      fine: ({ address }) => `Le bureau : ${address}`,
      none: () => "Aucun bureau n'a été nommé : le chemin vers lui n'a pas été essayé.",
      bad: ({ address }) => `« ${address} » n'est pas l'adresse d'un bureau.`,
      insecure: ({ address }) => `${address} n'est pas chiffrée : on ne joint un bureau que par https.`,
      "unreadable-list": ({ path }) => `La liste des bureaux à qui vous faites confiance est illisible, dans ${path}.`,
    },
    mend: {
      none: () => "Nommez-le, comme dans son courriel :",
      bad: () => "Écrivez-la comme dans son courriel, avec https:// :",
      insecure: () => "Écrivez-la avec https:// :",
      "unreadable-list": () => "Déplacez le fichier ; on vous demandera de nouveau si vous faites confiance au bureau.",
    },
  },
  proxy: {
    looking: "le proxy",
    why: "Dans bien des entreprises, on ne sort que par un proxy. HTTPS_PROXY et NO_PROXY (noms, adresses, réseaux comme 10.0.0.0/8) comptent ; HTTP_PROXY et ALL_PROXY, non.",
    found: {
      none: () => "Aucun proxy n'est indiqué (HTTPS_PROXY) : le chemin est direct.",
      used: ({ variable, proxy }) => `Le chemin passe par le proxy ${proxy} (${variable}).`,
      bypassed: ({ variable, host }) => `${variable} excepte ${host} : le chemin est direct.`,
      unusable: ({ variable }) => `${variable} n'est pas l'adresse d'un proxy http : aucun bureau n'est interrogé.`,
    },
    mend: { unusable: () => "Écrivez-la ainsi, dans ce terminal et là où l'agent est lancé :" },
  },
  name: {
    looking: "le nom",
    why: "Sans son adresse, rien ne peut être joint.",
    found: {
      fine: ({ host, addresses }) => `Le nom ${host} est connu : ${addresses}`,
      unknown: ({ host }) => `Personne ne connaît le nom ${host}.`,
      "no-answer": ({ host, code }) => `Le serveur de noms ne répond pas (${code}) : ${host} est introuvable.`,
    },
    mend: {
      unknown: () =>
        "Comparez-le au courriel du bureau. Si l'on ne sort de l'entreprise que par un proxy, indiquez-le dans HTTPS_PROXY ; un nom interne, c'est au réseau de l'ajouter. Pour essayer de nouveau :",
      "no-answer": () => "Cet ordinateur est-il connecté ? Pour essayer de nouveau :",
    },
  },
  connection: {
    looking: "le chemin vers le bureau",
    why: "Le pare-feu doit laisser cet ordinateur sortir vers le bureau.",
    found: {
      fine: ({ host, port }) => `${host} est joint, port ${port}.`,
      refused: ({ host, port }) => `${host} refuse la connexion, port ${port} : un pare-feu, ou rien n'y est en service.`,
      silent: ({ host, port, seconds }) => `${host} n'a pas répondu en ${seconds} s, port ${port} : un pare-feu bloque la connexion.`,
      "no-route": ({ host, port, code }) => `Aucun chemin ne mène à ${host}, port ${port} (${code}).`,
    },
    mend: { refused: openOrVariable, silent: openOrVariable, "no-route": openOrVariable },
  },
  tunnel: {
    looking: "le proxy",
    why: "Le proxy doit transmettre la connexion telle quelle (CONNECT).",
    found: {
      fine: ({ proxy, host, port }) => `Le proxy ${proxy} transmet vers ${host}, port ${port}.`,
      direct: () => "Aucun proxy n'est entre les deux.",
      refused: ({ proxy, host, port, status }) => `Le proxy ${proxy} refuse de transmettre vers ${host}, port ${port} (état ${status}).`,
      login: ({ proxy, status }) => `Le proxy ${proxy} veut un nom et un mot de passe (état ${status}).`,
      silent: ({ proxy, host, port }) => `Le proxy ${proxy} n'arrive pas jusqu'à ${host}, port ${port}.`,
      "not-a-proxy": ({ proxy }) => `Ce qui répond à ${proxy} n'est pas un proxy http.`,
    },
    mend: {
      refused: ({ host, port }) => `Faites autoriser CONNECT vers ${host}:${port} dans le proxy.`,
      login: () => "Mettez-les dans la variable, dans ce terminal et là où l'agent est lancé :",
      silent: ({ host, port }) => `Faites ouvrir ${host}:${port} au proxy.`,
      "not-a-proxy": () => "Demandez la bonne adresse et le bon port du proxy.",
    },
  },
  certificate: {
    looking: "le certificat du bureau",
    why: "Il montre que c'est bien le bureau au bout. Sans lui l'agent ne va pas plus loin, et vous non plus.",
    found: {
      fine: ({ issuer, until }) => `Le certificat du bureau est bon, de ${issuer}, jusqu'au ${until.slice(0, 10)}.`,
      local: () => "Le bureau est sur cet ordinateur : il n'y faut pas de certificat.",
      unchecked: () => "NODE_TLS_REJECT_UNAUTHORIZED=0 est en vigueur : n'importe qui pourrait se faire passer pour le bureau.",
      "unknown-issuer": ({ host, issuer }) =>
        `Le certificat que montre ${host} est de « ${issuer} », que cet ordinateur ne connaît pas : un proxy qui regarde dedans, ou quelqu'un qui écoute.`,
      "system-knows": ({ host, issuer }) =>
        `Le certificat que montre ${host} est de « ${issuer} ». Cet ordinateur connaît cette autorité, Node.js non.`,
      "self-signed": ({ host, subject }) => `Le certificat que montre ${host} se porte garant de lui-même (« ${subject} »).`,
      expired: ({ host, until, now }) =>
        `Le certificat de ${host} a expiré le ${until.slice(0, 10)} ; l'horloge de cet ordinateur dit ${now}.`,
      "not-yet-valid": ({ host, from, now }) =>
        `Le certificat de ${host} commence le ${from.slice(0, 10)} ; l'horloge de cet ordinateur dit ${now}.`,
      name: ({ host, names, subject }) => `Le certificat n'est pas pour ${host}, mais pour ${names || subject}.`,
      "not-tls": ({ host, port }) => `Ce qui répond à ${host}, port ${port}, n'est pas chiffré : pas de TLS.`,
      silent: ({ host, port }) => `${host}, port ${port}, accepte la connexion, puis ne dit rien.`,
      other: ({ host, code }) => `Le certificat de ${host} est refusé (${code}).`,
    },
    mend: {
      unchecked: () => "Ôtez-la, aussi là où l'agent est lancé :",
      "unknown-issuer": () =>
        "Demandez au support en TI si cette autorité est la vôtre. Si oui seulement : son certificat (PEM) sous le nom authority.crt, puis",
      "system-knows": () => "Dites-le à Node.js, dans ce terminal et là où l'agent est lancé :",
      "self-signed": () =>
        "Demandez au bureau si c'est bien son certificat. Si oui seulement : le certificat (PEM) sous le nom authority.crt, puis",
      expired: () => "Si l'horloge est juste, c'est au bureau de le renouveler. Sinon, mettez-la à l'heure :",
      "not-yet-valid": () => "Le plus souvent, c'est l'horloge. Mettez-la à l'heure :",
      name: () => "Comparez l'adresse au courriel du bureau. Si elle est juste, autre chose répond à la place du bureau.",
      "not-tls": () => "Comparez le port au courriel du bureau. S'il est juste, un pare-feu répond à la place du bureau.",
      silent: ({ host, port }) => `Faites laisser passer TLS vers ${host}:${port} tel quel, sans inspection.`,
      other: ({ host, port }) => `Faites laisser passer TLS vers ${host}:${port} tel quel, sans inspection.`,
    },
  },
  answer: {
    looking: "la réponse du bureau",
    why: "Des hôtels et des entreprises mettent leur propre page en travers, tant qu'on ne s'est pas identifié.",
    found: {
      fine: ({ address }) => `Un bureau répond : ${address}`,
      redirected: ({ location }) =>
        `Ce n'est pas le bureau qui répond, mais un renvoi vers ${location || "un endroit inconnu"} : la page d'accueil d'un réseau.`,
      "not-an-office": ({ address, status, title }) =>
        `Ce qui répond à ${address} n'est pas un bureau : ${title === "" ? "" : `« ${title} », `}état ${status}.`,
      silent: ({ address, seconds }) => `${address} prend la question, et n'a pas répondu en ${seconds} s.`,
      broken: ({ address }) => `La connexion avec ${address} s'est interrompue.`,
      down: ({ address, status }) => `Le bureau est en panne : ${address} répond par l'état ${status}.`,
    },
    mend: {
      redirected: () => "Ouvrez une page quelconque dans votre navigateur, identifiez-vous sur le réseau, et relancez le diagnostic.",
      "not-an-office": () => "Comparez l'adresse au courriel du bureau ; il faut peut-être qu'un filtre la laisse passer.",
      silent: () => "Il faut peut-être qu'un filtre le laisse passer : POST, avec du JSON.",
      broken: () => "Il faut peut-être qu'un filtre le laisse passer : POST, avec du JSON.",
      down: () => "Réessayez plus tard, ou prévenez le bureau.",
    },
  },
  clock: {
    looking: "l'horloge",
    why: "C'est d'après l'horloge qu'un certificat est jugé valable ou expiré.",
    found: {
      fine: () => "L'horloge est d'accord avec celle du bureau.",
      untold: () => "L'heure du bureau n'a pas pu être vue.",
      off: ({ seconds, isAhead, here, there }) =>
        `L'horloge de cet ordinateur ${isAhead ? "avance" : "retarde"} de ${Math.round(seconds / 60)} minutes : ici ${here}, au bureau ${there}.`,
      "slightly-off": ({ seconds, isAhead }) => `L'horloge de cet ordinateur ${isAhead ? "avance" : "retarde"} de ${seconds} s.`,
    },
    mend: { off: () => "Mettez-la à l'heure par le réseau :", "slightly-off": () => "Mettez-la à l'heure par le réseau :" },
  },
};
