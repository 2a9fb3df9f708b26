// The office, as an activation sees it: it knows whom it gave the reference number to, and goes on where it was.

import type { NewSecrets } from "../token/initialise.ts";

/** `ready`: nothing was issued yet; `issued`: the possession is still to be proven; `active`: done. */
export type ActivationStage = "ready" | "issued" | "active";

export interface IssuedCertificate {
  readonly id: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly serialNumber: string;
}

export interface ActivationFacts {
  readonly stage: ActivationStage;
  /** Serial number of the token that it is bound to; null: none yet. */
  readonly token: string | null;
  /** From «issued» on. */
  readonly issued: IssuedCertificate | null;
}

/** The token's word for a key; both DER. */
export interface KeyEvidence {
  readonly attestation: Uint8Array;
  readonly issuer: Uint8Array;
}

/** Each may be asked again after an interruption. */
export interface ActivationOffice {
  /** Of officeAddress. */
  readonly address: string;
  state(): Promise<ActivationFacts>;
  /** What the token was given when it was formatted here: kept by the office, sealed. */
  secrets(serial: string, secrets: Pick<NewSecrets, "puk" | "managementKey">): Promise<void>;
  /** @returns the single-use challenge for the certification request */
  challenge(evidence: KeyEvidence): Promise<string>;
  /** @param request PKCS#10, DER */
  certificate(request: Uint8Array, evidence: KeyEvidence): Promise<IssuedCertificate>;
  /** @param signature over proofText (proof-text.ts): Ecdsa-Sig-Value, DER */
  proof(signature: Uint8Array): Promise<void>;
}
