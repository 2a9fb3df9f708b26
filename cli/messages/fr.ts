// What the command line says, in French.

import { activateFr } from "./activate-fr.ts";
import { agentFr } from "./agent-fr.ts";
import { bridgeFr } from "./bridge-fr.ts";
import { doctorFr } from "./doctor-fr.ts";
import { signFr, verifyFr } from "./document-fr.ts";
import type { Messages } from "./en.ts";
import { engineFr } from "./engine-fr.ts";
import { factoryFr } from "./factory-fr.ts";
import { failureFr } from "./failure-fr.ts";
import { flashFr } from "./flash-fr.ts";
import { helpFr } from "./help-fr.ts";
import { installFr } from "./install-fr.ts";
import { officeFr } from "./office-fr.ts";
import { tokenFr } from "./token-fr.ts";
import { tourFr } from "./tour-fr.ts";
import { usbFr } from "./usb-fr.ts";

export const fr: Messages = {
  help: helpFr,
  pinPrompt: {
    sign: (token, document, signer) => `PIN de ${token}, pour signer ${document} au nom de ${signer} :`,
    signFinalTry: (token, document, signer) =>
      `DERNIER ESSAI : un PIN erroné bloque le jeton. PIN de ${token}, pour signer ${document} au nom de ${signer} :`,
    initNew: (token) => `Nouveau PIN du jeton ${token} (6 à 8 chiffres) :`,
    current: (token) => `PIN actuel du jeton ${token}, pour le changer :`,
    next: (token) => `Nouveau PIN du jeton ${token} (6 à 8 chiffres) :`,
    puk: (token) => `PUK du jeton ${token}, pour choisir un nouveau PIN :`,
    request: (token, slot) => `PIN du jeton ${token}, pour prouver la nouvelle clé de ${slot} :`,
  },
  sim: {
    pluggedIn: (name, serial) => `Le jeton simulé ${name} est branché. Numéro de série ${serial}.`,
    howToStop: "Ctrl-C le débranche.",
    unplugged: "Débranché.",
    engine: engineFr,
    usb: usbFr,
  },
  activate: activateFr,
  agent: agentFr,
  bridge: bridgeFr,
  doctor: doctorFr,
  install: installFr,
  token: tokenFr,
  factory: factoryFr,
  flash: flashFr,
  officeServer: officeFr,
  sign: signFr,
  verify: verifyFr,
  office: {
    recordLanguage: "fr",
    recordIn: (folder) => `Le procès-verbal, aussi en anglais, est dans ${folder}`,
    passphraseIn: (file) => `La phrase secrète de la clé de la racine est dans ${file} : emportez les deux, en deux lieux`,
    rootPassphrase: (file) => `Phrase secrète de la clé de la racine dans ${file} :`,
    caMade: (folder) => `L'autorité de certification est dans ${folder}`,
    fingerprint: "Empreinte SHA-256 de la racine",
    root: "Racine",
    issuer: "AC émettrice",
    certified: (path) => `Certificat émis : ${path}`,
  },
  tour: tourFr,
  failure: failureFr,
};
