// GENERAL AUTHENTICATE with the other side's point: ECDH (SP 800-73-5 Part 2 appendix A.5), judged by OpenSSL.

import { createECDH, type ECDH } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  RETIRED_SLOTS,
  retiredKeySlot,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
  TAG_CHALLENGE,
  TAG_DYNAMIC_AUTH,
  TAG_EXPONENTIATION,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_FUNCTION_NOT_SUPPORTED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import { agreeCommand, apdu, authField, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { seal } from "../../test/firmware/sealed-token.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";

const CURVES = [
  { name: "P-256", algorithm: ALG_P256, node: "prime256v1", field: 32 },
  { name: "P-384", algorithm: ALG_P384, node: "secp384r1", field: 48 },
] as const;
const RETIRED = Array.from({ length: RETIRED_SLOTS }, (_, index) => retiredKeySlot(index).slot);

function peer(curve: string): { ecdh: ECDH; point: Uint8Array } {
  const ecdh = createECDH(curve);
  return { ecdh, point: new Uint8Array(ecdh.generateKeys()) };
}

function withKey(slot: number, algorithm: number = ALG_P256, pin?: number, button?: number): { token: TestToken; key: Uint8Array } {
  const token = new TestToken().initialise();
  const key = token.makeKey(slot, { algorithm, ...(pin !== undefined && { pin }), ...(button !== undefined && { button }) });
  return { token, key };
}

describe.each(CURVES)("a key agreed on by $name", ({ algorithm, node, field }) => {
  test.each([SLOT_KEY_MANAGEMENT, ...RETIRED])("in slot %i is OpenSSL's: the x-coordinate, with its leading zeros", (slot) => {
    const { token, key } = withKey(slot, algorithm);
    token.data(verifyPin(PIN));
    const { ecdh, point } = peer(node);
    const agreed = authField(token.data(agreeCommand(slot, point, algorithm)), TAG_RESPONSE);
    expect(bytesToHex(agreed)).toBe(ecdh.computeSecret(key).toString("hex"));
    expect(agreed).toHaveLength(field);
    expect(token.agreements).toBe(1);
  });

  test("is the same after a power-off", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT, algorithm, PIN_POLICY_NEVER);
    const { point } = peer(node);
    const command = agreeCommand(SLOT_KEY_MANAGEMENT, point, algorithm);
    expect(token.reopened().data(command)).toEqual(token.data(command));
  });
});

describe("the slots 9A, 9C and 9E", () => {
  const OTHERS = [SLOT_AUTHENTICATION, SLOT_SIGNATURE, SLOT_CARD_AUTHENTICATION];

  test.each(OTHERS)("(%i) agree on no key in a strict token", (slot) => {
    const { token } = withKey(slot);
    token.data(verifyPin(PIN));
    expect(
      token.imagesDuring(() => expect(token.sw(agreeCommand(slot, peer("prime256v1").point))).toBe(SW_FUNCTION_NOT_SUPPORTED)),
    ).toEqual([]);
    expect(token.agreements).toBe(0);
  });

  test.each(OTHERS)("(%i) do in a compat token, as in YubiKeys", (slot) => {
    const token = new TestToken({ profile: COMPAT_PROFILE });
    token.channel.managementWasVerified(token.token.card);
    const key = token.token.card.keys;
    token.data({ ins: 0x47, p2: slot, data: hexToBytes("ac03800111"), le: 256 });
    token.data(verifyPin("123456"));
    const { ecdh, point } = peer("prime256v1");
    const agreed = authField(token.data(agreeCommand(slot, point)), TAG_RESPONSE);
    expect(bytesToHex(agreed)).toBe(ecdh.computeSecret(key.info(slot)?.publicKey ?? EMPTY_BYTES).toString("hex"));
  });
});

describe("9D signs, too", () => {
  test("with the same key", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT);
    token.data(verifyPin(PIN));
    expect(token.sw(signCommand(SLOT_KEY_MANAGEMENT))).toBe(SW_OK);
    expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, peer("prime256v1").point))).toBe(SW_OK);
  });
});

const offCurve = (point: Uint8Array): Uint8Array => point.map((byte, i) => (i === point.length - 1 ? byte ^ 1 : byte));

describe.each(CURVES)("$name refuses, with the key not used and nothing written,", ({ algorithm, node, field }) => {
  const good = peer(node).point;
  const prime = {
    32: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    48: `${"ff".repeat(31)}feffffffff0000000000000000ffffffff`,
  }[field];
  test.each<[string, Uint8Array]>([
    ["a point off the curve", offCurve(good)],
    ["the point 0, 0", Uint8Array.of(4, ...new Uint8Array(2 * field))],
    ["infinity, one byte", Uint8Array.of(0)],
    ["infinity, filled up", new Uint8Array(1 + 2 * field)],
    ["a compressed point", Uint8Array.of(2 + ((good[2 * field] ?? 0) & 1), ...good.subarray(1, 1 + field))],
    ["a hybrid point", Uint8Array.of(6 + ((good[2 * field] ?? 0) & 1), ...good.subarray(1))],
    ["x and y without their 04", good.subarray(1)],
    ["a byte less", good.subarray(0, 2 * field)],
    ["a byte more", Uint8Array.of(...good, 0)],
    ["no byte", EMPTY_BYTES],
    ["coordinates of the field's prime", Uint8Array.of(4, ...hexToBytes(prime), ...hexToBytes(prime))],
    ["a point of the other curve", peer(field === 32 ? "secp384r1" : "prime256v1").point],
    ["a point of another curve of the length", peer(field === 32 ? "secp256k1" : "brainpoolP384r1").point],
  ])("%s", (_what, point) => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT, algorithm);
    token.data(verifyPin(PIN));
    const images = token.imagesDuring(() => expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, point, algorithm))).toBe(SW_WRONG_DATA));
    expect(images).toEqual([]);
    expect(token.agreements).toBe(0);
    expect(token.token.card.log.counter()).toBe(0);
  });
});

