// Reads a certification request and proves that whoever made it has the key.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { Pkcs10CertificateRequest, type PublicKey } from "@peculiar/x509";
import { IssuanceError } from "./certificate-authority.ts";

const ID_P256 = "1.2.840.10045.3.1.7";

function parsed(request: Uint8Array): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(new Uint8Array(request));
  } catch (cause) {
    throw new IssuanceError("unreadable", { cause });
  }
}

function isP256(key: PublicKey): boolean {
  const curve = (key.algorithm as { namedCurve?: string }).namedCurve;
  return curve === "P-256" || curve === ID_P256;
}

/** The P-256 key of a request, or the refusal. Reading the algorithm may throw: it is parsed only then. */
function p256Key(request: Pkcs10CertificateRequest): PublicKey {
  try {
    if (isP256(request.publicKey)) return request.publicKey;
  } catch (cause) {
    throw new IssuanceError("key-type", { cause });
  }
  throw new IssuanceError("key-type");
}

/**
 * The key of a request (PKCS#10, DER) whose signature it made.
 * @throws IssuanceError unreadable, key-type, no-possession: whatever the bytes are, nothing else
 */
export async function provenKey(request: Uint8Array): Promise<PublicKey> {
  const pkcs10 = parsed(request);
  const key = p256Key(pkcs10);
  let isProven: boolean;
  try {
    isProven = await pkcs10.verify();
  } catch (cause) {
    throw new IssuanceError("no-possession", { cause }); // a point off the curve, another algorithm, a signature that is none
  }
  if (!isProven) throw new IssuanceError("no-possession");
  return key;
}
