// What a token says of itself, signed by its attestation key (protocol/vendor.ts): the head of its signature journal, the destruction of a key.

import { createHash } from "node:crypto";
import { CborMap, type CborValue, decodeCbor } from "../../protocol/cbor.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { ALG_P256, ALG_P384, isRetiredSlot, KEY_SLOTS, P256_POINT_BYTES } from "../../protocol/piv.ts";
import {
  MAX_NONCE_BYTES,
  STATEMENT_ALGORITHM,
  STATEMENT_COUNTER,
  STATEMENT_FIRMWARE,
  STATEMENT_FORMAT,
  STATEMENT_HASH,
  STATEMENT_IS_DESTRUCTION,
  STATEMENT_IS_JOURNAL_HEAD,
  STATEMENT_KIND,
  STATEMENT_NONCE,
  STATEMENT_PREFIX,
  STATEMENT_PROFILE,
  STATEMENT_PUBLIC_KEY,
  STATEMENT_SERIAL,
  STATEMENT_SIMULATED,
  STATEMENT_SLOT,
  VENDOR_FORMAT_VERSION,
} from "../../protocol/vendor.ts";
import { publicKeyOf } from "./ec-public-key.ts";

const HASH_BYTES = 32;
const COMMON_KEYS = [STATEMENT_FORMAT, STATEMENT_KIND, STATEMENT_SERIAL, STATEMENT_FIRMWARE, STATEMENT_PROFILE, STATEMENT_SIMULATED];
const HEAD_KEYS = [...COMMON_KEYS, STATEMENT_NONCE, STATEMENT_COUNTER, STATEMENT_HASH];
const DESTRUCTION_KEYS = [...COMMON_KEYS, STATEMENT_COUNTER, STATEMENT_SLOT, STATEMENT_ALGORITHM, STATEMENT_PUBLIC_KEY];

export interface SignedStatement {
  /** CBOR, deterministically encoded: the signature is over these very bytes, behind STATEMENT_PREFIX. */
  readonly statement: Uint8Array;
  /** Ecdsa-Sig-Value, DER. */
  readonly signature: Uint8Array;
}

interface Speaker {
  /** Of the token: decimal digits. */
  readonly serial: string;
  readonly firmware: readonly [number, number, number];
  /** The factory profile: `strict` or `compat`. */
  readonly profile: string;
  readonly isSimulated: boolean;
}

export interface JournalHead extends Speaker {
  readonly kind: "journal-head";
  readonly nonce: Uint8Array;
  /** Counter of the newest entry; 0: none. */
  readonly counter: number;
  /** Its hash, 32 bytes. */
  readonly hash: Uint8Array;
}

export interface Destruction extends Speaker {
  readonly kind: "destruction";
  /** Counter of the journal's entry that tells it. */
  readonly counter: number;
  readonly slot: number;
  /** ALG_P256 or ALG_P384. */
  readonly algorithm: number;
  /** Uncompressed point. */
  readonly publicKey: Uint8Array;
}

export type Statement = JournalHead | Destruction;

/** SHA-256(STATEMENT_PREFIX ‖ statement): what the attestation key signs, and what the journal's entry of that signature holds. */
export function statementDigest(statement: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(STATEMENT_PREFIX, "ascii").update(statement).digest());
}

function unsignedIn(map: CborMap, key: number): number {
  const value = map.get(key);
  if (typeof value !== "number" || value < 0) throw new MalformedError("not an unsigned number");
  return value;
}

function bytesIn(map: CborMap, key: number, least: number, most: number): Uint8Array {
  const value = map.get(key);
  if (!(value instanceof Uint8Array) || value.length < least || value.length > most)
    throw new MalformedError("not a byte string of that length");
  return value;
}

function speakerIn(map: CborMap): Speaker {
  const version = map.get(STATEMENT_FIRMWARE);
  const numbers = (Array.isArray(version) ? version : []) as readonly CborValue[];
  const [major, minor, patch] = numbers;
  const profile = map.get(STATEMENT_PROFILE);
  const isSimulated = map.get(STATEMENT_SIMULATED);
  const isVersion = typeof major === "number" && typeof minor === "number" && typeof patch === "number" && numbers.length === 3;
  if (!isVersion || Math.min(major, minor, patch) < 0) throw new MalformedError("not a version");
  if (profile !== "strict" && profile !== "compat") throw new MalformedError("no profile that is known");
  if (typeof isSimulated !== "boolean") throw new MalformedError("not a boolean");
  return { serial: String(unsignedIn(map, STATEMENT_SERIAL)), firmware: [major, minor, patch], profile, isSimulated };
}

function destructionIn(map: CborMap): Destruction {
  const slot = unsignedIn(map, STATEMENT_SLOT);
  const algorithm = unsignedIn(map, STATEMENT_ALGORITHM);
  const publicKey = bytesIn(map, STATEMENT_PUBLIC_KEY, P256_POINT_BYTES, 97);
  if (!isRetiredSlot(slot) && KEY_SLOTS.every((known) => known.slot !== slot)) throw new MalformedError("no slot for keys");
  if (algorithm !== (publicKey.length === P256_POINT_BYTES ? ALG_P256 : ALG_P384)) throw new MalformedError("no key of that algorithm");
  if (publicKeyOf(publicKey) === null) throw new MalformedError("no point of the curve");
  return { ...speakerIn(map), kind: "destruction", counter: unsignedIn(map, STATEMENT_COUNTER), slot, algorithm, publicKey };
}

/**
 * Exactly the fields of its kind, in the deterministic encoding; anything else is refused.
 * @throws MalformedError
 */
export function parseStatement(bytes: Uint8Array): Statement {
  const map = decodeCbor(bytes);
  if (!(map instanceof CborMap) || map.get(STATEMENT_FORMAT) !== VENDOR_FORMAT_VERSION) throw new MalformedError("no form that is known");
  const kind = map.get(STATEMENT_KIND);
  if (kind !== STATEMENT_IS_JOURNAL_HEAD && kind !== STATEMENT_IS_DESTRUCTION) throw new MalformedError("no kind that is known");
  const keys = kind === STATEMENT_IS_JOURNAL_HEAD ? HEAD_KEYS : DESTRUCTION_KEYS;
  if (map.keys.length !== keys.length || map.keys.some((key, index) => key !== keys[index]))
    throw new MalformedError("other fields than its kind has");
  if (kind === STATEMENT_IS_DESTRUCTION) return destructionIn(map);
  return {
    ...speakerIn(map),
    kind: "journal-head",
    nonce: bytesIn(map, STATEMENT_NONCE, 0, MAX_NONCE_BYTES),
    counter: unsignedIn(map, STATEMENT_COUNTER),
    hash: bytesIn(map, STATEMENT_HASH, HASH_BYTES, HASH_BYTES),
  };
}
