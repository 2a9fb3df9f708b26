// The factory step: the attestation key and its certificate, while the token is nobody's yet, and never again.

import { beforeEach, describe, expect, test } from "vitest";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { concatBytes, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap, encodeCbor } from "../../protocol/cbor.ts";
import {
  ALG_AES_192,
  ALG_AES_256,
  BUTTON_POLICY_NEVER,
  FACTORY_MANAGEMENT_KEY,
  FACTORY_PIN,
  FACTORY_PUK,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_METADATA,
  META_POLICY,
  META_PUBLIC_KEY,
  OBJECT_ATTESTATION_CERTIFICATE,
  PIN_POLICY_NEVER,
  SLOT_ATTESTATION,
  TAG_DATA,
  TAG_EC_POINT,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_NOT_FOUND,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import {
  FACTORY_CERTIFICATE,
  FACTORY_PUBLIC_KEY,
  INFO_SEALED,
  VENDOR_DEVICE_INFO,
  VENDOR_FACTORY_KEY,
  VENDOR_FACTORY_SEAL,
} from "../../protocol/vendor.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import {
  type CommandParts,
  changePin,
  changePuk,
  generateKey,
  getData,
  putData,
  RESET,
  setManagementKey,
  signCommand,
  vendorCommand,
} from "../../test/firmware/card-commands.ts";
import { MANAGEMENT_KEY, PIN, PUK, TestToken } from "../../test/firmware/test-token.ts";
import { bareCertificate } from "../../test/support/bare-certificate.ts";
import { withFields } from "../../test/support/changed-certificate.ts";

const MAKE_KEY = vendorCommand(VENDOR_FACTORY_KEY);
const seal = (certificate: Uint8Array): CommandParts =>
  vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, certificate));

let token: TestToken;

beforeEach(() => {
  token = new TestToken();
});

function makeKey(of = token): Uint8Array {
  return of.vendor(VENDOR_FACTORY_KEY).get(FACTORY_PUBLIC_KEY) as Uint8Array;
}

function sealed(of = token): Uint8Array {
  const certificate = bareCertificate(makeKey(of));
  of.data(seal(certificate));
  return certificate;
}

/** As YubiKey tools read it: 70 certificate, 71 00, FE. */
const stored = (certificate: Uint8Array): Uint8Array => concatBytes([encodeTlv(0x70, [certificate]), hexToBytes("710100fe00")]);

const isSealed = (of = token): unknown => of.vendor(VENDOR_DEVICE_INFO).get(INFO_SEALED);

describe("the attestation key", () => {
  test("asks for no PIN and no button, and is made again as long as it is not sealed", () => {
    const [first, second] = [makeKey(), makeKey()];
    expect(second).not.toEqual(first);
    const metadata = parseTlvs(token.data({ ins: INS_GET_METADATA, p2: SLOT_ATTESTATION, le: 256 }));
    expect(findTlv(metadata, META_POLICY)).toEqual(new Uint8Array([PIN_POLICY_NEVER, BUTTON_POLICY_NEVER]));
    expect(findTlv(metadata, META_PUBLIC_KEY)).toEqual(encodeTlv(TAG_EC_POINT, [second]));
    expect(isSealed()).toBe(false);
  });

  test("is no key slot: nothing signs with it, replaces it, or takes a certificate for it but the factory step", () => {
    sealed();
    token.initialise().authenticate();
    expect(token.sw(generateKey(SLOT_ATTESTATION))).toBe(SW_INCORRECT_P1_P2);
    expect(token.sw({ ...generateKey(SLOT_ATTESTATION), ins: INS_GENERATE_KEY_PAIR })).toBe(SW_INCORRECT_P1_P2);
    expect(token.sw({ ...signCommand(SLOT_ATTESTATION), ins: INS_GENERAL_AUTHENTICATE })).toBe(SW_INCORRECT_P1_P2);
    expect(token.sw(putData(OBJECT_ATTESTATION_CERTIFICATE, new Uint8Array(0)))).toBe(SW_NOT_FOUND);
  });
});

