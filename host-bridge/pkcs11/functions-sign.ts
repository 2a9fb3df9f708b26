// PKCS#11 2.40 §5.11: signing. CKM_ECDSA: the data is a digest, the signature r ‖ s (§2.3.1).

import { concatBytes } from "../../protocol/bytes.ts";
import { SW_SECURITY_STATUS_NOT_SATISFIED } from "../../protocol/status-words.ts";
import { answerTlv, answerTlvs } from "../token/malformed-answer.ts";
import type { TokenClient } from "../token/token-client.ts";
import { TokenError } from "../token/token-error.ts";
import { TransportError } from "../transport/transport.ts";
import type { Application, Session } from "./application.ts";
import { bytesAt, mechanismAt, numberAt } from "./arguments.ts";
import * as ck from "./ck.ts";
import { CkError } from "./ck-error.ts";
import type { TokenObject } from "./objects.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import type { ContextLogin } from "./user-login.ts";

type TokenKey = NonNullable<TokenObject["key"]>;

const SEQUENCE = 0x30;
/** A digest of SHA-512; longer data is no digest. */
const MAX_DIGEST_BYTES = 64;

/** Ecdsa-Sig-Value (DER) → r ‖ s, `fieldBytes` each. */
export function rawSignature(der: Uint8Array, fieldBytes: number): Uint8Array {
  const integers = answerTlvs(answerTlv(der, SEQUENCE)).map(({ value }) => {
    const fixed = new Uint8Array(fieldBytes);
    const digits = value.length > fieldBytes ? value.subarray(value.length - fieldBytes) : value;
    fixed.set(digits, fieldBytes - digits.length);
    return fixed;
  });
  return concatBytes(integers);
}

const signInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    application.endSigning(session);
    return [];
  }
  if (session.signing !== null) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  if (mechanism.type !== ck.CKM_ECDSA) throw new CkError(ck.CKR_MECHANISM_INVALID);
  const key = application.findObject(session, numberAt(args, 2))?.key;
  if (key === undefined) throw new CkError(ck.CKR_KEY_HANDLE_INVALID);
  session.signing = { key, context: null };
  return [];
};

/** A login whose channel has failed, or on which the PIN counts no more (it was changed elsewhere), is none: the user may log in again. */
function isLoginLost(error: unknown): boolean {
  if (error instanceof TransportError) return error.failure === "silent" || error.failure === "confused";
  return error instanceof TokenError && error.sw === SW_SECURITY_STATUS_NOT_SATISFIED;
}

const signWith = (client: TokenClient, { slot, algorithm }: TokenKey, digest: Uint8Array): Promise<Uint8Array> =>
  client.sign(slot, digest, { algorithm: algorithm.id });

/** For a key without CKA_ALWAYS_AUTHENTICATE: on the login's channel; without login on a new one, where the token decides. */
async function signWithLogin(application: Application, { slot }: Session, key: TokenKey, digest: Uint8Array): Promise<Uint8Array> {
  const login = application.login(slot);
  const client = login?.client ?? (await slot.openClient());
  try {
    return await signWith(client, key, digest);
  } catch (error) {
    if (login !== undefined && application.login(slot) === login && isLoginLost(error)) application.endLogin(slot);
    throw error;
  } finally {
    if (login === undefined) client.close();
  }
}

async function signInContext({ login, client }: ContextLogin, key: TokenKey, digest: Uint8Array): Promise<Uint8Array> {
  let isUsable = false;
  try {
    const signature = await signWith(client, key, digest);
    isUsable = true;
    return signature;
  } finally {
    login.giveBack(client, isUsable);
  }
}

const sign: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = session.signing;
  if (operation === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  const { fieldBytes } = operation.key.algorithm;
  // Asking for the length, or giving too little room, does not end the operation (§5.2).
  if (numberAt(args, 2) < 2 * fieldBytes) return [{ lengthOnly: 2 * fieldBytes }];
  const data = bytesAt(args, 1);
  // Anything else ends it, however it turns out: after a failure the application begins again with C_SignInit.
  const { key, context } = operation;
  if (data.length === 0 || data.length > MAX_DIGEST_BYTES) {
    application.endSigning(session);
    throw new CkError(ck.CKR_DATA_LEN_RANGE);
  }
  session.signing = null;
  // Of a longer digest the leftmost bits count (FIPS 186-5 §6.4.1).
  const digest = data.subarray(0, fieldBytes);
  if (context !== null) {
    // After C_Logout the PIN counts no more; the channel was closed then.
    if (application.login(session.slot) !== context.login) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
    return [rawSignature(await signInContext(context, key, digest), fieldBytes)];
  }
  // The user is asked for the PIN of this very signature (§5.6 C_Login), though the token might take the login's, once.
  if (key.alwaysAuthenticate) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  return [rawSignature(await signWithLogin(application, session, key, digest), fieldBytes)];
};

export const signFunctions: Record<string, PkcsFunction> = { C_SignInit: signInit, C_Sign: sign };
