// PKCS#11 2.40 §5.11: signing. CKM_ECDSA: the data is a digest, the signature r ‖ s (§2.3.1).

import { parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { concatBytes } from "../../protocol/bytes.ts";
import { P256_DIGEST_BYTES } from "../../protocol/piv.ts";
import type { Application, Session } from "./application.ts";
import { bytesAt, mechanismAt, numberAt } from "./arguments.ts";
import * as ck from "./ck.ts";
import { CkError } from "./ck-error.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const SIGNATURE_BYTES = 64;
const INTEGER_BYTES = 32;
const SEQUENCE = 0x30;
/** A digest of SHA-512; longer data is no digest. */
const MAX_DIGEST_BYTES = 64;

/** Ecdsa-Sig-Value (DER) → r ‖ s. */
export function rawSignature(der: Uint8Array): Uint8Array {
  const integers = parseTlvs(parseOneTlv(der, SEQUENCE)).map(({ value }) => {
    const fixed = new Uint8Array(INTEGER_BYTES);
    const digits = value.length > INTEGER_BYTES ? value.subarray(value.length - INTEGER_BYTES) : value;
    fixed.set(digits, INTEGER_BYTES - digits.length);
    return fixed;
  });
  return concatBytes(integers);
}

const signInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    session.signing = null;
    return [];
  }
  if (session.signing !== null) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  if (mechanism.type !== ck.CKM_ECDSA) throw new CkError(ck.CKR_MECHANISM_INVALID);
  const key = application.findObject(session, numberAt(args, 2))?.key;
  if (key === undefined) throw new CkError(ck.CKR_KEY_HANDLE_INVALID);
  session.signing = { key };
  return [];
};

async function signOnToken(application: Application, session: Session, slot: number, data: Uint8Array): Promise<Uint8Array> {
  // Of a longer digest the leftmost bits count (FIPS 186-5 §6.4.1).
  const digest = data.subarray(0, P256_DIGEST_BYTES);
  const client = application.login(session.slot) ?? (await session.slot.openClient());
  try {
    return rawSignature(await client.sign(slot, digest));
  } finally {
    if (client !== application.login(session.slot)) client.close();
  }
}

const sign: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = session.signing;
  if (operation === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  // Asking for the length, or giving too little room, does not end the operation (§5.2).
  if (numberAt(args, 2) < SIGNATURE_BYTES) return [{ lengthOnly: SIGNATURE_BYTES }];
  session.signing = null;
  const data = bytesAt(args, 1);
  if (data.length === 0 || data.length > MAX_DIGEST_BYTES) throw new CkError(ck.CKR_DATA_LEN_RANGE);
  return [await signOnToken(application, session, operation.key.slot, data)];
};

export const signFunctions: Record<string, PkcsFunction> = { C_SignInit: signInit, C_Sign: sign };
