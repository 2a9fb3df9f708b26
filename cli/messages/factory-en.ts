// What `sceau factory`, `sceau token attest` and the factory step of `sceau sim` say, in English. French has the same keys (factory-fr.ts).

import type { FactoryProblem } from "../../host-bridge/factory/factory-error.ts";

export const factoryEn = {
  help: {
    factory: "the factory: gives new tokens the key with which they tell what they are",
    root: "make a named root, which vouches for the tokens of this factory",
    rootName: "name of the root",
    provision: "make the attestation key of a new token, certify it with a root, and seal both for ever",
    rootOption: "the root to certify with; by default the only one there is",
    attest: "where a key was made and how it is guarded, signed by the token: a chain of certificates (PEM)",
    attestOut: "file for the chain; it must not exist yet",
    profile:
      "of a new token: strict, or compat, which takes the default secrets and 3DES of older tools, for tests with them and never for real keys",
  },
  rootMade: (name: string, path: string) =>
    `The attestation root «${name}» is made. Its certificate, for everybody who is to believe its tokens: ${path}`,
  fingerprint: "SHA-256 fingerprint of the root",
  provisioned: (serial: string, root: string) => `Token ${serial} is sealed: its attestation key is certified by the root «${root}».`,
  attestPin: (serial: string, slot: string) => `PIN of token ${serial}, to attest the key in ${slot}:`,
  attested: (path: string) => `The attestation, the attestation key's certificate and their root: ${path}`,
  attestedWithoutRoot: (path: string) => `The attestation and the attestation key's certificate: ${path}`,
  doubt: (problem: string) => `Not verified: ${problem}.`,
  slot: "Slot",
  algorithm: "Kind of key",
  pinPolicy: "Asks for the PIN",
  buttonPolicy: "Asks for a press",
  origin: "Origin",
  generated: "made on the token",
  token: "Token",
  firmware: "Firmware",
  root: "Root",
  sealed: (serial: string) => `Token ${serial} is sealed already: its attestation key stays as it is for ever. Nothing was changed.`,
  notBlank: (serial: string) =>
    `Token ${serial} is in use: the factory step is for new tokens, before their PIN, PUK or management key are changed. Nothing was changed.`,
  otherProfile: (profile: string) =>
    `This simulated token was made with the profile ${profile}, and keeps it. Choose another name for a new one.`,
  failure: {
    "root-name": (detail) => `«${detail}» is no name for a root: letters, digits, dots and hyphens, 32 at most.`,
    "root-exists": (detail) => `There is a root «${detail}» already. Nothing was changed.`,
    "no-root": (detail) =>
      detail === ""
        ? "There is no attestation root yet. Make one: sceau factory root NAME"
        : `There is no root «${detail}». Make it: sceau factory root ${detail}`,
    "which-root": (detail) => `There are several roots; choose one with --root: ${detail}`,
    "bad-root": (detail) => `The files of the root «${detail}» cannot be read: its key or its certificate is damaged.`,
    model: (detail) => `No certificate can say this of a token's model: ${detail}`,
    "expired-root": (detail) => `The root «${detail}» has expired: it certifies nothing any more. Make a new one.`,
    "simulator-root": (detail) =>
      `The root «${detail}» vouches for simulated tokens only. Make another one for this token: sceau factory root NAME`,
  } satisfies Record<FactoryProblem, (detail: string) => string> as Record<FactoryProblem, (detail: string) => string>,
};
