// A simulated token with everything that one has who holds it: an attestation key under a root, and secrets of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import type { AttestationTrust } from "../../host-bridge/token/attestation-key.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { ascii, PIN, SECRETS, SERIAL, SimulatedToken } from "./simulated-token.ts";

export const NOW = new Date("2026-03-01T10:20:30Z");

export interface SealedToken {
  readonly token: SimulatedToken;
  /** Of its attestation key, DER. */
  readonly certificate: Uint8Array;
  /** Its root, at a moment at which all is valid. */
  readonly trust: AttestationTrust;
}

/** Each under a root of its own. */
export async function sealedToken(serial = SERIAL): Promise<SealedToken> {
  const folder = mkdtempSync(join(tmpdir(), "sceau-root-"));
  try {
    const root = await createRoot(folder, "test", NOW);
    const token = new SimulatedToken(serial);
    const client = token.client();
    const certificate = await provisionToken(client, root, NOW);
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    client.close();
    return { token, certificate, trust: { roots: [new Uint8Array(root.certificate.rawData)], at: NOW } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
