// The record of a key ceremony: what was made, when, and who was there; to be printed, signed and kept.

import type { CeremonyKind } from "./authority-folder.ts";
import type { KeyPlace } from "./new-issuer.ts";
import type { CrlEntry } from "./x509-signing.ts";

export const RECORD_LANGUAGES = ["fr", "en"] as const;
export type RecordLanguage = (typeof RECORD_LANGUAGES)[number];

/** Its name in the ceremony's folder. */
export const recordFile = (language: RecordLanguage): string => `record-${language}.txt`;

export interface CeremonyCertificate {
  readonly subject: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256: pairs of digits with colons. */
  readonly fingerprint: string;
}

export interface CeremonyRecord {
  readonly kind: CeremonyKind;
  readonly number: number;
  readonly at: Date;
  readonly witnesses: readonly string[];
  readonly root: CeremonyCertificate;
  readonly rootCrl: { readonly number: number; readonly nextUpdate: Date; readonly revoked: readonly CrlEntry[] };
  /** `sha256` of the file; null: it was brought, not made. */
  readonly rootKey: { readonly file: string; readonly sha256: string | null };
  readonly issuer: { readonly name: string; readonly keyPlace: KeyPlace; readonly certificate: CeremonyCertificate } | null;
  readonly responder: CeremonyCertificate | null;
}

interface Words {
  readonly title: string;
  readonly kind: Readonly<Record<CeremonyKind, string>>;
  readonly number: string;
  readonly at: string;
  readonly root: string;
  readonly issuer: string;
  readonly responder: string;
  readonly subject: string;
  readonly serialNumber: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly fingerprint: string;
  readonly rootCrl: string;
  readonly nextUpdate: string;
  readonly revoked: string;
  readonly nothing: string;
  readonly reasonCode: string;
  readonly rootKeyMade: string;
  readonly rootKeyBrought: string;
  readonly rootKeyAdvice: readonly string[];
  readonly key: string;
  readonly passphraseIn: string;
  readonly name: string;
  readonly present: string;
  readonly nobody: string;
  readonly signature: string;
}

const WORDS: Readonly<Record<RecordLanguage, Words>> = {
  fr: {
    title: "PROCÈS-VERBAL DE CÉRÉMONIE DE CLÉS",
    kind: {
      establish: "Création de l'autorité de certification",
      "roll-over": "Nouvelle autorité émettrice",
      "root-crl": "Liste de révocation de la racine",
    },
    number: "Cérémonie no",
    at: "Date (UTC)",
    root: "CERTIFICAT RACINE",
    issuer: "CERTIFICAT DE L'AUTORITÉ ÉMETTRICE",
    responder: "CERTIFICAT DU RÉPONDEUR OCSP",
    subject: "Nom",
    serialNumber: "No de série",
    validFrom: "Valable du",
    validTo: "au",
    fingerprint: "Empreinte SHA-256",
    rootCrl: "LISTE DE RÉVOCATION DE LA RACINE",
    nextUpdate: "À refaire avant le",
    revoked: "Révoqués",
    nothing: "aucun certificat",
    reasonCode: "motif (RFC 5280)",
    rootKeyMade: "Clé de la racine, chiffrée, dans le fichier",
    rootKeyBrought: "Clé de la racine, apportée dans le fichier",
    rootKeyAdvice: [
      "Ce fichier est le seul exemplaire de la clé. Copiez-le sur deux supports gardés en",
      "deux lieux, la phrase secrète ailleurs, puis effacez-le de cette machine : la racine",
      "n'est hors ligne qu'à partir de là.",
    ],
    key: "Clé",
    passphraseIn: "fichier chiffré ; phrase secrète dans",
    name: "Nom court",
    present: "PERSONNES PRÉSENTES",
    nobody: "personne n'a été nommé",
    signature: "Signature",
  },
  en: {
    title: "RECORD OF A KEY CEREMONY",
    kind: {
      establish: "The certification authority was made",
      "roll-over": "A new issuing CA was made",
      "root-crl": "The root's revocation list was signed",
    },
    number: "Ceremony no.",
    at: "Date (UTC)",
    root: "ROOT CERTIFICATE",
    issuer: "CERTIFICATE OF THE ISSUING CA",
    responder: "CERTIFICATE OF THE OCSP RESPONDER",
    subject: "Name",
    serialNumber: "Serial number",
    validFrom: "Valid from",
    validTo: "to",
    fingerprint: "SHA-256 fingerprint",
    rootCrl: "THE ROOT'S REVOCATION LIST",
    nextUpdate: "To be renewed before",
    revoked: "Revoked",
    nothing: "no certificate",
    reasonCode: "reason (RFC 5280)",
    rootKeyMade: "Key of the root, encrypted, in the file",
    rootKeyBrought: "Key of the root, brought in the file",
    rootKeyAdvice: [
      "This file is the only copy of the key. Copy it onto two media that are kept in two",
      "places, the passphrase in another, and then erase it from this machine: only from",
      "then on is the root offline.",
    ],
    key: "Key",
    passphraseIn: "encrypted file; its passphrase is in",
    name: "Short name",
    present: "WHO WAS THERE",
    nobody: "nobody was named",
    signature: "Signature",
  },
};

