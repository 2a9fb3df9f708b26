// Device information: what a token says is taken as it is, or not at all. Its serial number becomes part of the names of files.

import { describe, expect, test } from "vitest";
import { CborMap, type CborValue, encodeCbor } from "../../protocol/cbor.ts";
import { INFO_FIRMWARE, INFO_MODEL, INFO_PROFILE, INFO_SERIAL } from "../../protocol/vendor.ts";
import { parseDeviceInfo } from "./device-info.ts";
import { MalformedAnswerError } from "./malformed-answer.ts";

const VALUES: readonly CborValue[] = [1, "Sceau unit test", 40_718_225, [0, 1, 0], true, 7, 3072, false, "strict", true, 12];

/** INFO_* from 1 on, with another value under a key. */
function information(key = 0, other: CborValue = null): Uint8Array {
  const map = new CborMap();
  VALUES.forEach((value, index) => {
    map.put(index + 1, index + 1 === key ? other : value);
  });
  return encodeCbor(map);
}

test("is told as the token gave it", () => {
  expect(parseDeviceInfo(information())).toEqual({
    model: "Sceau unit test",
    serial: "40718225",
    firmware: [0, 1, 0],
    isInitialised: true,
    isSimulated: false,
    revision: 7,
    profile: "strict",
    isSealed: true,
    counter: 12,
  });
});

describe("is refused with", () => {
  test.each([
    ["a serial number that is a path", INFO_SERIAL, "../../secrets/1"],
    ["a serial number below zero", INFO_SERIAL, -1],
    ["no version", INFO_FIRMWARE, null],
    ["a version of two numbers", INFO_FIRMWARE, [1, 2]],
    ["a model that is none", INFO_MODEL, true],
    ["a profile that is none", INFO_PROFILE, 1],
  ] as [string, number, CborValue][])("%s", (_, key, other) => {
    expect(() => parseDeviceInfo(information(key, other))).toThrow(MalformedAnswerError);
  });
});
