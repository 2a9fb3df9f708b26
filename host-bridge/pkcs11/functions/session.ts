// PKCS#11 2.40 §5.6: sessions and login.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../../protocol/piv.ts";
import type { Application, Session } from "../application/application.ts";
import { type AskedFor, withPin } from "../application/asked-pin.ts";
import { askedForUse, verifyForUse } from "../application/context-login.ts";
import { proveManagement } from "../application/management.ts";
import type { KeyOperation } from "../application/operations.ts";
import { checkLastTry, checkPinLength, checkPukLength } from "../application/pin-tries.ts";
import { provePuk } from "../application/prove-puk.ts";
import { managementKeyIn, SoLogin } from "../application/so-login.ts";
import { UserLogin } from "../application/user-login.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Slot } from "../slots/slot.ts";
import { bytesAt, numberAt, optionalBytesAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const openSession: PkcsFunction = async (application, args) => {
  const slot = application.presentSlot(numberAt(args, 0));
  const flags = numberAt(args, 1);
  if ((flags & ck.CKF_SERIAL_SESSION) === 0) throw new CkError(ck.CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  const isReadWrite = (flags & ck.CKF_RW_SESSION) !== 0;
  await slot.refresh();
  while (slot.isInitialising) await slot.whenUsable();
  if (!slot.isPresent) throw new CkError(ck.CKR_DEVICE_REMOVED);
  if (!isReadWrite && application.soLogin(slot) !== undefined) throw new CkError(ck.CKR_SESSION_READ_WRITE_SO_EXISTS);
  return [application.openSession(slot, isReadWrite).handle];
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
  const notUserState = application.soLogin(session.slot) === undefined ? ck.CKS_RW_PUBLIC_SESSION : ck.CKS_RW_SO_FUNCTIONS;
  const readWriteState = isLoggedIn ? ck.CKS_RW_USER_FUNCTIONS : notUserState;
  const flags = ck.CKF_SERIAL_SESSION | (session.isReadWrite ? ck.CKF_RW_SESSION : 0);
  return [session.slot.id, session.isReadWrite ? readWriteState : readOnlyState, flags, 0];
};

/** Why a session ended while a call of it was under way. */
function endedMeanwhile(slot: Slot): CkError {
  return new CkError(slot.isPresent ? ck.CKR_SESSION_CLOSED : ck.CKR_DEVICE_REMOVED);
}

function checkUserMayLogIn(application: Application, { slot }: Session): void {
  if (application.login(slot) !== undefined) throw new CkError(ck.CKR_USER_ALREADY_LOGGED_IN);
  if (application.soLogin(slot) !== undefined) throw new CkError(ck.CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
}

async function loginUser(application: Application, session: Session, pin: Uint8Array, isLastTryTold: boolean): Promise<void> {
  checkUserMayLogIn(application, session);
  const { slot } = session;
  checkPinLength(pin, ck.CKR_PIN_INCORRECT);
  await checkLastTry(application, slot, KEY_REF_PIV_PIN, isLastTryTold);
  const client = await slot.openClient();
  try {
    await client.verifyPin(pin);
    // Closed in the meantime: with it, it may be, the last session, and nobody would end this login any more.
    if (!application.isOpen(session)) throw endedMeanwhile(slot);
  } catch (error) {
    client.close();
    throw error;
  }
  application.beginLogin(slot, new UserLogin(client, slot.hasOneStatus ? null : () => slot.openClient()));
}

async function loginByPuk(application: Application, slot: Slot, puk: Uint8Array, isLastTryTold: boolean): Promise<void> {
  checkPukLength(puk, ck.CKR_PIN_INCORRECT);
  const client = await slot.openClient();
  try {
    await provePuk(application, slot, client, puk, isLastTryTold);
  } catch (error) {
    // What the token takes for no PUK may be the factory's.
    const isFactory = error instanceof CkError && error.rv === ck.CKR_PIN_INCORRECT && (await client.isFactory(KEY_REF_PUK));
    throw isFactory ? new CkError(ck.CKR_USER_PIN_NOT_INITIALIZED, { cause: error }) : error;
  } finally {
    client.close();
  }
}

/** A wrong management key costs no try: it has none, being nothing that anybody could guess. */
async function proveManagementKey(slot: Slot, key: Uint8Array): Promise<void> {
  const client = await slot.openClient();
  try {
    await proveManagement(client, key, ck.CKR_PIN_INCORRECT);
  } finally {
    client.close();
  }
}

/** The officer's PIN is the PUK, or the management key in hexadecimal. */
async function proveOfficer(application: Application, slot: Slot, pin: Uint8Array, isLastTryTold: boolean): Promise<SoLogin> {
  const key = managementKeyIn(pin);
  if (key === null) {
    await loginByPuk(application, slot, pin, isLastTryTold);
    return new SoLogin("PUK", pin);
  }
  try {
    await proveManagementKey(slot, key);
    return new SoLogin("management key", key);
  } finally {
    key.fill(0);
  }
}

function checkReadWrite(application: Application, slot: Slot): void {
  if (application.sessionsOf(slot).some((other) => !other.isReadWrite)) throw new CkError(ck.CKR_SESSION_READ_ONLY_EXISTS);
}

function checkOfficerMayLogIn(application: Application, { slot }: Session): void {
  if (application.soLogin(slot) !== undefined) throw new CkError(ck.CKR_USER_ALREADY_LOGGED_IN);
  if (application.login(slot) !== undefined) throw new CkError(ck.CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  checkReadWrite(application, slot);
}

async function loginOfficer(application: Application, session: Session, pin: Uint8Array, isLastTryTold: boolean): Promise<void> {
  checkOfficerMayLogIn(application, session);
  const { slot } = session;
  const login = await proveOfficer(application, slot, pin, isLastTryTold);
  try {
    if (!application.isOpen(session)) throw endedMeanwhile(slot);
    checkReadWrite(application, slot);
  } catch (error) {
    login.end();
    throw error;
  }
  application.beginSoLogin(slot, login);
}

const isUnderWay = ({ signing, decrypting }: Session, operation: KeyOperation): boolean =>
  operation === signing || operation === decrypting;

/** The login in which an operation is. @throws CkError CKR_OPERATION_NOT_INITIALIZED: it is not under way, or no more; CKR_USER_NOT_LOGGED_IN */
function loginOf(application: Application, session: Session, operation: KeyOperation): UserLogin {
  if (!isUnderWay(session, operation)) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  const login = application.login(session.slot);
  if (login === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  return login;
}

/** The PIN once more, for the one use that C_SignInit or C_DecryptInit began on this session. */
async function loginForOperation(
  application: Application,
  session: Session,
  operation: KeyOperation,
  pin: Uint8Array,
  isLastTryTold: boolean,
): Promise<void> {
  const login = loginOf(application, session, operation);
  const before = operation.context;
  operation.context = null; // whatever comes, the PIN of before counts no more
  before?.login.giveBack(before.client, false);
  const context = await verifyForUse(application, session, login, pin, isLastTryTold);
  if (isUnderWay(session, operation) && application.login(session.slot) === login) {
    operation.context = context;
    return;
  }
  login.giveBack(context.client, false);
  throw application.isOpen(session) ? new CkError(ck.CKR_OPERATION_NOT_INITIALIZED) : endedMeanwhile(session.slot);
}

interface LoginKind {
  /** Whether the PIN would be of use now, and what for: before anybody is asked for it. @throws CkError */
  readonly askedFor: () => AskedFor;
  readonly perform: (application: Application, session: Session, pin: Uint8Array, isLastTryTold: boolean) => Promise<void>;
}

/** For the operation that was begun last when the call came. A PIN that was given for one that has ended meanwhile is none for the other. */
function contextLogin(application: Application, session: Session): LoginKind {
  const operation = application.keyOperation(session);
  if (operation === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  const what = operation === session.decrypting ? "decryption" : "signature";
  return {
    askedFor: () => {
      loginOf(application, session, operation);
      return askedForUse(session, operation.key, what);
    },
    perform: (_, open, pin, isLastTryTold) => loginForOperation(application, open, operation, pin, isLastTryTold),
  };
}

const LOGIN_KINDS: ReadonlyMap<number, (application: Application, session: Session) => LoginKind> = new Map([
  [
    ck.CKU_USER,
    (application: Application, session: Session): LoginKind => ({
      askedFor: () => {
        checkUserMayLogIn(application, session);
        return { what: "login" };
      },
      perform: loginUser,
    }),
  ],
  [
    ck.CKU_SO,
    (application: Application, session: Session): LoginKind => ({
      askedFor: () => {
        checkOfficerMayLogIn(application, session);
        return { what: "officer" };
      },
      perform: loginOfficer,
    }),
  ],
  [ck.CKU_CONTEXT_SPECIFIC, contextLogin],
]);

const login: PkcsFunction = async (application, args) => {
  const handle = numberAt(args, 0);
  const session = application.session(handle);
  const kind = LOGIN_KINDS.get(numberAt(args, 1))?.(application, session);
  if (kind === undefined) throw new CkError(ck.CKR_USER_TYPE_INVALID);
  kind.askedFor();
  // Nobody else's login waits while a person looks for their PIN.
  await withPin(application, session, optionalBytesAt(args, 2), kind.askedFor, (pin, isLastTryTold) =>
    session.slot.inPinTurn(() => kind.perform(application, application.session(handle), pin, isLastTryTold)),
  );
  return [];
};

/** PKCS#11 3.0. The token's users have no names; with none it is C_Login. */
const loginUserByName: PkcsFunction = (application, args) => {
  application.session(numberAt(args, 0));
  if (bytesAt(args, 3).length > 0) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  return login(application, args);
};

const logout: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  if (application.login(session.slot) === undefined && application.soLogin(session.slot) === undefined)
    throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  application.endLogin(session.slot);
  return [];
};

export const sessionFunctions: Record<string, PkcsFunction> = {
  C_OpenSession: openSession,
  C_CloseSession: closeSession,
  C_CloseAllSessions: closeAllSessions,
  C_GetSessionInfo: getSessionInfo,
  C_Login: login,
  C_LoginUser: loginUserByName,
  C_Logout: logout,
};
