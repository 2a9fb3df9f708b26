// PKCS#11 2.40 §5.6: sessions and login.

import { PIN_MAX_BYTES, PIN_MIN_BYTES } from "../token/pin-length.ts";
import type { Application, Session } from "./application.ts";
import { bytesAt, numberAt } from "./arguments.ts";
import * as ck from "./ck.ts";
import { CkError } from "./ck-error.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import { UserLogin } from "./user-login.ts";

/** Checked before the token sees the PIN: a short one is padded with FF, taken for a wrong one, and spends a try. */
function checkPinLength(pin: Uint8Array): void {
  if (pin.length < PIN_MIN_BYTES || pin.length > PIN_MAX_BYTES) throw new CkError(ck.CKR_PIN_LEN_RANGE);
}

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

async function loginUser(application: Application, session: Session, pin: Uint8Array): Promise<void> {
  const { slot } = session;
  if (application.login(slot) !== undefined) throw new CkError(ck.CKR_USER_ALREADY_LOGGED_IN);
  checkPinLength(pin);
  const client = await slot.openClient();
  try {
    await client.verifyPin(pin);
    // Closed in the meantime: with it, it may be, the last session, and nobody would end this login any more.
    if (!application.isOpen(session)) throw new CkError(ck.CKR_SESSION_CLOSED);
  } catch (error) {
    client.close();
    throw error;
  }
  application.beginLogin(slot, new UserLogin(client, () => slot.openClient()));
}

/** The PIN once more, for the one signature that C_SignInit began on this session. */
async function loginForOperation(application: Application, session: Session, pin: Uint8Array): Promise<void> {
  const operation = session.signing;
  if (operation === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  const login = application.login(session.slot);
  if (login === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  checkPinLength(pin);
  const before = operation.context;
  operation.context = null; // whatever comes, the PIN of before counts no more
  before?.login.giveBack(before.client, false);
  const context = await login.verifyContext(pin);
  if (session.signing === operation && application.login(session.slot) === login) {
    operation.context = context;
    return;
  }
  login.giveBack(context.client, false);
  throw new CkError(application.isOpen(session) ? ck.CKR_OPERATION_NOT_INITIALIZED : ck.CKR_SESSION_CLOSED);
}

const login: PkcsFunction = (application, args) => {
  const handle = numberAt(args, 0);
  const userType = numberAt(args, 1);
  const pin = bytesAt(args, 2);
  return application.inLoginTurn(application.session(handle).slot, async () => {
    const session = application.session(handle);
    if (userType === ck.CKU_SO) throw new CkError(ck.CKR_FUNCTION_NOT_SUPPORTED);
    if (userType === ck.CKU_USER) await loginUser(application, session, pin);
    else if (userType === ck.CKU_CONTEXT_SPECIFIC) await loginForOperation(application, session, pin);
    else throw new CkError(ck.CKR_USER_TYPE_INVALID);
    return [];
  });
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
