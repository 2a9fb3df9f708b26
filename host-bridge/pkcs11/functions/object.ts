// PKCS#11 2.40 §5.7: finding and reading objects.

import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { isHidden, matchesTemplate } from "../objects/token-object.ts";
import type { AttributeResult } from "../rpc/rpc-writer.ts";
import { numberAt, roomsAt, templateAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const findObjectsInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  if (session.found !== null) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  const template = templateAt(args, 1);
  session.found = application
    .visibleObjects(session)
    .filter((candidate) => matchesTemplate(candidate, template))
    .map((candidate) => application.handleOf(candidate));
  return [];
};

const findObjects: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  if (session.found === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  const room = numberAt(args, 1);
  // What p11-kit's client makes of a null pointer; and an empty answer would say that there are no more.
  if (room === 0) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  return [session.found.splice(0, room)];
};

const findObjectsFinal: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  if (session.found === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  session.found = null;
  return [];
};

/** All attributes are tried; the return value tells of the first that could not be given (§5.7). */
const getAttributeValue: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const found = application.findObject(session, numberAt(args, 1));
  if (found === undefined) throw new CkError(ck.CKR_OBJECT_HANDLE_INVALID);
  const failures: number[] = [];
  const results = roomsAt(args, 2).map(({ type, lengthBytes }): AttributeResult => {
    const isSensitive = isHidden(found, type);
    const value = isSensitive ? undefined : found.attributes.get(type);
    if (value === undefined) {
      failures.push(isSensitive ? ck.CKR_ATTRIBUTE_SENSITIVE : ck.CKR_ATTRIBUTE_TYPE_INVALID);
      return { type, lengthBytes: null };
    }
    if (lengthBytes >= value.length) return { type, lengthBytes: value.length, value };
    // No room at all asks for the length (the RPC client sends 0 for a null pValue); some, but too little, is a failure.
    if (lengthBytes > 0) failures.push(ck.CKR_BUFFER_TOO_SMALL);
    return { type, lengthBytes: value.length };
  });
  return [results, failures[0] ?? ck.CKR_OK];
};

export const objectFunctions: Record<string, PkcsFunction> = {
  C_FindObjectsInit: findObjectsInit,
  C_FindObjects: findObjects,
  C_FindObjectsFinal: findObjectsFinal,
  C_GetAttributeValue: getAttributeValue,
};
