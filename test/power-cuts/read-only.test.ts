import { describe, expect, test } from "vitest";
import { CborMap } from "../../protocol/cbor.ts";
import {
  ALG_AES_256,
  INS_GET_CHALLENGE,
  INS_GET_METADATA,
  INS_GET_SERIAL,
  INS_GET_VERSION,
  INS_IMPORT_KEY,
  INS_SELECT,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  OBJECT_AUTH_CERTIFICATE,
  OBJECT_CHUID,
  OBJECT_DISCOVERY,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { REQUEST_COUNTER, REQUEST_SLOT, VENDOR_DEVICE_INFO, VENDOR_ERASE_KEY, VENDOR_JOURNAL_READ } from "../../protocol/vendor.ts";
import {
  ASK_TRIES,
  authenticate,
  BATCH_END,
  batchBegin,
  type CommandParts,
  changePin,
  DIGEST,
  FORGET_PIN,
  generateKey,
  getData,
  putData,
  RESET,
  setManagementKey,
  setTries,
  signCommand,
  vendorCommand,
} from "../firmware/card-commands.ts";
import { copyImage, MANAGEMENT_KEY, PIN } from "../firmware/test-token.ts";
import { pinProved } from "./act.ts";
import { openOn, pressed } from "./laboratory.ts";
import { BLANK, IN_USE } from "./start-images.ts";

const metadata = (p2: number): CommandParts => ({ ins: INS_GET_METADATA, p2, le: 256 });

const READING: readonly (readonly [string, CommandParts])[] = [
  ["SELECT", { ins: INS_SELECT, p1: 4, data: new Uint8Array([0xa0, 0, 0, 3, 8]), le: 256 }],
  ["VERIFY without data", ASK_TRIES],
  ["VERIFY that forgets", FORGET_PIN],
  ...[OBJECT_AUTH_CERTIFICATE, OBJECT_CHUID, OBJECT_DISCOVERY].map((tag) => [`GET DATA ${tag.toString(16)}`, getData(tag)] as const),
  ...[KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_MANAGEMENT, SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT, SLOT_ATTESTATION].map(
    (p2) => [`GET METADATA ${p2.toString(16)}`, metadata(p2)] as const,
  ),
  ["GET CHALLENGE", { ins: INS_GET_CHALLENGE, le: 256 }],
  ["GET SERIAL", { ins: INS_GET_SERIAL, le: 256 }],
  ["GET VERSION", { ins: INS_GET_VERSION, le: 256 }],
  ["GENERAL AUTHENTICATE, a challenge", authenticate(ALG_AES_256, [[0x81, new Uint8Array()]])],
  ["GENERAL AUTHENTICATE, a wrong answer", authenticate(ALG_AES_256, [[0x82, new Uint8Array(16)]])],
  ["device information", vendorCommand(VENDOR_DEVICE_INFO)],
  ["entries of the signature journal", vendorCommand(VENDOR_JOURNAL_READ, new CborMap().put(REQUEST_COUNTER, 1))],
  ["consent to a list", batchBegin(SLOT_AUTHENTICATION, [DIGEST])],
  ["end of a list", BATCH_END],
];

/** Refused before anything is tried. */
const REFUSED: readonly (readonly [string, CommandParts])[] = [
  ["GENERATE without the management key", generateKey(SLOT_AUTHENTICATION)],
  ["PUT DATA without it", putData(OBJECT_CHUID, DIGEST)],
  ["SET MANAGEMENT KEY without it", setManagementKey(ALG_AES_256, MANAGEMENT_KEY)],
  ["SET TRIES without it", setTries(4, 4)],
  ["ERASE KEY without it", vendorCommand(VENDOR_ERASE_KEY, new CborMap().put(REQUEST_SLOT, SLOT_AUTHENTICATION))],
  ["a signature, PIN always, after another command", signCommand(SLOT_SIGNATURE)],
  ["a signature over nothing", signCommand(SLOT_AUTHENTICATION, new Uint8Array())],
  ["CHANGE PIN to a trivial one", changePin(PIN, "111111")],
  ["IMPORT KEY", { ins: INS_IMPORT_KEY, p1: 0x11, p2: SLOT_AUTHENTICATION, data: new Uint8Array(34) }],
  ["RESET while there are tries left", RESET],
  ["GET CHALLENGE without Le", { ins: INS_GET_CHALLENGE }],
  ["a command that there is not", { ins: 0x01 }],
];

describe.each([
  ["a blank token", BLANK],
  ["a token in use", IN_USE],
])("%s does nothing to its flash for", (_, image) => {
  test.each([...READING, ...REFUSED])("%s", (_name, parts) => {
    const opened = openOn(copyImage(image));
    if (image === IN_USE) pinProved(opened);
    opened.token.send({ ins: INS_GET_VERSION }); // so that the PIN is not fresh
    opened.flash.restart();
    pressed(opened, parts);
    expect(opened.flash.operations).toEqual([]);
  });

  test("being plugged in", () => {
    const opened = openOn(copyImage(openedOnce(image)));
    expect(opened.flash.operations).toEqual([]);
  });
});

/** What a first opening has to put in order is done. */
function openedOnce(image: typeof IN_USE): typeof IN_USE {
  const copy = copyImage(image);
  openOn(copy);
  return copy;
}
