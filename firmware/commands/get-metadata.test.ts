import { describe, expect, test } from "vitest";
import { bytesToHex } from "../../protocol/bytes.ts";
import {
  ALG_AES_128,
  BUTTON_POLICY_CACHED,
  INS_GET_METADATA,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  KEY_SLOTS,
  PIN_POLICY_ONCE,
  SLOT_ATTESTATION,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_REFERENCE_NOT_FOUND } from "../../protocol/status-words.ts";
import { resetPin, setManagementKey, setTries, verifyPin } from "../../test/firmware/card-commands.ts";
import { seal } from "../../test/firmware/sealed-token.ts";
import { MANAGEMENT_KEY, PIN, TestToken, WRONG_PIN, WRONG_PUK } from "../../test/firmware/test-token.ts";

function metadata(token: TestToken, p2: number): string {
  return bytesToHex(token.data({ ins: INS_GET_METADATA, p2, le: 256 }));
}

describe("GET METADATA", () => {
  test("of PIN and PUK tells whether they are the factory's, and the tries in all and left", () => {
    const blank = new TestToken();
    expect(metadata(blank, KEY_REF_PIV_PIN)).toBe("0101ff05010106020303");
    expect(metadata(blank, KEY_REF_PUK)).toBe("0101ff05010106020303");
    const token = new TestToken().initialise();
    token.sw(verifyPin(WRONG_PIN));
    token.sw(resetPin(WRONG_PUK, "7294816"));
    token.sw(resetPin(WRONG_PUK, "7294816"));
    for (const one of [token, token.reopened()]) {
      expect(metadata(one, KEY_REF_PIV_PIN)).toBe("0101ff05010006020302");
      expect(metadata(one, KEY_REF_PUK)).toBe("0101ff05010006020301");
    }
  });

  test("tells tries that were set", () => {
    const token = new TestToken().initialise().authenticate();
    token.data(verifyPin(PIN));
    token.data(setTries(5, 9));
    token.sw(verifyPin(WRONG_PIN));
    expect(metadata(token.reopened(), KEY_REF_PIV_PIN)).toBe("0101ff05010006020504");
    expect(metadata(token.reopened(), KEY_REF_PUK)).toBe("0101ff05010006020909");
  });

  test("of the attestation key tells what it is, and of a retired one", () => {
    const token = new TestToken();
    const point = seal(token);
    expect(metadata(token, SLOT_ATTESTATION)).toBe(`0101110202010103010104438641${bytesToHex(point)}`);
    const retired = token.initialise().makeKey(0x95);
    expect(metadata(token, 0x95)).toBe(`0101110202020103010104438641${bytesToHex(retired)}`);
  });

  test("of the management key tells its algorithm and whether it is the factory's", () => {
    expect(metadata(new TestToken(), SLOT_MANAGEMENT)).toBe("01010a02020001050101");
    const token = new TestToken().initialise();
    expect(metadata(token, SLOT_MANAGEMENT)).toBe("01010c02020001050100");
    token.authenticate().data(setManagementKey(ALG_AES_128, MANAGEMENT_KEY.slice(0, 16)));
    expect(metadata(token, SLOT_MANAGEMENT)).toBe("01010802020001050100");
  });

  test("of a key tells its algorithm, policies, origin and public point, and nothing private", () => {
    const token = new TestToken().initialise();
    const point = token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_CACHED });
    const told = metadata(token, SLOT_SIGNATURE);
    expect(told).toBe(`0101110202020303010104438641${bytesToHex(point)}`);
    const key = token.privateKey(SLOT_SIGNATURE);
    expect(told).not.toContain(bytesToHex(key));
  });

  test("of the default policies tells what they are, not that they are the default", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    expect(metadata(token, SLOT_SIGNATURE)).toContain("02020301");
  });

  test.each([...KEY_SLOTS.map(({ slot }) => slot), 0x00, 0x82, 0xf9])("of an empty or unknown slot is 6A88 (%i)", (p2) => {
    expect(new TestToken().initialise().sw({ ins: INS_GET_METADATA, p2, le: 256 })).toBe(SW_REFERENCE_NOT_FOUND);
  });

  test("takes no other P1", () => {
    expect(new TestToken().sw({ ins: INS_GET_METADATA, p1: 1, p2: KEY_REF_PIV_PIN, le: 256 })).toBe(SW_INCORRECT_P1_P2);
  });
});
