// What makes keys and writes certificates (SP 800-73-5: the management key, 9B). Whoever logged in as the officer with that key may, and whoever
// logged in with the PIN or the PUK where the bridge knows the key: PKCS#11's users make their keys themselves.

import { SW_INCORRECT_P1_P2, SW_SECURITY_STATUS_NOT_SATISFIED } from "../../../protocol/status-words.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { TokenError } from "../../token/token-error.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Slot } from "../slots/slot.ts";
import type { Application, Session } from "./application.ts";

/** Lends the management key that the bridge knows, and overwrites it. @throws CkError CKR_TOKEN_WRITE_PROTECTED when it knows none */
async function withKnownKey<T>({ services }: Application, slot: Slot, work: (key: Uint8Array) => Promise<T>): Promise<T> {
  const key = services.managementKeys?.find(slot.info.serial) ?? null;
  if (key === null) throw new CkError(ck.CKR_TOKEN_WRITE_PROTECTED);
  try {
    return await work(key);
  } finally {
    key.fill(0);
  }
}

/**
 * Proves a management key on a channel.
 * @throws CkError with `rv` when it is not this token's: of an officer's PIN CKR_PIN_INCORRECT; of a key that is kept, and out of date,
 *   CKR_TOKEN_WRITE_PROTECTED
 */
export async function proveManagement(client: TokenClient, key: Uint8Array, rv: number): Promise<void> {
  try {
    await client.authenticateManagement(key);
  } catch (cause) {
    if (cause instanceof TokenError && isWrongKey(cause.sw)) throw new CkError(rv, { cause });
    throw cause;
  }
}

/** 6982: the witness is wrong; 6A86: the token's key is of another length. */
const isWrongKey = (sw: number): boolean => sw === SW_SECURITY_STATUS_NOT_SATISFIED || sw === SW_INCORRECT_P1_P2;

/** Whether C_GenerateKeyPair and the like can succeed: CKF_WRITE_PROTECTED is not set. A blank token gets a key from C_InitToken. */
export function isWritable(application: Application, slot: Slot): boolean {
  if (application.soLogin(slot)?.by === "management key") return true;
  const { managementKeys } = application.services;
  if (managementKeys === null) return false;
  if (!slot.info.isInitialised) return true;
  const key = managementKeys.find(slot.info.serial);
  key?.fill(0);
  return key !== null;
}

/** @throws CkError CKR_SESSION_READ_ONLY, CKR_USER_NOT_LOGGED_IN */
function checkAuthority(application: Application, session: Session): void {
  if (!session.isReadWrite) throw new CkError(ck.CKR_SESSION_READ_ONLY);
  const { slot } = session;
  if (application.login(slot) === undefined && application.soLogin(slot) === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
}

/**
 * The bridge's key stands in for the user's PIN: so the token is asked whether that still counts. Another program may have changed it.
 * @throws CkError CKR_USER_NOT_LOGGED_IN, and the login is over
 */
async function checkLoginHolds(application: Application, slot: Slot): Promise<void> {
  const login = application.login(slot);
  if (login === undefined || (await login.client.pinTriesLeft()) === null) return;
  if (application.login(slot) === login) application.endLogin(slot);
  throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
}

/**
 * Runs `work` on a channel of its own on which the management key is proved; one of them at a time at a token. Afterwards the slot shows what
 * has changed, also when `work` failed on its way.
 * @throws CkError CKR_SESSION_READ_ONLY, CKR_USER_NOT_LOGGED_IN, CKR_TOKEN_WRITE_PROTECTED (no key is known, or one that is not the token's)
 */
export function withManagement<T>(application: Application, session: Session, work: (client: TokenClient) => Promise<T>): Promise<T> {
  checkAuthority(application, session);
  const { slot } = session;
  return slot.inWriteTurn(async () => {
    if (!application.isOpen(session)) throw new CkError(slot.isPresent ? ck.CKR_SESSION_CLOSED : ck.CKR_DEVICE_REMOVED);
    checkAuthority(application, session); // it may have logged out while it waited
    await checkLoginHolds(application, slot);
    // Where there is one security status for all, another channel's key would end the login.
    const loginClient = slot.hasOneStatus ? application.login(slot)?.client : undefined;
    const client = loginClient ?? (await slot.openClient());
    try {
      checkAuthority(application, session); // once more: before the bridge's own key is used for them
      const officer = application.soLogin(slot);
      const prove = (key: Uint8Array): Promise<void> => proveManagement(client, key, ck.CKR_TOKEN_WRITE_PROTECTED);
      if (officer?.by === "management key") await officer.withManagementKey(prove);
      else await withKnownKey(application, slot, prove);
      try {
        return await work(client);
      } finally {
        await slot.refreshForWrite();
      }
    } finally {
      if (client !== loginClient) client.close();
    }
  });
}
