// The key that a call names by its handle: is it one, of the kind that the call asks for, and may it be used so?

import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { isTrue, type TokenObject } from "../objects/token-object.ts";
import type { Application, Session } from "./application.ts";

const KEY_CLASSES = [ck.CKO_PUBLIC_KEY, ck.CKO_PRIVATE_KEY, ck.CKO_SECRET_KEY];

/** An attribute of 8 bytes as a number; null: the object has none. */
export function ulongOf({ attributes }: TokenObject, type: number): number | null {
  const value = attributes.get(type);
  return value?.length === 8 ? Number(Buffer.from(value).readBigUInt64LE()) : null;
}

/**
 * @param objectClass CKO_*; null: any kind of key
 * @param use CKA_SIGN, CKA_VERIFY, CKA_DERIVE: what the key must be good for; null: anything
 * @throws CkError CKR_KEY_HANDLE_INVALID (no object that this session sees, or no key), CKR_KEY_TYPE_INCONSISTENT (another class of key),
 *   CKR_KEY_FUNCTION_NOT_PERMITTED
 */
export function keyObject(
  application: Application,
  session: Session,
  handle: number,
  objectClass: number | null,
  use: number | null,
): TokenObject {
  const found = application.findObject(session, handle);
  const ownClass = found === undefined ? null : ulongOf(found, ck.CKA_CLASS);
  if (found === undefined || ownClass === null || !KEY_CLASSES.includes(ownClass)) throw new CkError(ck.CKR_KEY_HANDLE_INVALID);
  if (objectClass !== null && ownClass !== objectClass) throw new CkError(ck.CKR_KEY_TYPE_INCONSISTENT);
  if (use !== null && !isTrue(found, use)) throw new CkError(ck.CKR_KEY_FUNCTION_NOT_PERMITTED);
  return found;
}
