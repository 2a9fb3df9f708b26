// Checks a signed statement: its form, its signature, and whose key made it.

import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { asciiBytes, concatBytes } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { STATEMENT_PREFIX } from "../../protocol/vendor.ts";
import {
  AttestationError,
  type AttestationKey,
  type AttestationProblem,
  type AttestationTrust,
  verifyAttestationKey,
} from "./attestation-key.ts";
import { parseStatement, type SignedStatement, type Statement } from "./statement.ts";

/**
 * As of attestations, where `unreadable` is a statement that has other fields than its kind, `forged` one that the attestation key did not sign, and
 * `other-serial` one of another token than the attestation key's.
 */
export type StatementProblem = AttestationProblem;

export interface StatementReport {
  /** What is said, believed or not; null when it cannot be read. */
  readonly statement: Statement | null;
  /** None: the statement is the token's. */
  readonly problems: readonly StatementProblem[];
}

function readStatement(bytes: Uint8Array): Statement | null {
  try {
    return parseStatement(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

function attestationKey(certificate: Uint8Array, trust: AttestationTrust): AttestationKey | AttestationProblem {
  try {
    return verifyAttestationKey(certificate, trust);
  } catch (error) {
    if (error instanceof AttestationError) return error.problem;
    throw error;
  }
}

/** The key of a certificate that nobody trusts: so that one learns whether the statement is forged, too. */
function untrustedKey(certificate: Uint8Array): KeyObject | null {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch {
    return null;
  }
}

function isSignedBy({ statement, signature }: SignedStatement, key: KeyObject): boolean {
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return false;
  return verify("sha256", concatBytes([asciiBytes(STATEMENT_PREFIX), statement]), { key, dsaEncoding: "der" }, signature);
}

/** @param certificate DER: of the attestation key, as the token or a file gave it */
export function verifyStatement(signed: SignedStatement, certificate: Uint8Array, trust: AttestationTrust): StatementReport {
  const statement = readStatement(signed.statement);
  const attested = attestationKey(certificate, trust);
  const problems: StatementProblem[] = statement === null ? ["unreadable"] : [];
  const isTrusted = typeof attested !== "string";
  const key = isTrusted ? attested.publicKey : untrustedKey(certificate);
  if (key !== null && !isSignedBy(signed, key)) problems.push("forged");
  if (!isTrusted) problems.push(attested);
  else if (statement !== null && attested.serial !== statement.serial) problems.push("other-serial");
  if (isTrusted && attested.isOfSimulator && statement?.isSimulated === false) problems.push("simulator-root");
  return { statement, problems };
}
