// PKCS#11 2.40 §5.5 C_InitToken: a token becomes new, with a PUK (the SO PIN) and a management key of its own; C_InitPIN then gives it its PIN.

import { FACTORY_PUK, KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_MANAGEMENT } from "../../../protocol/piv.ts";
import { blockAndReset } from "../../token/block-and-reset.ts";
import { takeManagementKey } from "../../token/initialise.ts";
import type { ManagementKeys } from "../../token/management-keys.ts";
import type { TokenClient } from "../../token/token-client.ts";
import type { Application } from "../application/application.ts";
import { proveManagement } from "../application/management.ts";
import { checkPukLength } from "../application/pin-tries.ts";
import { provePuk } from "../application/prove-puk.ts";
import * as ck from "../ck/ck.ts";
import { CkError, refusalOfNewPin } from "../ck/ck-error.ts";
import type { Slot } from "../slots/slot.ts";
import { bytesAt, numberAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

/** The only profile that has a blank state; the simulator's `compat` has none. */
const PROFILE = "strict";

interface Renewal {
  readonly application: Application;
  readonly slot: Slot;
  readonly client: TokenClient;
  readonly managementKeys: ManagementKeys;
  readonly soPin: Uint8Array;
}

/** The factory's management key, or the one that is kept: what a first run leaves, however far it came. */
async function hasUsableManagementKey({ slot, client, managementKeys }: Renewal): Promise<boolean> {
  if (await client.isFactory(SLOT_MANAGEMENT)) return true;
  const key = managementKeys.find(slot.info.serial);
  if (key === null) return false;
  try {
    await proveManagement(client, key, ck.CKR_TOKEN_WRITE_PROTECTED);
    return true;
  } catch (error) {
    if (error instanceof CkError) return false;
    throw error;
  } finally {
    key.fill(0);
  }
}

/**
 * Takes a token in use back to its blank state, after the SO PIN has proved to be its PUK. A token whose PIN and PUK are both blocked is
 * anybody's to reset (firmware/README.md), so there it asks for no proof: nobody could give one.
 */
async function makeBlank(renewal: Renewal): Promise<void> {
  const { application, slot, client, managementKeys, soPin } = renewal;
  const { isInitialised } = await client.deviceInfo();
  const pinLeft = (await client.tries(KEY_REF_PIV_PIN)).left;
  const pukLeft = (await client.tries(KEY_REF_PUK)).left;
  const isNew = !isInitialised && (await client.isFactory(KEY_REF_PUK));
  if (!isNew && pinLeft + pukLeft > 0) await provePuk(application, slot, client, soPin);
  const isUsable = pinLeft > 0 && pukLeft > 0 && (await client.isFactory(KEY_REF_PIV_PIN)) && (await hasUsableManagementKey(renewal));
  if (isUsable) return;
  await blockAndReset(client);
  managementKeys.forget(slot.info.serial);
}

/**
 * Each step leaves a token that the next call goes on with: the management key is kept before the token is told it, and the PUK, which says
 * whose the token is, comes last.
 */
async function renew(renewal: Renewal): Promise<void> {
  const { slot, client, managementKeys, soPin } = renewal;
  await makeBlank(renewal);
  const key = managementKeys.keep(slot.info.serial);
  try {
    await takeManagementKey(client, key);
  } finally {
    key.fill(0);
  }
  if (!(await client.isFactory(KEY_REF_PUK))) return;
  try {
    await client.changePuk(new TextEncoder().encode(FACTORY_PUK), soPin);
  } catch (error) {
    throw refusalOfNewPin(error);
  }
}

/** The label is not kept: a token's label is its serial number. */
const initToken: PkcsFunction = async (application, args) => {
  const slot = application.presentSlot(numberAt(args, 0));
  const soPin = bytesAt(args, 1);
  if (slot.openSessions > 0) throw new CkError(ck.CKR_SESSION_EXISTS); // they may stay for long: nobody waits for them
  checkPukLength(soPin, slot.info.isInitialised ? ck.CKR_PIN_INCORRECT : ck.CKR_PIN_LEN_RANGE);
  const { managementKeys } = application.services;
  if (managementKeys === null || slot.info.profile !== PROFILE) throw new CkError(ck.CKR_TOKEN_WRITE_PROTECTED);
  const work = async (): Promise<void> => {
    const client = await slot.openClient();
    try {
      await renew({ application, slot, client, managementKeys, soPin });
    } finally {
      client.close();
      await slot.refresh();
    }
  };
  await slot.inPinTurn(() => slot.inWriteTurn(() => slot.whileUnused(work)));
  return [];
};

/** C_InitToken2: what p11-kit's clients from version 1 on call instead; the label is filled up with spaces. */
export const initTokenFunctions: Record<string, PkcsFunction> = { C_InitToken: initToken, C_InitToken2: initToken };
