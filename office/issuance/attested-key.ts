// Whether a key was made on the token that it should be on: what the token said of it (host-bridge/token/attestation.ts), against what the office
// knows and accepts.

import { createHash } from "node:crypto";
import { type Attestation, verifyAttestation } from "../../host-bridge/token/attestation.ts";
import { AttestationError, type AttestationProblem, verifyAttestationKey } from "../../host-bridge/token/attestation-key.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { PIN_POLICY_NEVER } from "../../protocol/piv.ts";
import { TOKEN, type TokenState } from "../states/token-states.ts";
import type { AttestationRoots } from "./issuance-desk.ts";
import { IssuanceError, type IssuanceRefusal } from "./issuance-error.ts";
import { acceptsFirmware, type IssuancePolicy } from "./issuance-policy.ts";
import { PERSON_PROFILES, type PersonProfile } from "./profiles.ts";

/** What a token said of a key, both DER. */
export interface KeyEvidence {
  readonly attestation: Uint8Array;
  /** Certificate of its attestation key (slot F9). */
  readonly issuer: Uint8Array;
}

/** The token, as the office has it on record. */
export interface KnownToken {
  readonly serial: string;
  readonly model: string;
  /** SHA-256 of the certificate of its root, hexadecimal. */
  readonly rootFingerprint: string;
  readonly state: TokenState;
}

export interface KeyCheck {
  readonly evidence: KeyEvidence | null;
  /** SubjectPublicKeyInfo of the request, DER. */
  readonly publicKey: Uint8Array;
  readonly profile: PersonProfile;
  readonly token: KnownToken;
  readonly policy: IssuancePolicy;
  readonly trust: AttestationRoots;
  readonly now: Date;
}

const REFUSAL_OF: Readonly<Record<AttestationProblem, IssuanceRefusal>> = {
  unreadable: "bad-attestation",
  "unknown-version": "bad-attestation",
  "no-attestation-key": "bad-attestation",
  forged: "bad-attestation",
  "other-serial": "bad-attestation",
  untrusted: "untrusted-root",
  "not-a-ca": "untrusted-root",
  "simulator-root": "untrusted-root",
  expired: "expired-attestation",
  "not-yet-valid": "expired-attestation",
};

interface Vouched {
  readonly told: Attestation;
  readonly model: string;
  readonly root: Uint8Array;
}

function vouched({ attestation, issuer }: KeyEvidence, { roots }: AttestationRoots, at: Date): Vouched {
  try {
    const told = verifyAttestation(attestation, issuer, { roots, at });
    const { model, root } = verifyAttestationKey(issuer, { roots, at });
    return { told, model, root };
  } catch (error) {
    if (error instanceof AttestationError) throw new IssuanceError(REFUSAL_OF[error.problem], { cause: error });
    throw error;
  }
}

/** SHA-256 of a certificate, as tokens.root_fingerprint has it: hexadecimal, lower case. */
export const fingerprintOfRoot = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");

function refuseIf(isSo: boolean, refusal: IssuanceRefusal): void {
  if (isSo) throw new IssuanceError(refusal);
}

/** A token that may be given certificates: assigned or in use. */
export const isInService = (state: TokenState): boolean => state === "active" || TOKEN.allows(state, "activate");

/** @throws IssuanceError */
export function checkAttestedKey({ evidence, publicKey, profile, token, policy, trust, now }: KeyCheck): Attestation {
  if (evidence === null) throw new IssuanceError("software-key");
  const { told, model, root } = vouched(evidence, trust, now);
  refuseIf(told.isSimulated && !trust.isDemo, "simulated");
  refuseIf(told.serial !== token.serial || fingerprintOfRoot(root) !== token.rootFingerprint, "other-token");
  refuseIf(model !== token.model || (policy.models !== null && !policy.models.includes(model)), "model");
  refuseIf(!acceptsFirmware(policy, told.firmware), "firmware");
  refuseIf(!equalBytes(subjectPublicKeyInfo(told.publicKey), publicKey), "software-key");
  refuseIf(told.slot !== PERSON_PROFILES[profile].slot, "slot");
  refuseIf(told.pinPolicy === PIN_POLICY_NEVER || (told.profile !== "strict" && !trust.isDemo), "key-policy");
  refuseIf(!isInService(token.state), "withdrawn-device");
  return told;
}
