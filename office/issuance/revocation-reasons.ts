// The eleven reasons of S42 (../shared/seed-flows.md), in French as the seed guide has them, each with its code of RFC 5280 §5.3.1. Some share a
// code: what was chosen is kept beside it.

export interface RevocationReasonText {
  /** CRLReason; 0 (unspecified) leaves the extension out. */
  readonly code: number;
  readonly fr: string;
  readonly en: string;
}

export const REVOCATION_REASONS = {
  "password-lost": { code: 5, fr: "Oubli ou perte du mot de passe", en: "Password forgotten or lost" },
  "key-compromise": { code: 1, fr: "Clé privée compromise", en: "Private key compromised" },
  "holder-request": { code: 0, fr: "Demande du titulaire", en: "The holder's wish" },
  "holder-update": { code: 3, fr: "Mise à jour des informations du titulaire", en: "The holder's data have changed" },
  "keys-overwritten": { code: 4, fr: "Écrasement des anciennes clés", en: "The old keys were overwritten" },
  "wrong-name": { code: 3, fr: "Nom incorrect", en: "Wrong name" },
  "key-size": { code: 4, fr: "Mauvaise taille des clés", en: "Wrong size of the keys" },
  "defective-certificate": { code: 4, fr: "Certificat défectueux", en: "Defective certificate" },
  "certificate-replaced": { code: 4, fr: "Remplacement du certificat", en: "The certificate was replaced" },
  "non-payment": { code: 9, fr: "Non paiement", en: "Not paid" },
  "holder-left": { code: 3, fr: "Départ ou mutation du titulaire", en: "The holder has left or moved" },
} as const satisfies Readonly<Record<string, RevocationReasonText>>;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

export const isRevocationReason = (text: string): text is RevocationReason => Object.hasOwn(REVOCATION_REASONS, text);

/** Nobody chooses it either: after a restore, a later CRL says that it was revoked, and by which code, but not why. */
export const LISTED = "listed";
export const LISTED_TEXT: Omit<RevocationReasonText, "code"> = {
  fr: "Reprise d'une liste de révocation, après une restauration",
  en: "Taken over from a revocation list, after a restore",
};

/** The clock's own reason, which nobody can choose: possession was not proved in time. */
export const NOT_PROVED = "not-proved";
export const NOT_PROVED_TEXT: RevocationReasonText = {
  code: 0,
  fr: "Possession non prouvée dans les 14 jours",
  en: "Possession not proved within 14 days",
};
