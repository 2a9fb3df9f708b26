// DER as the firmware writes it: X.690's own rules for integers, and what it refuses to read.

import { describe, expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import { MalformedError } from "../protocol/malformed.ts";
import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";
import { DER_INTEGER, DER_SEQUENCE, derElements, derUnsigned, publicKeyInfo } from "./der.ts";

describe("an unsigned INTEGER", () => {
  test.each([
    [0, "020100"],
    [1, "020101"],
    [127, "02017f"],
    [128, "02020080"],
    [255, "020200ff"],
    [256, "02020100"],
    [0x7fff, "02027fff"],
    [0x8000, "0203008000"],
    [0x7fffffff, "02047fffffff"],
    [0x80000000, "02050080000000"],
    [0xffffffff, "020500ffffffff"],
  ])("%d is as short as X.690 §8.3 wants it", (value, hex) => {
    expect(bytesToHex(derUnsigned(value))).toBe(hex);
  });
});

describe("elements", () => {
  test("are given when their tags are exactly the expected ones", () => {
    expect(derElements(hexToBytes("0201053000"), [DER_INTEGER, DER_SEQUENCE])).toEqual([hexToBytes("05"), new Uint8Array(0)]);
  });

  test.each([
    ["one is missing", "020105"],
    ["one too many", "02010530000500"],
    ["another order", "3000020105"],
    ["cut short", "02010530"],
  ])("are refused: %s", (_, hex) => {
    expect(() => derElements(hexToBytes(hex), [DER_INTEGER, DER_SEQUENCE])).toThrow(MalformedError);
  });
});

test("a public key's form follows its algorithm", () => {
  expect(publicKeyInfo(ALG_P256, new Uint8Array(65))).toHaveLength(91);
  expect(publicKeyInfo(ALG_P384, new Uint8Array(97))).toHaveLength(120);
});
