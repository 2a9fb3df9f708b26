// How people name a dossier: eight characters that are not mistaken for one another; no secret.

import { randomInt } from "node:crypto";

/** Crockford's base32: without I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 8;

export const newDossierNumber = (): string => Array.from({ length: CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
