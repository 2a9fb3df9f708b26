// A simulated token with everything that one has who holds it: an attestation key under a root, and secrets of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import type { AttestationTrust } from "../../host-bridge/token/attestation-key.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { ascii, PIN, SECRETS, SERIAL, SimulatedToken } from "./simulated-token.ts";

export const NOW = new Date("2026-03-01T10:20:30Z");

export interface SealedToken {
  readonly token: SimulatedToken;
  /** Of its attestation key, DER. */
  readonly certificate: Uint8Array;
  readonly root: AttestationRoot;
  /** Its root, at a moment at which all is valid. */
  readonly trust: AttestationTrust;
}

/** Each under a root of its own, or under a given one. */
export async function sealedToken(serial = SERIAL, now = NOW, given?: AttestationRoot): Promise<SealedToken> {
  const folder = mkdtempSync(join(tmpdir(), "sceau-root-"));
  try {
    const root = given ?? (await createRoot(folder, "test", now));
    const token = new SimulatedToken(serial);
    const client = token.client();
    const certificate = await provisionToken(client, root, now);
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    client.close();
    return { token, certificate, root, trust: { roots: [new Uint8Array(root.certificate.rawData)], at: now } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
