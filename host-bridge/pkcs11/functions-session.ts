// PKCS#11 2.40 §5.6: sessions and login.

import { bytesAt, numberAt } from "./arguments.ts";
import * as ck from "./ck.ts";
import { CkError } from "./ck-error.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const openSession: PkcsFunction = async (application, args) => {
  const slot = application.presentSlot(numberAt(args, 0));
  const flags = numberAt(args, 1);
  if ((flags & ck.CKF_SERIAL_SESSION) === 0) throw new CkError(ck.CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  await slot.refresh();
  return [application.openSession(slot, (flags & ck.CKF_RW_SESSION) !== 0).handle];
};

const closeSession: PkcsFunction = (application, args) => {
  application.closeSession(application.session(numberAt(args, 0)));
  return [];
};

const closeAllSessions: PkcsFunction = (application, args) => {
  application.closeAllSessions(application.slot(numberAt(args, 0)));
  return [];
};

const getSessionInfo: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const isLoggedIn = application.login(session.slot) !== undefined;
  const readOnlyState = isLoggedIn ? ck.CKS_RO_USER_FUNCTIONS : ck.CKS_RO_PUBLIC_SESSION;
  const readWriteState = isLoggedIn ? ck.CKS_RW_USER_FUNCTIONS : ck.CKS_RW_PUBLIC_SESSION;
  const flags = ck.CKF_SERIAL_SESSION | (session.isReadWrite ? ck.CKF_RW_SESSION : 0);
  return [session.slot.id, session.isReadWrite ? readWriteState : readOnlyState, flags, 0];
};

const login: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const userType = numberAt(args, 1);
  const pin = bytesAt(args, 2);
  const existing = application.login(session.slot);
  if (userType === ck.CKU_CONTEXT_SPECIFIC) {
    if (session.signing === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
    if (existing === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
    await existing.verifyPin(pin);
    return [];
  }
  if (userType === ck.CKU_SO) throw new CkError(ck.CKR_FUNCTION_NOT_SUPPORTED);
  if (userType !== ck.CKU_USER) throw new CkError(ck.CKR_USER_TYPE_INVALID);
  if (existing !== undefined) throw new CkError(ck.CKR_USER_ALREADY_LOGGED_IN);
  const client = await session.slot.openClient();
  try {
    await client.verifyPin(pin);
  } catch (error) {
    client.close();
    throw error;
  }
  application.beginLogin(session.slot, client);
  return [];
};

const logout: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  if (application.login(session.slot) === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  application.endLogin(session.slot);
  return [];
};

export const sessionFunctions: Record<string, PkcsFunction> = {
  C_OpenSession: openSession,
  C_CloseSession: closeSession,
  C_CloseAllSessions: closeAllSessions,
  C_GetSessionInfo: getSessionInfo,
  C_Login: login,
  C_Logout: logout,
};
