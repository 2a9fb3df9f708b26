// The names of the certificate profiles.

import { inBothLanguages } from "../../../../host-bridge/web/in-both-languages.ts";

const FRENCH: Readonly<Record<string, string>> = {
  "SIGN-LCP": "Signature, niveau LCP (3 ans)",
  "SIGN-QCP": "Signature, niveau QCP, non qualifié (5 ans)",
  AUTH: "Authentification (3 ans)",
};

const ENGLISH: Readonly<Record<string, string>> = {
  "SIGN-LCP": "Signature, LCP level (3 years)",
  "SIGN-QCP": "Signature, QCP level, not qualified (5 years)",
  AUTH: "Authentication (3 years)",
};

export const profile = inBothLanguages(
  (profile: string) => FRENCH[profile] ?? profile,
  (profile) => ENGLISH[profile] ?? profile,
);
