// PKCS#11 2.40 §5.5: C_SetPIN and C_InitPIN. The user's PIN is the token's PIN, the security officer's the PUK.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../protocol/piv.ts";
import type { TokenClient } from "../token/token-client.ts";
import type { Application } from "./application.ts";
import { bytesAt, numberAt } from "./arguments.ts";
import * as ck from "./ck.ts";
import { CkError, refusalOfNewPin } from "./ck-error.ts";
import { checkLastTry, checkPinLength, checkPukLength } from "./pin-tries.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import type { Slot } from "./slot.ts";
import type { SoLogin } from "./so-login.ts";

/** On a channel of its own: a wrong old PIN takes nothing from the login. */
async function setPin(slot: Slot, set: (client: TokenClient) => Promise<void>): Promise<void> {
  const client = await slot.openClient();
  try {
    await set(client);
  } catch (error) {
    throw refusalOfNewPin(error);
  } finally {
    client.close();
  }
}

/** The token forgets on all channels that the PIN was verified; whoever changed it stays logged in (§5.5 ends no login). */
async function keepLogin(application: Application, slot: Slot, newPin: Uint8Array): Promise<void> {
  const login = application.login(slot);
  if (login === undefined) return;
  try {
    await login.client.verifyPin(newPin);
  } catch {
    application.endLogin(slot); // the PIN is changed all the same: C_SetPIN has succeeded, and the next call asks for a login
  }
}

async function setUserPin(application: Application, slot: Slot, oldPin: Uint8Array, newPin: Uint8Array): Promise<void> {
  checkPinLength(newPin);
  checkPinLength(oldPin);
  await checkLastTry(application, slot, KEY_REF_PIV_PIN);
  await setPin(slot, (client) => client.changePin(oldPin, newPin));
  await keepLogin(application, slot, newPin);
}

async function setPuk(application: Application, slot: Slot, officer: SoLogin, oldPuk: Uint8Array, newPuk: Uint8Array): Promise<void> {
  checkPukLength(newPuk);
  checkPukLength(oldPuk);
  await checkLastTry(application, slot, KEY_REF_PUK);
  await setPin(slot, (client) => client.changePuk(oldPuk, newPuk));
  officer.replace(newPuk);
}

const setPinFunction: PkcsFunction = (application, args) => {
  const handle = numberAt(args, 0);
  const oldPin = bytesAt(args, 1);
  const newPin = bytesAt(args, 2);
  return application.session(handle).slot.inPinTurn(async () => {
    const { slot, isReadWrite } = application.session(handle);
    if (!isReadWrite) throw new CkError(ck.CKR_SESSION_READ_ONLY);
    const officer = application.soLogin(slot);
    if (officer === undefined) await setUserPin(application, slot, oldPin, newPin);
    else await setPuk(application, slot, officer, oldPin, newPin);
    return [];
  });
};

/** RESET RETRY COUNTER with the PUK of the login: a new PIN, with all its tries. */
const initPin: PkcsFunction = (application, args) => {
  const handle = numberAt(args, 0);
  const newPin = bytesAt(args, 1);
  return application.session(handle).slot.inPinTurn(async () => {
    const { slot } = application.session(handle);
    const officer = application.soLogin(slot);
    if (officer === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
    checkPinLength(newPin);
    await checkLastTry(application, slot, KEY_REF_PUK);
    await officer.withPuk((puk) => setPin(slot, (client) => client.unblockPin(puk, newPin)));
    return [];
  });
};

export const pinFunctions: Record<string, PkcsFunction> = {
  C_SetPIN: setPinFunction,
  C_InitPIN: initPin,
};
