// PKCS#11 2.40 §5.4 and §5.5: general purpose, slots and tokens.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../../protocol/piv.ts";
import { PIN_MAX_BYTES, PIN_MIN_BYTES } from "../../token/pin-length.ts";
import { type Application, MAX_SESSIONS } from "../application/application.ts";
import { isWritable } from "../application/management.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Result } from "../rpc/rpc-writer.ts";
import type { Slot } from "../slots/slot.ts";
import { fitList, numberAt } from "./arguments.ts";
import { mechanismsOf } from "./mechanisms.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const MANUFACTURER = { text: "Sceau", width: 32 };
/** A PIV card does not tell who made it. */
const UNKNOWN_MANUFACTURER = { text: "unknown", width: 32 };
const CRYPTOKI_VERSION = { major: 2, minor: 40 };
const LIBRARY_VERSION = { major: 0, minor: 1 };

function initialize(application: Application): Result[] {
  application.begin();
  return [];
}

function finalize(application: Application): Result[] {
  application.reset();
  return [];
}

function getInfo(): Result[] {
  return [CRYPTOKI_VERSION, MANUFACTURER, 0, { text: "Sceau bridge", width: 32 }, LIBRARY_VERSION];
}

const getSlotList: PkcsFunction = (application, args) => {
  const onlyPresent = numberAt(args, 0) !== 0;
  const ids = application
    .allSlots()
    .filter((slot) => slot.isPresent || !onlyPresent)
    .map((slot) => slot.id);
  return [fitList(ids, numberAt(args, 1))];
};

function hardwareVersion(): Result {
  return { major: 1, minor: 0 };
}

function firmwareVersion(slot: Slot): Result {
  const [major, minor] = slot.info.firmware;
  return { major, minor };
}

const getSlotInfo: PkcsFunction = (application, args) => {
  const slot = application.slot(numberAt(args, 0));
  const flags = (slot.isPresent ? ck.CKF_TOKEN_PRESENT : 0) | ck.CKF_REMOVABLE_DEVICE | ck.CKF_HW_SLOT;
  return [{ text: `${slot.info.model} ${slot.info.serial}`, width: 64 }, MANUFACTURER, flags, hardwareVersion(), firmwareVersion(slot)];
};

const getTokenInfo: PkcsFunction = async (application, args) => {
  const slot = application.presentSlot(numberAt(args, 0));
  const { model, serial, isPlainCard } = slot.info;
  const path = application.services.pinPrompt === null ? 0 : ck.CKF_PROTECTED_AUTHENTICATION_PATH;
  const flags = path | (await slot.flags(isWritable(application, slot)));
  application.setKnowsLastTry(slot, KEY_REF_PIV_PIN, (flags & ck.CKF_USER_PIN_FINAL_TRY) !== 0);
  application.setKnowsLastTry(slot, KEY_REF_PUK, (flags & ck.CKF_SO_PIN_FINAL_TRY) !== 0);
  const unavailable = ck.CK_UNAVAILABLE_INFORMATION;
  return [
    { text: isPlainCard === true ? `${model} ${serial}` : `Sceau ${serial}`, width: 32 },
    isPlainCard === true ? UNKNOWN_MANUFACTURER : MANUFACTURER,
    { text: model, width: 16 },
    { text: serial, width: 16 },
    flags,
    MAX_SESSIONS,
    unavailable,
    MAX_SESSIONS, // read-write ones, too
    unavailable,
    PIN_MAX_BYTES,
    PIN_MIN_BYTES,
    unavailable,
    unavailable,
    unavailable,
    unavailable,
    hardwareVersion(),
    firmwareVersion(slot),
    { text: "", width: 16 },
  ];
};

/** Blocks without CKF_DONT_BLOCK: this call alone, not the others of the connection. C_Finalize ends it. */
const waitForSlotEvent: PkcsFunction = async (application, args) => {
  const isBlocking = (numberAt(args, 0) & ck.CKF_DONT_BLOCK) === 0;
  const slotId = isBlocking ? await application.slotEvents.next() : application.slotEvents.take();
  if (slotId === null) throw new CkError(ck.CKR_NO_EVENT);
  return [slotId];
};

const getMechanismList: PkcsFunction = (application, args) => {
  const slot = application.presentSlot(numberAt(args, 0));
  return [fitList([...mechanismsOf(slot).keys()], numberAt(args, 1))];
};

const getMechanismInfo: PkcsFunction = (application, args) => {
  const slot = application.presentSlot(numberAt(args, 0));
  const info = mechanismsOf(slot).get(numberAt(args, 1));
  if (info === undefined) throw new CkError(ck.CKR_MECHANISM_INVALID);
  return [info.smallestKey, info.largestKey, info.flags];
};

export const generalFunctions: Record<string, PkcsFunction> = {
  C_Initialize: initialize,
  C_Finalize: finalize,
  C_GetInfo: getInfo,
  C_GetSlotList: getSlotList,
  C_GetSlotInfo: getSlotInfo,
  C_GetTokenInfo: getTokenInfo,
  C_WaitForSlotEvent: waitForSlotEvent,
  C_GetMechanismList: getMechanismList,
  C_GetMechanismInfo: getMechanismInfo,
};
