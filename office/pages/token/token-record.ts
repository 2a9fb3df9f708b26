// A token as its sheet shows it: what the office knows of it, its keys and their certificates.

import { createHash, createPublicKey } from "node:crypto";
import { and, asc, eq, inArray } from "drizzle-orm";
import { type SecretsKept, secretsKept } from "../../activation/secret-release.ts";
import type { KeyState } from "../../states/key-states.ts";
import { keys, offices, organisations, people, tokens } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { certificatesOfToken, type ListedCertificate } from "../certificate/certificate-list.ts";
import { NothingThereError } from "../edge/visit.ts";

export interface ShownKey {
  readonly id: string;
  readonly slot: string;
  /** «P-256». */
  readonly algorithm: string;
  /** SHA-256 of SubjectPublicKeyInfo, hexadecimal. */
  readonly fingerprint: string;
  readonly state: KeyState;
  readonly createdAt: Date;
}

export interface TokenRecord {
  readonly token: typeof tokens.$inferSelect;
  readonly office: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly isHeld: boolean;
  /** null: nobody's, or somebody's in an office that is none of the officer's. */
  readonly holder: { readonly id: string; readonly name: string; readonly email: string } | null;
  readonly keys: readonly ShownKey[];
  /** Of all its keys; of somebody in another office they are counted, not shown. */
  readonly certificates: readonly ListedCertificate[];
  readonly areCertificatesShown: boolean;
  /** PUK and management key. */
  readonly secrets: SecretsKept;
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384" };

/** @param spki SubjectPublicKeyInfo, DER */
export function algorithmOf(spki: Uint8Array): string {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  const curve = asymmetricKeyDetails?.namedCurve;
  return curve === undefined ? (asymmetricKeyType ?? "?").toUpperCase() : `ECDSA ${CURVES[curve] ?? curve}`;
}

export const fingerprintOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** @param scope the offices that the officer may look into @throws NothingThereError */
export async function tokenRecord(db: Database, serial: string, scope: readonly string[]): Promise<TokenRecord> {
  const [row] = await db
    .select()
    .from(tokens)
    .innerJoin(offices, eq(offices.id, tokens.officeId))
    .leftJoin(people, eq(people.id, tokens.personId))
    .leftJoin(organisations, eq(organisations.id, people.organisationId))
    .where(and(eq(tokens.serial, serial), inArray(tokens.officeId, [...scope])));
  if (row === undefined) throw new NothingThereError();
  const own = await db.select().from(keys).where(eq(keys.tokenSerial, serial)).orderBy(asc(keys.createdAt), asc(keys.slot));
  const isInScope = row.organisations !== null && scope.includes(row.organisations.officeId);
  const holder = isInScope ? row.people : null;
  return {
    token: row.tokens,
    office: row.offices,
    isHeld: row.people !== null,
    holder: holder && { id: holder.id, name: `${holder.givenName} ${holder.surname}`, email: holder.email },
    keys: own.map(({ id, slot, publicKey, state, createdAt }) => ({
      id,
      slot,
      state,
      createdAt,
      algorithm: algorithmOf(publicKey),
      fingerprint: fingerprintOf(publicKey),
    })),
    certificates: await certificatesOfToken(db, serial),
    areCertificatesShown: isInScope || row.people === null,
    secrets: await secretsKept(db, serial),
  };
}
