// Takes a new token out of its factory state: PIN, PUK and management key of its own, and the two data objects that tell tokens apart.

import { randomBytes } from "node:crypto";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { concatBytes, hexToBytes } from "../../protocol/bytes.ts";
import {
  FACTORY_MANAGEMENT_KEY,
  FACTORY_PIN,
  FACTORY_PUK,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  OBJECT_CCC,
  OBJECT_CHUID,
  SLOT_MANAGEMENT,
  TAG_ERROR_DETECTION,
} from "../../protocol/piv.ts";
import type { TokenClient } from "./token-client.ts";

export interface NewSecrets {
  /** null: the officer set it through PKCS#11, and it is known to nobody else. */
  readonly puk: string | null;
  /** Hexadecimal: 16, 24 or 32 bytes. */
  readonly managementKey: string;
  /** Where they are kept, for the report. */
  readonly keptIn: string;
}

/** FASC-N of a card that no US agency issued: agency 9999 (SP 800-73-5 Part 1 §3.1.2). */
const NON_FEDERAL_FASC_N = "d4e739da739ced39ce739d836858210842108421c84210c3eb";
const CHUID_EXPIRY = "20991231";
/** Card capability container for a non-federal card: identifier, versions, empty fields (SP 800-73-5 Part 1 appendix A table 9). */
const CCC_TAIL = "f10121f20121f300f40100f50110f600f700fa00fb00fc00fd00fe00";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Card holder unique identifier with a GUID of its own (SP 800-73-5 Part 1 appendix A table 10). */
function chuid(): Uint8Array {
  return concatBytes([
    encodeTlv(0x30, [hexToBytes(NON_FEDERAL_FASC_N)]),
    encodeTlv(0x34, [randomBytes(16)]),
    encodeTlv(0x35, [ascii(CHUID_EXPIRY)]),
    encodeTlv(0x3e, []),
    encodeTlv(TAG_ERROR_DETECTION, []),
  ]);
}

function cardCapabilities(): Uint8Array {
  return concatBytes([encodeTlv(0xf0, [concatBytes([hexToBytes("a000000116ff02"), randomBytes(14)])]), hexToBytes(CCC_TAIL)]);
}

/** Replaces the factory's management key, if the token still has it, and proves the own one. @param key 16, 24 or 32 bytes */
export async function takeManagementKey(client: TokenClient, key: Uint8Array): Promise<void> {
  if (await client.isFactory(SLOT_MANAGEMENT)) {
    await client.authenticateManagement(hexToBytes(FACTORY_MANAGEMENT_KEY));
    await client.setManagementKey(key);
  }
  await client.authenticateManagement(key);
}

/** CHUID and CCC, where the token has none; after the three secrets are set, on a channel that has proved the management key. */
export async function writeIdentifiers(client: TokenClient): Promise<void> {
  if ((await client.readObject(OBJECT_CHUID)) === null) await client.writeObject(OBJECT_CHUID, chuid());
  if ((await client.readObject(OBJECT_CCC)) === null) await client.writeObject(OBJECT_CCC, cardCapabilities());
}

/**
 * Can be run again after an interruption: what is done already is left as it is.
 * @param keep gives the secrets that are kept for this token, new ones the first time; called before the token is told them. `needsPuk`:
 *   the token has the factory's PUK, so there must be another for it
 * @returns where they are kept
 * @throws TokenError 6D00 on a card that is no token of ours; 6A80 when the token refuses the PIN's form (nothing has been changed then); 63Cx when an earlier run set another PIN
 */
export async function initialiseToken(client: TokenClient, pin: Uint8Array, keep: (needsPuk: boolean) => NewSecrets): Promise<string> {
  client.checkIsOwn("INITIALISE");
  await client.select();
  if (await client.isFactory(KEY_REF_PIV_PIN)) await client.changePin(ascii(FACTORY_PIN), pin);
  else await client.verifyPin(pin);
  const needsPuk = await client.isFactory(KEY_REF_PUK);
  const { puk, managementKey, keptIn } = keep(needsPuk);
  if (needsPuk && puk !== null) await client.changePuk(ascii(FACTORY_PUK), ascii(puk));
  await takeManagementKey(client, hexToBytes(managementKey));
  await writeIdentifiers(client);
  return keptIn;
}