describe("ECDH is refused", () => {
  const { point } = peer("prime256v1");

  test("without the PIN, before the point is looked at", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT);
    for (const other of [point, offCurve(point)]) {
      expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, other))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    }
    expect([token.agreements, token.token.card.log.counter()]).toEqual([0, 0]);
  });

  test("by a PIN-always key a second time", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT, ALG_P256, PIN_POLICY_ALWAYS);
    token.data(verifyPin(PIN));
    expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, point))).toBe(SW_OK);
    expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, point))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.agreements).toBe(1);
  });

  test.each([
    ["another algorithm than the key's", { p1: ALG_P384 }, SW_INCORRECT_P1_P2],
    ["no algorithm", { p1: 0 }, SW_INCORRECT_P1_P2],
    ["a slot without a key", { p2: 0x82 }, SW_REFERENCE_NOT_FOUND],
    ["the attestation key", { p2: 0xf9 }, SW_INCORRECT_P1_P2],
  ])("for %s", (_what, parts, sw) => {
    const token = new TestToken();
    seal(token);
    token.initialise().makeKey(SLOT_KEY_MANAGEMENT);
    token.data(verifyPin(PIN));
    expect(token.sw({ ...agreeCommand(SLOT_KEY_MANAGEMENT, point), ...parts })).toBe(sw);
    expect(token.agreements).toBe(0);
  });

  test("beside a digest in one template", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT);
    token.data(verifyPin(PIN));
    const data = encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_CHALLENGE, [new Uint8Array(32)]), encodeTlv(TAG_EXPONENTIATION, [point])]);
    expect(token.sw({ ...agreeCommand(SLOT_KEY_MANAGEMENT, point), data })).toBe(SW_WRONG_DATA);
    expect([token.agreements, token.signatures]).toEqual([0, 0]);
  });

  test("on a blank token", () => {
    expect(new TestToken().sw(agreeCommand(SLOT_KEY_MANAGEMENT, point))).toBe(SW_CONDITIONS_NOT_SATISFIED);
  });
});

describe("the button", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const { ecdh, point } = peer("prime256v1");

  test("is asked for after PIN and point, and the key is used after the press", () => {
    const { token, key } = withKey(SLOT_KEY_MANAGEMENT, ALG_P256, undefined, BUTTON_POLICY_ALWAYS);
    expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, point))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, offCurve(point)))).toBe(SW_WRONG_DATA);
    expect(token.button.waits).toBe(0);
    const { data, sw } = token.sendPressed(agreeCommand(SLOT_KEY_MANAGEMENT, point));
    expect([sw, token.button.waits]).toEqual([SW_OK, 1]);
    expect(bytesToHex(authField(data, TAG_RESPONSE))).toBe(ecdh.computeSecret(key).toString("hex"));
  });

  test("not pressed in time: 6985, the key not used, no entry in the signature journal", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT, ALG_P256, undefined, BUTTON_POLICY_ALWAYS);
    token.data(verifyPin(PIN));
    token.button.script = { kind: "never" };
    const answers: number[] = [];
    expect(token.raw(apdu(agreeCommand(SLOT_KEY_MANAGEMENT, point)), token.channel, ({ sw }) => answers.push(sw))).toBeNull();
    vi.advanceTimersByTime(15_000);
    expect(answers).toEqual([SW_CONDITIONS_NOT_SATISFIED]);
    expect([token.agreements, token.token.card.log.counter()]).toEqual([0, 0]);
  });

  test("cached: one press serves signatures and agreements of the key, and of no other", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT, ALG_P256, PIN_POLICY_NEVER, BUTTON_POLICY_CACHED);
    token.makeKey(0x82, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_CACHED });
    expect(token.sendPressed(signCommand(SLOT_KEY_MANAGEMENT)).sw).toBe(SW_OK);
    expect(token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, point))).toBe(SW_OK);
    expect(token.sendPressed(agreeCommand(0x82, point)).sw).toBe(SW_OK);
    expect(token.sendPressed(agreeCommand(SLOT_KEY_MANAGEMENT, point)).sw).toBe(SW_OK);
  });

  test("cached: a key that replaces the pressed one in its slot asks again", () => {
    const { token } = withKey(SLOT_KEY_MANAGEMENT, ALG_P256, PIN_POLICY_NEVER, BUTTON_POLICY_CACHED);
    token.sendPressed(agreeCommand(SLOT_KEY_MANAGEMENT, point));
    token.makeKey(SLOT_KEY_MANAGEMENT, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_CACHED });
    expect(token.sendPressed(agreeCommand(SLOT_KEY_MANAGEMENT, point)).sw).toBe(SW_OK);
  });
});
