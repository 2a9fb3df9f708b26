// The factory step of one token: it makes its attestation key, the root certifies it, and both are sealed.

import { SW_CONDITIONS_NOT_SATISFIED } from "../../protocol/status-words.ts";
import { SIMULATOR_ROOT } from "../token/attestation-key.ts";
import type { TokenClient } from "../token/token-client.ts";
import { TokenError } from "../token/token-error.ts";
import { type AttestationRoot, certifyAttestationKey, openOrCreateRoot } from "./attestation-root.ts";
import { FactoryError, NotProvisionableError } from "./factory-error.ts";

/**
 * The factory step. Interrupted before its end, it can be done again.
 * @returns the attestation key's certificate, DER
 * @throws NotProvisionableError, FactoryError
 */
export async function provisionToken(client: TokenClient, root: AttestationRoot, now: Date): Promise<Uint8Array> {
  const { serial, model, isSealed, isSimulated } = await client.deviceInfo();
  if (isSealed) throw new NotProvisionableError(serial, true);
  if (!isSimulated && root.name === SIMULATOR_ROOT) throw new FactoryError("simulator-root", root.name);
  try {
    const certificate = await certifyAttestationKey(root, await client.vendor.factoryKey(), { serial, model }, now);
    await client.vendor.factorySeal(certificate);
    return certificate;
  } catch (cause) {
    if (cause instanceof TokenError && cause.sw === SW_CONDITIONS_NOT_SATISFIED) throw new NotProvisionableError(serial, false, { cause });
    throw cause;
  }
}

/**
 * The factory step by the root of this name, made when there is none, of a token that still takes it.
 * @returns false: the token is in use, or sealed; nothing was done
 * @throws FactoryError
 */
export async function provisionIfNew(client: TokenClient, folder: string, rootName: string, now: Date): Promise<boolean> {
  try {
    await provisionToken(client, await openOrCreateRoot(folder, rootName, now), now);
    return true;
  } catch (error) {
    if (error instanceof NotProvisionableError) return false;
    throw error;
  }
}