describe("sealing", () => {
  test("gives the certificate as YubiKey tools read it: 70 certificate, 71 00, FE", () => {
    expect(token.sw(getData(OBJECT_ATTESTATION_CERTIFICATE))).toBe(SW_NOT_FOUND);
    const certificate = sealed();
    expect(token.data(getData(OBJECT_ATTESTATION_CERTIFICATE))).toEqual(encodeTlv(TAG_DATA, [stored(certificate)]));
    expect(isSealed()).toBe(true);
  });

  test("is for good: no second key, no second certificate, also after a power-off", () => {
    const certificate = sealed();
    for (const again of [token, token.reopened()]) {
      expect(again.sw(MAKE_KEY)).toBe(SW_CONDITIONS_NOT_SATISFIED);
      expect(again.sw(seal(certificate))).toBe(SW_CONDITIONS_NOT_SATISFIED);
    }
  });

  test("takes 1,024 bytes of certificate and no more", () => {
    const point = makeKey();
    const base = bareCertificate(point, 700).length - 700;
    const ofLength = (lengthBytes: number): Uint8Array => bareCertificate(point, lengthBytes - base);
    expect(ofLength(1024)).toHaveLength(1024);
    expect(token.sw(seal(ofLength(1025)))).toBe(SW_WRONG_DATA);
    expect(token.sw(seal(ofLength(1024)))).toBe(SW_OK);
  });

  test("needs a key", () => {
    expect(token.sw(seal(bareCertificate(makeKey(new TestToken()))))).toBe(SW_REFERENCE_NOT_FOUND);
  });

  test.each([
    ["another key's certificate", (_: Uint8Array, other: Uint8Array) => bareCertificate(other)],
    ["what is no certificate", () => new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x01])],
    ["nothing", () => new Uint8Array(0)],
    ["a certificate that is cut short", (point: Uint8Array) => bareCertificate(point).slice(0, -1)],
    ["a certificate with more behind it", (point: Uint8Array) => concatBytes([bareCertificate(point), new Uint8Array([0])])],
    ["a certificate of version 1", (point: Uint8Array) => withFields(bareCertificate(point), (fields) => fields.slice(1))],
  ])("refuses %s; the key can be made again", (_, make: (point: Uint8Array, other: Uint8Array) => Uint8Array) => {
    const other = makeKey();
    const point = makeKey();
    expect(token.sw(seal(make(point, other)))).toBe(SW_WRONG_DATA);
    expect(isSealed()).toBe(false);
    sealed();
  });

  test("refuses a request of another form", () => {
    const certificate = bareCertificate(makeKey());
    expect(token.sw({ ...MAKE_KEY, data: encodeCbor(new CborMap()) })).toBe(SW_WRONG_DATA);
    expect(token.sw(vendorCommand(VENDOR_FACTORY_SEAL))).toBe(SW_WRONG_DATA);
    expect(token.sw(vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, "text")))).toBe(SW_WRONG_DATA);
    expect(token.sw(vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, certificate).put(2, 0)))).toBe(SW_WRONG_DATA);
    expect(token.sw({ ...seal(certificate), p2: 1 })).toBe(SW_INCORRECT_P1_P2);
  });
});

describe("only a blank token", () => {
  const CHANGES: readonly [string, (of: TestToken) => void][] = [
    ["the PIN", (of) => void of.data(changePin(FACTORY_PIN, PIN))],
    ["the PUK", (of) => void of.data(changePuk(FACTORY_PUK, PUK))],
    [
      "the management key",
      (of) => {
        of.authenticate(ALG_AES_192, hexToBytes(FACTORY_MANAGEMENT_KEY));
        of.data(setManagementKey(ALG_AES_256, MANAGEMENT_KEY));
      },
    ],
  ];

  test.each(CHANGES)("takes it: not one of which %s has been changed", (_, change) => {
    const certificate = bareCertificate(makeKey());
    change(token);
    expect(token.sw(MAKE_KEY)).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(token.sw(seal(certificate))).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(isSealed()).toBe(false);
  });

  test("of the compat profile there is none: there, what is not sealed takes it", () => {
    const compat = new TestToken({ profile: COMPAT_PROFILE });
    compat.data(changePin(FACTORY_PIN, PIN));
    sealed(compat);
    expect(compat.sw(MAKE_KEY)).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });
});

test("RESET leaves the attestation key and its certificate", () => {
  const certificate = sealed();
  const before = token.privateKey(SLOT_ATTESTATION);
  expect(token.initialise().block().sw(RESET)).toBe(SW_OK);
  expect(token.privateKey(SLOT_ATTESTATION)).toEqual(before);
  expect(parseOneTlv(token.data(getData(OBJECT_ATTESTATION_CERTIFICATE)), TAG_DATA)).toEqual(stored(certificate));
  expect(token.sw(MAKE_KEY)).toBe(SW_CONDITIONS_NOT_SATISFIED);
});

test("a cut of the power between the operations of the factory step leaves it undone or done, and it can be finished", () => {
  const images = token.imagesDuring(() => void sealed());
  const states = images.map((image) => {
    const after = token.reopenedOn(image);
    const wasSealed = isSealed(after);
    if (wasSealed === false) sealed(after);
    expect(isSealed(after)).toBe(true);
    return wasSealed;
  });
  expect([states[0], states[states.length - 1]]).toEqual([false, true]);
});
