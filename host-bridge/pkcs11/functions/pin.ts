// PKCS#11 2.40 §5.5: C_SetPIN and C_InitPIN. The user's PIN is the token's PIN, the security officer's the PUK.

import { FACTORY_PIN, KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../../protocol/piv.ts";
import { writeIdentifiers } from "../../token/initialise.ts";
import type { TokenClient } from "../../token/token-client.ts";
import type { Application, Session } from "../application/application.ts";
import { type AskedFor, isGiven, withPin } from "../application/asked-pin.ts";
import { proveManagement } from "../application/management.ts";
import { checkLastTry, checkPinLength, checkPukLength } from "../application/pin-tries.ts";
import type { SoLogin } from "../application/so-login.ts";
import * as ck from "../ck/ck.ts";
import { CkError, refusalOfNewPin } from "../ck/ck-error.ts";
import type { Slot } from "../slots/slot.ts";
import { numberAt, optionalBytesAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

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

async function setUserPin(
  application: Application,
  slot: Slot,
  oldPin: Uint8Array,
  newPin: Uint8Array,
  isLastTryTold: boolean,
): Promise<void> {
  checkPinLength(newPin);
  checkPinLength(oldPin);
  await checkLastTry(application, slot, KEY_REF_PIV_PIN, isLastTryTold);
  await setPin(slot, (client) => client.changePin(oldPin, newPin));
  await keepLogin(application, slot, newPin);
}

/** An officer who gave the management key changes no PUK: it is not what the application takes for the SO PIN. */
async function setPuk(application: Application, slot: Slot, officer: SoLogin, oldPuk: Uint8Array, newPuk: Uint8Array): Promise<void> {
  if (officer.by !== "PUK") throw new CkError(ck.CKR_FUNCTION_FAILED);
  checkPukLength(newPuk);
  checkPukLength(oldPuk);
  await checkLastTry(application, slot, KEY_REF_PUK);
  await setPin(slot, (client) => client.changePuk(oldPuk, newPuk));
  officer.replacePuk(newPuk);
}

const oldPinQuestion = (): AskedFor => ({ what: "old-pin" });
const newPinQuestion = (): AskedFor => ({ what: "new-pin" });

function checkReadWrite({ isReadWrite }: Session): void {
  if (!isReadWrite) throw new CkError(ck.CKR_SESSION_READ_ONLY);
}

/** PINs that the application leaves out are asked for one after the other, before anybody waits for them. */
const setPinFunction: PkcsFunction = async (application, args) => {
  const handle = numberAt(args, 0);
  const session = application.session(handle);
  checkReadWrite(session);
  const [oldGiven, newGiven] = [optionalBytesAt(args, 1), optionalBytesAt(args, 2)];
  // A person is asked for a PIN, not for a new PUK: `sceau token` changes that.
  const officer = application.soLogin(session.slot);
  if (officer !== undefined && !(isGiven(oldGiven) && isGiven(newGiven))) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  const set = (oldPin: Uint8Array, newPin: Uint8Array, isLastTryTold: boolean): Promise<void> =>
    session.slot.inPinTurn(async () => {
      const { slot } = application.session(handle);
      // An officer who came or went meanwhile: a PIN would be sent as the PUK, and cost one of its tries, or the other way round.
      if (application.soLogin(slot) !== officer) throw new CkError(ck.CKR_FUNCTION_CANCELED);
      if (officer === undefined) await setUserPin(application, slot, oldPin, newPin, isLastTryTold);
      else await setPuk(application, slot, officer, oldPin, newPin);
    });
  // The old PIN may have been given, and no question be open: then the new one's waits for its turn.
  const isInTurn = !isGiven(oldGiven);
  await withPin(application, session, oldGiven, oldPinQuestion, (oldPin, isLastTryTold) =>
    withPin(application, session, newGiven, newPinQuestion, (newPin) => set(oldPin, newPin, isLastTryTold), { isInTurn }),
  );
  return [];
};

/** RESET RETRY COUNTER with the PUK of the login. After C_InitToken the PIN is still the factory's, and the token keeps its PUK to itself. */
async function setNewPin(client: TokenClient, puk: Uint8Array, newPin: Uint8Array): Promise<void> {
  if (await client.isFactory(KEY_REF_PIV_PIN)) await client.changePin(new TextEncoder().encode(FACTORY_PIN), newPin);
  else await client.unblockPin(puk, newPin);
}

/** With its PIN a token that C_InitToken began is initialised; now it takes the objects by which software tells tokens apart. */
async function completeInitialisation(application: Application, slot: Slot): Promise<void> {
  await slot.refresh();
  const key = slot.info.isInitialised ? (application.services.managementKeys?.find(slot.info.serial) ?? null) : null;
  if (key === null) return;
  const client = await slot.openClient();
  try {
    await proveManagement(client, key, ck.CKR_TOKEN_WRITE_PROTECTED);
    await writeIdentifiers(client);
  } catch (error) {
    if (!(error instanceof CkError)) throw error; // the key that is kept is another's: the PIN is set all the same
  } finally {
    key.fill(0);
    client.close();
  }
}

/** A new PIN, with all its tries. */
const initPin: PkcsFunction = async (application, args) => {
  const handle = numberAt(args, 0);
  const session = application.session(handle);
  const requireOfficer = (slot: Slot): SoLogin => {
    const officer = application.soLogin(slot);
    if (officer === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
    return officer;
  };
  requireOfficer(session.slot);
  const set = async (newPin: Uint8Array): Promise<void> => {
    const { slot } = application.session(handle);
    const officer = requireOfficer(slot);
    checkPinLength(newPin);
    await officer.withPuk(async (puk) => {
      await checkLastTry(application, slot, KEY_REF_PUK);
      await setPin(slot, (client) => setNewPin(client, puk, newPin));
    });
    await slot.inWriteTurn(() => completeInitialisation(application, slot));
  };
  await withPin(application, session, optionalBytesAt(args, 1), newPinQuestion, (newPin) => session.slot.inPinTurn(() => set(newPin)));
  return [];
};

export const pinFunctions: Record<string, PkcsFunction> = {
  C_SetPIN: setPinFunction,
  C_InitPIN: initPin,
};
