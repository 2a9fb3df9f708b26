// GET VERSION, GET SERIAL and the vendor command: what the token tells of itself.

import { describe, expect, test } from "vitest";
import { CborMap, decodeCbor } from "../../protocol/cbor.ts";
import { FACTORY_PIN, FACTORY_PUK, INS_GET_SERIAL, INS_GET_VERSION, OBJECT_CHUID, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_INS_NOT_SUPPORTED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import {
  CLA_VENDOR,
  INFO_COUNTER,
  INFO_FIRMWARE,
  INFO_FORMAT,
  INFO_INITIALISED,
  INFO_MAX_DATA,
  INFO_MODEL,
  INFO_PROFILE,
  INFO_REVISION,
  INFO_SEALED,
  INFO_SERIAL,
  INFO_SIMULATED,
  INS_VENDOR,
  VENDOR_DEVICE_INFO,
} from "../../protocol/vendor.ts";
import { changePin, changePuk, putData, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, PUK, TEST_SERIAL, TestToken } from "../../test/firmware/test-token.ts";
import { MAX_COMMAND_DATA_BYTES } from "../limits.ts";
import { FIRMWARE_VERSION } from "../version.ts";

const DEVICE_INFO = { cla: CLA_VENDOR, ins: INS_VENDOR, p1: VENDOR_DEVICE_INFO, le: 256 };

function deviceInfo(token: TestToken): CborMap {
  const info = decodeCbor(token.data(DEVICE_INFO));
  if (!(info instanceof CborMap)) throw new Error("device information is no map");
  return info;
}

test("GET VERSION gives the version of the YubiKey PIV extension: by an older one ykman takes the management key for 3DES", () => {
  expect([...new TestToken().data({ ins: INS_GET_VERSION, le: 256 })]).toEqual([5, 4, 3]);
});

test("GET SERIAL gives four bytes, big-endian, the highest bit too", () => {
  expect([...new TestToken().data({ ins: INS_GET_SERIAL, le: 256 })]).toEqual([0xfe, 0xdc, 0xba, 0x98]);
});

describe("the device information", () => {
  test("has every key of the registry", () => {
    const info = deviceInfo(new TestToken());
    expect(Object.fromEntries(info.keys.map((key) => [key, info.get(key)]))).toEqual({
      [INFO_FORMAT]: 1,
      [INFO_MODEL]: "Sceau test",
      [INFO_SERIAL]: TEST_SERIAL,
      [INFO_FIRMWARE]: FIRMWARE_VERSION,
      [INFO_INITIALISED]: false,
      [INFO_REVISION]: 0,
      [INFO_MAX_DATA]: MAX_COMMAND_DATA_BYTES,
      [INFO_SIMULATED]: true,
      [INFO_PROFILE]: "strict",
      [INFO_SEALED]: false,
      [INFO_COUNTER]: 0,
    });
  });

  test("calls a token initialised once all three secrets are changed, and not before", () => {
    const token = new TestToken();
    token.data(changePin(FACTORY_PIN, PIN));
    expect(deviceInfo(token).get(INFO_INITIALISED)).toBe(false);
    token.data(changePuk(FACTORY_PUK, PUK));
    expect(deviceInfo(token).get(INFO_INITIALISED)).toBe(false);
    const whole = new TestToken().initialise();
    expect(deviceInfo(whole).get(INFO_INITIALISED)).toBe(true);
    expect(deviceInfo(whole.reopened()).get(INFO_INITIALISED)).toBe(true);
  });

  test("counts every change of a key or an object, and nothing else", () => {
    const token = new TestToken().initialise();
    const start = deviceInfo(token).get(INFO_REVISION);
    token.data(verifyPin(PIN));
    expect(deviceInfo(token).get(INFO_REVISION)).toBe(start);
    token.makeKey(SLOT_SIGNATURE);
    token.authenticate().data(putData(OBJECT_CHUID, new Uint8Array([1])));
    token.data(putData(OBJECT_CHUID, new Uint8Array([2])));
    expect(deviceInfo(token.reopened()).get(INFO_REVISION)).toBe(Number(start) + 3);
  });
});

describe("the vendor command refuses", () => {
  test.each([
    ["another P1", { p1: 0 }, SW_INCORRECT_P1_P2],
    ["another P2", { p2: 1 }, SW_INCORRECT_P1_P2],
    ["data", { data: new Uint8Array([0xa0]) }, SW_WRONG_DATA],
    ["the class 00", { cla: 0 }, SW_INS_NOT_SUPPORTED],
  ])("%s", (_what, parts, sw) => {
    expect(new TestToken().sw({ ...DEVICE_INFO, ...parts })).toBe(sw);
  });

  test("PIV's instructions under its class", () => {
    expect(new TestToken().sw({ cla: CLA_VENDOR, ins: INS_GET_VERSION, le: 256 })).toBe(SW_INS_NOT_SUPPORTED);
  });
});
