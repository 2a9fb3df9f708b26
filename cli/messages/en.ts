// What the command line says, in English. French has the same keys (fr.ts); the compiler compares them.

import { activateEn } from "./activate-en.ts";
import { agentEn } from "./agent-en.ts";
import { bridgeEn } from "./bridge-en.ts";
import { doctorEn } from "./doctor-en.ts";
import { signEn, verifyEn } from "./document-en.ts";
import { engineEn } from "./engine-en.ts";
import { factoryEn } from "./factory-en.ts";
import { failureEn } from "./failure-en.ts";
import { flashEn } from "./flash-en.ts";
import { helpEn } from "./help-en.ts";
import { installEn } from "./install-en.ts";
import { officeEn } from "./office-en.ts";
import { tokenEn } from "./token-en.ts";
import { tourEn } from "./tour-en.ts";
import { usbEn } from "./usb-en.ts";

export const en = {
  help: helpEn,
  pinPrompt: {
    sign: (token: string, document: string, signer: string) => `PIN of ${token}, to sign ${document} as ${signer}:`,
    signFinalTry: (token: string, document: string, signer: string) =>
      `LAST TRY: a wrong PIN blocks the token. PIN of ${token}, to sign ${document} as ${signer}:`,
    initNew: (token: string) => `New PIN for token ${token} (6 to 8 digits):`,
    current: (token: string) => `Present PIN of token ${token}, to change it:`,
    next: (token: string) => `New PIN for token ${token} (6 to 8 digits):`,
    puk: (token: string) => `PUK of token ${token}, to set a new PIN:`,
    request: (token: string, slot: string) => `PIN of token ${token}, to prove the new key in ${slot}:`,
  },
  sim: {
    pluggedIn: (name: string, serial: string) => `Simulated token ${name} is plugged in. Serial number ${serial}.`,
    howToStop: "Ctrl-C unplugs it.",
    unplugged: "Unplugged.",
    engine: engineEn,
    usb: usbEn,
  },
  activate: activateEn,
  agent: agentEn,
  bridge: bridgeEn,
  doctor: doctorEn,
  install: installEn,
  token: tokenEn,
  factory: factoryEn,
  flash: flashEn,
  officeServer: officeEn,
  sign: signEn,
  verify: verifyEn,
  office: {
    recordLanguage: "en" as "en" | "fr",
    recordIn: (folder: string) => `The record, in French too, is in ${folder}`,
    passphraseIn: (file: string) => `The passphrase of the root's key is in ${file}: take both away, to two places`,
    rootPassphrase: (file: string) => `Passphrase of the root's key in ${file}:`,
    caMade: (folder: string) => `The certification authority is in ${folder}`,
    fingerprint: "SHA-256 fingerprint of the root",
    root: "Root",
    issuer: "Issuing CA",
    certified: (path: string) => `Certificate issued: ${path}`,
  },
  tour: tourEn,
  failure: failureEn,
};

export type Messages = typeof en;
