// ATTEST: who may, when, and for which slot. What the certificate says: host-bridge/token/attestation.test.ts.

import { X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { CborMap } from "../../protocol/cbor.ts";
import {
  ALG_P256,
  BUTTON_POLICY_NEVER,
  FACTORY_PIN,
  INS_ATTEST,
  PIN_POLICY_ONCE,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_NOT_FOUND,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { FACTORY_CERTIFICATE, FACTORY_PUBLIC_KEY, VENDOR_FACTORY_KEY, VENDOR_FACTORY_SEAL } from "../../protocol/vendor.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import { type CommandParts, FORGET_PIN, vendorCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";
import { bareCertificate } from "../../test/support/bare-certificate.ts";
import { FIELD_SUBJECT, withField } from "../../test/support/changed-certificate.ts";
import { publicKeyOf } from "../../test/support/ec-keys.ts";
import { type KeyAlgorithm, keyAlgorithm } from "../key-algorithm.ts";

const attest = (slot: number): CommandParts => ({ ins: INS_ATTEST, p1: slot, le: 65536 });

function seal(token: TestToken, subject?: string): Uint8Array {
  const point = token.vendor(VENDOR_FACTORY_KEY).get(FACTORY_PUBLIC_KEY) as Uint8Array;
  const bare = bareCertificate(point);
  const certificate = subject === undefined ? bare : withField(bare, FIELD_SUBJECT, new Uint8Array(Buffer.from(subject, "hex")));
  token.data(vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, certificate)));
  return point;
}

let token: TestToken;
let attestationPoint: Uint8Array;

beforeEach(() => {
  token = new TestToken();
  attestationPoint = seal(token);
  token.initialise();
});

describe("ATTEST", () => {
  test("answers a certificate of the slot's key, signed by the attestation key", () => {
    const point = token.makeKey(SLOT_SIGNATURE);
    token.data(verifyPin(PIN));
    const certificate = new X509Certificate(token.data(attest(SLOT_SIGNATURE)));
    expect(certificate.verify(publicKeyOf(attestationPoint))).toBe(true);
    expect(certificate.publicKey.equals(publicKeyOf(point))).toBe(true);
    expect([certificate.subject, certificate.issuer]).toEqual(["CN=Sceau attestation 9C", "CN=Sceau test"]);
  });

  test("takes the issuer's name byte for byte, be it as odd as it may", () => {
    // O=Sceau as a TeletexString, then two attributes in one RDN
    const odd = "302e310e300c060355040a1405536365617531" + "1c300a06035504060c034652" + "41300e06035504030c07466163746f7279";
    const other = new TestToken();
    seal(other, odd);
    other.initialise().makeKey(SLOT_SIGNATURE);
    other.data(verifyPin(PIN));
    expect(Buffer.from(other.data(attest(SLOT_SIGNATURE))).includes(Buffer.from(odd, "hex"))).toBe(true);
  });

  test("wants the PIN or the management key on its channel", () => {
    token.makeKey(SLOT_SIGNATURE);
    expect(token.sw(attest(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    expect(token.sw(attest(SLOT_SIGNATURE))).toBe(SW_OK);
    token.data(FORGET_PIN);
    expect(token.sw(attest(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.authenticate();
    expect(token.sw(attest(SLOT_SIGNATURE))).toBe(SW_OK);
  });

  test("is told in the signature journal, as every use of a private key", () => {
    token.makeKey(SLOT_SIGNATURE);
    token.data(verifyPin(PIN));
    const before = token.token.card.log.counter();
    token.data(attest(SLOT_SIGNATURE));
    expect(token.token.card.log.counter()).toBe(before + 1);
    expect(token.token.card.log.read(before + 1, 1).entries[0]?.[0]).toBe(SLOT_ATTESTATION);
  });
});

describe("ATTEST refuses", () => {
  beforeEach(() => {
    token.data(verifyPin(PIN));
  });

  test("a slot without a key; that is another answer than that of a token without the factory step", () => {
    expect(token.sw(attest(SLOT_SIGNATURE))).toBe(SW_NOT_FOUND);
    const unsealed = new TestToken().initialise();
    unsealed.makeKey(SLOT_SIGNATURE);
    unsealed.data(verifyPin(PIN));
    expect(unsealed.sw(attest(SLOT_SIGNATURE))).toBe(SW_REFERENCE_NOT_FOUND);
    expect(unsealed.sw(attest(SLOT_AUTHENTICATION))).toBe(SW_REFERENCE_NOT_FOUND);
  });

  test("what is no slot of the holder's: the attestation key, the management key, numbers that are none", () => {
    for (const slot of [SLOT_ATTESTATION, SLOT_MANAGEMENT, 0, SLOT_FIRST_RETIRED - 1, 0x96, 0xff]) {
      expect(token.sw(attest(slot))).toBe(SW_INCORRECT_P1_P2);
    }
  });

  test("another P2, and data", () => {
    token.makeKey(SLOT_SIGNATURE);
    expect(token.sw({ ...attest(SLOT_SIGNATURE), p2: 1 })).toBe(SW_INCORRECT_P1_P2);
    expect(token.sw({ ...attest(SLOT_SIGNATURE), data: new Uint8Array([0]) })).toBe(SW_WRONG_DATA);
  });

  test("on a blank token", () => {
    const blank = new TestToken();
    seal(blank);
    blank.data(verifyPin(FACTORY_PIN));
    expect(blank.sw(attest(SLOT_SIGNATURE))).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });
});

test("the compat profile attests to anybody, and says that it is compat", () => {
  const compat = new TestToken({ profile: COMPAT_PROFILE });
  seal(compat);
  const { keys, hal } = compat.token.card;
  keys.generate(SLOT_SIGNATURE, keyAlgorithm(hal.crypto, ALG_P256) as KeyAlgorithm, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
  const certificate = Buffer.from(compat.data(attest(SLOT_SIGNATURE)));
  expect(certificate.includes(Buffer.from("0c06636f6d706174", "hex"))).toBe(true);
});
