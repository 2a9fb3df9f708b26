// Which attestation keys are believed, and the token's own.

import { rootCertificates } from "../host-bridge/factory/attestation-root.ts";
import { OBJECT_ATTESTATION_CERTIFICATE } from "../protocol/piv.ts";
import { readCertificates } from "./certificates.ts";
import type { CliContext } from "./context.ts";
import type { ConnectedToken } from "./tokens.ts";
import { UsageError } from "./usage-error.ts";

/** Roots to believe, DER: those given, else the state folder's own factory's. @throws UsageError bad-certificate; FactoryError bad-root */
export function attestationRoots({ state }: CliContext, files: readonly string[] | undefined): Uint8Array[] {
  if (files !== undefined) return files.flatMap(readCertificates);
  return rootCertificates(state.factory);
}

/** The certificate of the token's attestation key, DER. @throws UsageError not-sealed */
export async function attestationCertificate({ client, info: { serial } }: ConnectedToken): Promise<Uint8Array> {
  const certificate = await client.readCertificate(OBJECT_ATTESTATION_CERTIFICATE);
  if (certificate === null) throw new UsageError("not-sealed", serial);
  return certificate;
}
