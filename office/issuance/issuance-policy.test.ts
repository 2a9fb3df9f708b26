// Which firmware versions are accepted.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptsFirmware, type FirmwareVersion, firmwareText, parseFirmware } from "./issuance-policy.ts";

const OPEN = { models: null, withdrawnFirmware: [], oldestFirmware: null };
const part = fc.integer({ min: 0, max: 255 });
const version = fc.tuple(part, part, part);
const numberOf = ([major, minor, patch]: FirmwareVersion): number => (major * 256 + minor) * 256 + patch;

describe("firmware", () => {
  test("is accepted from the oldest that is accepted on, counted part by part", () => {
    fc.assert(
      fc.property(version, version, (each, oldest) => {
        const policy = { ...OPEN, oldestFirmware: firmwareText(oldest) };
        expect(acceptsFirmware(policy, each)).toBe(numberOf(each) >= numberOf(oldest));
      }),
    );
  });

  test("that was withdrawn is not accepted, and its neighbours are", () => {
    const policy = { ...OPEN, withdrawnFirmware: ["1.2.3"] };
    expect([[1, 2, 3] as const, [1, 2, 4] as const, [1, 23, 0] as const].map((each) => acceptsFirmware(policy, each))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test.each(["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1.2.-3", " 1.2.3"])("«%s» is no version", (text) => {
    expect(parseFirmware(text)).toBeNull();
  });
});
