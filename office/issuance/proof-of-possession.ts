// Reads a certification request (PKCS#10, RFC 2986) and proves that whoever made it has the key.

import { webcrypto } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { ChallengePasswordAttribute, cryptoProvider, Pkcs10CertificateRequest, type PublicKey } from "@peculiar/x509";
import { IssuanceError } from "./issuance-error.ts";

cryptoProvider.set(webcrypto);

/** RFC 2985 §5.4.1. */
const ID_CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7";
/** As @peculiar/x509 calls them, with their object identifiers. */
const CURVES = new Set(["P-256", "1.2.840.10045.3.1.7", "P-384", "1.3.132.0.34"]);

export interface ReadRequest {
  /** The office's single-use challenge, in the attribute challengePassword; null: there is none, or not one. */
  readonly challenge: string | null;
  /**
   * The key, when it has signed the request: SubjectPublicKeyInfo, DER.
   * @throws IssuanceError key-type, no-possession
   */
  prove(): Promise<Uint8Array>;
}

/** The key of a request, or the refusal. Reading the algorithm may throw: it is parsed only then. */
function knownKey(request: Pkcs10CertificateRequest): PublicKey {
  try {
    const { namedCurve = "" } = request.publicKey.algorithm as { namedCurve?: string };
    if (CURVES.has(namedCurve)) return request.publicKey;
  } catch (cause) {
    throw new IssuanceError("key-type", { cause });
  }
  throw new IssuanceError("key-type");
}

async function provenKey(request: Pkcs10CertificateRequest): Promise<Uint8Array> {
  const key = knownKey(request);
  let isProven: boolean;
  try {
    isProven = await request.verify();
  } catch (cause) {
    throw new IssuanceError("no-possession", { cause }); // a point off the curve, another algorithm, a signature that is none
  }
  if (!isProven) throw new IssuanceError("no-possession");
  return new Uint8Array(key.rawData);
}

function challengeIn(request: Pkcs10CertificateRequest): string | null {
  const [only, ...more] = request.attributes.filter(({ type }) => type === ID_CHALLENGE_PASSWORD);
  if (!(only instanceof ChallengePasswordAttribute) || more.length > 0 || only.values.length !== 1) return null;
  return only.password;
}

/** @throws IssuanceError unreadable: whatever the bytes are, nothing else */
export function readRequest(der: Uint8Array): ReadRequest {
  try {
    const request = new Pkcs10CertificateRequest(new Uint8Array(der));
    return { challenge: challengeIn(request), prove: () => provenKey(request) };
  } catch (cause) {
    throw new IssuanceError("unreadable", { cause });
  }
}