const LABEL_WIDTH = 22;
const RULE = "-".repeat(84);

const day = (date: Date): string => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
const field = (label: string, value: string): string => `  ${label.padEnd(LABEL_WIDTH)}  ${value}`;

/** 32 pairs in two lines: to be compared by eye. */
function fingerprintLines(words: Words, fingerprint: string): string[] {
  const pairs = fingerprint.split(":");
  const half = pairs.length / 2;
  return [field(words.fingerprint, pairs.slice(0, half).join(" ")), field("", pairs.slice(half).join(" "))];
}

function certificateLines(words: Words, title: string, certificate: CeremonyCertificate, more: readonly string[] = []): string[] {
  return [
    RULE,
    title,
    field(words.subject, certificate.subject),
    ...more,
    field(words.serialNumber, certificate.serialNumber),
    field(words.validFrom, day(certificate.notBefore)),
    field(words.validTo, day(certificate.notAfter)),
    ...fingerprintLines(words, certificate.fingerprint),
  ];
}

function keyLines(words: Words, place: KeyPlace): string[] {
  return "uri" in place ? [field(words.key, place.uri)] : [field(words.key, words.passphraseIn), field("", place.passphraseFile)];
}

function rootKeyLines(words: Words, { file, sha256 }: CeremonyRecord["rootKey"]): string[] {
  if (sha256 === null) return ["", `  ${words.rootKeyBrought}`, `    ${file}`];
  return ["", `  ${words.rootKeyMade}`, `    ${file}`, `    SHA-256 ${sha256}`, ...words.rootKeyAdvice.map((line) => `  ${line}`)];
}

function crlLines(words: Words, { number, nextUpdate, revoked }: CeremonyRecord["rootCrl"]): string[] {
  const entries = revoked.map(({ serialNumber, reasonCode }) => field("", `${serialNumber}, ${words.reasonCode} ${reasonCode}`));
  const lines = entries.length === 0 ? [field(words.revoked, words.nothing)] : [field(words.revoked, ""), ...entries];
  return [RULE, `${words.rootCrl} (${number})`, field(words.nextUpdate, day(nextUpdate)), ...lines];
}

/** Plain text of 84 columns; names longer than that are not broken. */
export function ceremonyRecord(record: CeremonyRecord, language: RecordLanguage): string {
  const words = WORDS[language];
  const { issuer, responder, witnesses } = record;
  const lines = [
    words.title,
    words.kind[record.kind],
    "",
    field(words.number, String(record.number)),
    field(words.at, day(record.at)),
    ...certificateLines(words, words.root, record.root),
    ...rootKeyLines(words, record.rootKey),
    ...crlLines(words, record.rootCrl),
  ];
  if (issuer !== null) {
    const more = [field(words.name, issuer.name), ...keyLines(words, issuer.keyPlace)];
    lines.push(...certificateLines(words, words.issuer, issuer.certificate, more));
  }
  if (responder !== null) lines.push(...certificateLines(words, words.responder, responder));
  lines.push(RULE, words.present);
  if (witnesses.length === 0) lines.push(`  ${words.nobody}`);
  for (const witness of witnesses) lines.push("", `  ${witness}`, `  ${words.signature}: ${"_".repeat(50)}`);
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
