// Whether the key by which an officer signs in is still theirs to use: a lost token, or a revoked certificate, signs nobody in.

import { eq } from "drizzle-orm";
import { certificates, keys, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";

const TOKENS_IN_SERVICE: readonly string[] = ["assigned", "active"];
const CERTIFICATES_IN_FORCE: readonly string[] = ["issued", "active"];

/**
 * True when a certificate for it is in force and its token in service. A key that this office never certified has nothing to be revoked:
 * what enrolled it decides.
 * @param publicKey SubjectPublicKeyInfo, DER
 */
export async function isKeyInService(db: Database, publicKey: Uint8Array, now: Date): Promise<boolean> {
  const [key] = await db
    .select({ id: keys.id, tokenState: tokens.state })
    .from(keys)
    .innerJoin(tokens, eq(tokens.serial, keys.tokenSerial))
    .where(eq(keys.publicKey, publicKey));
  if (key === undefined) return true;
  if (!TOKENS_IN_SERVICE.includes(key.tokenState)) return false;
  const rows = await db
    .select({ profile: certificates.profile, state: certificates.state, notAfter: certificates.notAfter })
    .from(certificates)
    .where(eq(certificates.keyId, key.id));
  return rows.some(({ profile, state, notAfter }) => profile === "AUTH" && CERTIFICATES_IN_FORCE.includes(state) && notAfter > now);
}
