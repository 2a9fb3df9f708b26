// PUK and management key of a token, encrypted to the office. What a program says of a token counts for nothing until that token has vouched for a
// key: so it waits with the activation, and goes on record with the certificate.

import { and, eq, gt, inArray } from "drizzle-orm";
import { equalBytes } from "../../protocol/bytes.ts";
import type { AuditEvent } from "../audit/audit-trail.ts";
import { requireFree } from "../enrolment/officer-token.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { activations, tokenSecrets } from "../store/application-schema.ts";
import { certificates, keys, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { ActivationError } from "./activation-error.ts";
import type { Activation, HeldActivation } from "./activation-record.ts";

export const PUK_BYTES = 8;
export const MANAGEMENT_KEY_BYTES = [16, 24, 32] as const;

export interface TokenSecrets {
  /** As it is typed, in ASCII. */
  readonly puk: Uint8Array;
  readonly managementKey: Uint8Array;
}

const purposeOf = (serial: string): string => `token-secrets:${serial}`;

function seal(sealing: Sealing, serial: string, { puk, managementKey }: TokenSecrets): Uint8Array {
  const plain = Buffer.concat([puk, managementKey]);
  try {
    return sealing.seal(purposeOf(serial), plain);
  } finally {
    plain.fill(0);
  }
}

/** @throws SealError */
export function openSecrets(sealing: Sealing, serial: string, sealed: Uint8Array): TokenSecrets {
  const plain = sealing.open(purposeOf(serial), sealed);
  return { puk: plain.slice(0, PUK_BYTES), managementKey: plain.slice(PUK_BYTES) };
}

function isSame(a: TokenSecrets, b: TokenSecrets): boolean {
  return equalBytes(a.puk, b.puk) && equalBytes(a.managementKey, b.managementKey);
}

/** A certificate of one of its keys that is valid, or may become so: the token was not reset, or its holder has not said so. */
async function hasLiveCertificate(tx: Database, serial: string, now: Date): Promise<boolean> {
  const rows = await tx
    .select({ id: certificates.id })
    .from(certificates)
    .innerJoin(keys, eq(keys.id, certificates.keyId))
    .where(and(eq(keys.tokenSerial, serial), inArray(certificates.state, ["issued", "active"]), gt(certificates.notAfter, now)))
    .limit(1);
  return rows.length > 0;
}

/**
 * Takes what a token was given, in the transaction that holds the activation.
 * @returns whether something is new
 * @throws ActivationError secrets-known; IssuanceError unassigned, other-stock, withdrawn-device
 */
export async function keepSecrets(
  tx: Database,
  sealing: Sealing,
  { activation, personId, actor }: HeldActivation,
  serial: string,
  secrets: TokenSecrets,
  now: Date,
): Promise<AuditEvent | null> {
  const [token] = await tx.select().from(tokens).where(eq(tokens.serial, serial)).for("update");
  if (token !== undefined) await requireFree(tx, token, personId);
  const [known] = await tx.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, serial)).for("update");
  if (known !== undefined) {
    if (isSame(openSecrets(sealing, serial, known.sealed), secrets)) {
      await forgetWaiting(tx, activation);
      return null;
    }
    if (await hasLiveCertificate(tx, serial, now)) throw new ActivationError("secrets-known");
  }
  const sealed = seal(sealing, serial, secrets);
  // Its certificate is here, so it has vouched for a key already.
  if (activation.tokenSerial === serial && token !== undefined) return record(tx, { serial, sealed }, actor, now);
  await tx.update(activations).set({ secretsSerial: serial, secretsSealed: sealed }).where(eq(activations.id, activation.id));
  return null;
}

/** @returns what is to be audited, last of all */
async function record(tx: Database, kept: { serial: string; sealed: Uint8Array }, actor: string, now: Date): Promise<AuditEvent> {
  const { serial, sealed } = kept;
  const row = { sealed, storedBy: actor, storedAt: now };
  await tx
    .insert(tokenSecrets)
    .values({ tokenSerial: serial, ...row })
    .onConflictDoUpdate({ target: tokenSecrets.tokenSerial, set: row });
  return { at: now, actor, action: "secrets.store", subject: `token:${serial}` };
}

async function forgetWaiting(tx: Database, { id }: Activation): Promise<void> {
  await tx.update(activations).set({ secretsSerial: null, secretsSealed: null }).where(eq(activations.id, id));
}

/**
 * No certificate before the office could help its holder: PUK and management key of this token wait with the activation, or are on record from an earlier
 * one. What another office or the factory knows of the token is of no use here.
 * @throws ActivationError secrets-missing
 */
export async function requireSecrets(tx: Database, { secretsSerial }: Activation, serial: string): Promise<void> {
  if (secretsSerial === serial) return;
  const [known] = await tx.select({ serial: tokenSecrets.tokenSerial }).from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, serial));
  if (known === undefined) throw new ActivationError("secrets-missing");
}

/** The token has vouched for a key, and is held: what waited with the activation is on record from now on. @returns what is to be audited */
export async function recordWaiting(
  tx: Database,
  { activation, actor }: HeldActivation,
  serial: string,
  now: Date,
): Promise<AuditEvent | null> {
  const { secretsSerial, secretsSealed } = activation;
  if (secretsSerial === null || secretsSealed === null) return null;
  await forgetWaiting(tx, activation);
  // Of another token, which was tried before.
  if (secretsSerial !== serial) return null;
  return record(tx, { serial, sealed: secretsSealed }, actor, now);
}
