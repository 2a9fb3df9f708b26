// Batch consent: one PIN and one press for a list of digests, each of which is signed once.

import { createHash, verify } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P384,
  BUTTON_POLICY_ALWAYS,
  INS_GET_VERSION,
  INS_SELECT,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { MAX_BATCH_DIGESTS } from "../../protocol/vendor.ts";
import {
  authField,
  BATCH_END,
  batchBegin,
  type CommandParts,
  changePin,
  FORGET_PIN,
  RESET,
  resetPin,
  signCommand,
  verifyPin,
} from "../../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN } from "../../test/firmware/test-token.ts";
import { publicKeyOf } from "../../test/support/ec-keys.ts";
import { Channel } from "../channel.ts";

const digest = (name: string, algorithm = "sha256"): Uint8Array => new Uint8Array(createHash(algorithm).update(name).digest());
const [A, B, C] = [digest("a"), digest("b"), digest("c")];
const SELECT: CommandParts = { ins: INS_SELECT, p1: 4, data: hexToBytes("a000000308") };
const FIVE_MINUTES_MS = 300_000;
const SIGN_A = signCommand(SLOT_SIGNATURE, A);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A token with a key in 9C (PIN always) that asks for the button. */
function withKey(slot = SLOT_SIGNATURE, button = BUTTON_POLICY_ALWAYS): TestToken {
  const token = new TestToken().initialise();
  token.makeKey(slot, { button });
  return token;
}

/** The holder consents to these digests on the token's channel. */
function consent(token: TestToken, digests: readonly Uint8Array[], slot = SLOT_SIGNATURE, channel = token.channel): void {
  token.data(verifyPin(PIN), channel);
  expect(token.sendPressed(batchBegin(slot, digests), channel)).toEqual({ data: new Uint8Array(0), sw: SW_OK });
}

/** The consent has gone: the key asks for the PIN again, as if there had been none. */
function expectNoConsent(token: TestToken, command = SIGN_A, channel = token.channel): void {
  const signatures = token.signatures;
  expect(token.sw(command, channel)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  expect(token.signatures).toBe(signatures);
}

describe("a list that the holder has consented to", () => {
  test("is signed with one PIN and one press, in any order, each signature verifying", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(["a", "b", "c", "d", "e"], { minLength: 5 }), (names) => {
        const token = withKey();
        const point = token.token.card.keys.info(SLOT_SIGNATURE)?.publicKey ?? new Uint8Array(0);
        consent(
          token,
          ["e", "d", "c", "b", "a"].map((name) => digest(name)),
        );
        for (const name of names) {
          const signature = authField(token.data(signCommand(SLOT_SIGNATURE, digest(name))), TAG_RESPONSE);
          expect(verify("sha256", Buffer.from(name), publicKeyOf(point), signature)).toBe(true);
        }
        expect([token.button.waits, token.signatures]).toEqual([1, 5]);
      }),
      { numRuns: 5 },
    );
  });

  test("is signed once: a digest again is refused, and the others stay", () => {
    const token = withKey();
    consent(token, [A, B]);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
    expect(token.sw(SIGN_A)).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(token.sw(signCommand(SLOT_SIGNATURE, B))).toBe(SW_OK);
    expect([token.signatures, token.button.waits]).toEqual([2, 1]);
  });

  test("with a digest twice is signed twice there", () => {
    const token = withKey();
    consent(token, [A, B, A]);
    expect([SIGN_A, SIGN_A, SIGN_A].map((command) => token.sw(command))).toEqual([SW_OK, SW_OK, SW_CONDITIONS_NOT_SATISFIED]);
    expect(token.sw(signCommand(SLOT_SIGNATURE, B))).toBe(SW_OK);
  });

  test("refuses what is not on it, with PIN and press to hand or not, and the key not used", () => {
    const token = withKey();
    consent(token, [A, B]);
    for (const other of [C, A.subarray(1), A.subarray(0, 31), Uint8Array.of(...A.subarray(0, 31), (A[31] ?? 0) ^ 1)]) {
      expect(token.sw(signCommand(SLOT_SIGNATURE, other))).toBe(SW_CONDITIONS_NOT_SATISFIED);
    }
    expect(token.signatures).toBe(0);
    expect(token.token.card.log.counter()).toBe(0);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
  });

  test("stays over a request that is refused for its form", () => {
    const token = withKey();
    consent(token, [A]);
    expect(token.sw(signCommand(SLOT_SIGNATURE, new Uint8Array(33)))).toBe(SW_WRONG_DATA);
    expect(token.sw({ ...SIGN_A, p1: ALG_P384 })).toBe(0x6a86);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
  });

  test("needs no signature right after the other", () => {
    const token = withKey();
    consent(token, [A, B]);
    token.data({ ins: INS_GET_VERSION, le: 256 });
    expect(token.sw(SIGN_A)).toBe(SW_OK);
    vi.advanceTimersByTime(FIVE_MINUTES_MS - 1000);
    expect(token.sw(signCommand(SLOT_SIGNATURE, B))).toBe(SW_OK);
  });

  test("tells each signature in the signature journal", () => {
    const token = withKey();
    consent(token, [A, B]);
    expect(token.token.card.log.counter()).toBe(0);
    token.data(SIGN_A);
    token.data(signCommand(SLOT_SIGNATURE, B));
    expect(token.token.card.log.counter()).toBe(2);
  });

  test("leaves other slots to their own policies", () => {
    const token = withKey();
    token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
    consent(token, [A]);
    expect(token.sendPressed(signCommand(SLOT_AUTHENTICATION, B)).sw).toBe(SW_OK);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
    token.data(FORGET_PIN);
    expect(token.sw(signCommand(SLOT_AUTHENTICATION, B))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("opens nothing on another channel, whose PIN is verified or not", () => {
    const token = withKey(SLOT_AUTHENTICATION);
    consent(token, [A], SLOT_AUTHENTICATION);
    const other = new Channel();
    expectNoConsent(token, signCommand(SLOT_AUTHENTICATION, A), other);
    token.data(verifyPin(PIN), other);
    expect(token.sendPressed(signCommand(SLOT_AUTHENTICATION, C), other).sw).toBe(SW_OK);
    expect(token.sw(signCommand(SLOT_AUTHENTICATION, A))).toBe(SW_OK);
  });

  test("is of 48 bytes a digest for a P-384 key, and 64 of them fit", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { algorithm: ALG_P384, button: BUTTON_POLICY_ALWAYS });
    const all = Array.from({ length: MAX_BATCH_DIGESTS }, (_, i) => digest(`document ${i}`, "sha384"));
    consent(token, all);
    for (const one of all) expect(token.sw(signCommand(SLOT_SIGNATURE, one, ALG_P384))).toBe(SW_OK);
    expect([token.signatures, token.button.waits]).toEqual([MAX_BATCH_DIGESTS, 1]);
  });
});

describe("the consent is forgotten", () => {
  test("after the last digest", () => {
    const token = withKey();
    consent(token, [A]);
    token.data(SIGN_A);
    expectNoConsent(token);
  });

  test.each<[string, CommandParts]>([
    ["after BATCH_END", BATCH_END],
    ["after SELECT", SELECT],
    ["after a wrong PIN", verifyPin(WRONG_PIN)],
    ["after P1 = FF of VERIFY", FORGET_PIN],
    ["after the right PIN again", verifyPin(PIN)],
    ["after a PIN changed here", changePin(PIN, "7294816")],
  ])("%s", (_what, command) => {
    const token = withKey();
    consent(token, [A, B]);
    token.send(command);
    token.data({ ins: INS_GET_VERSION, le: 256 }); // so that no VERIFY is the command before
    expectNoConsent(token);
  });

  test.each<[string, CommandParts]>([
    ["changed", changePin(PIN, "7294816")],
    ["set by the PUK", resetPin(PUK, "7294816")],
  ])("after a PIN %s on another channel", (_what, command) => {
    const token = withKey();
    consent(token, [A, B]);
    token.data(command, new Channel());
    expectNoConsent(token);
  });

  test("after a PIN blocked on another channel, but not after a wrong one there", () => {
    const token = withKey();
    consent(token, [A, B, C]);
    const other = new Channel();
    token.sw(verifyPin(WRONG_PIN), other);
    token.sw(verifyPin(WRONG_PIN), other);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
    token.sw(verifyPin(WRONG_PIN), other);
    expectNoConsent(token, signCommand(SLOT_SIGNATURE, B));
  });

  test("after five minutes", () => {
    const token = withKey();
    consent(token, [A, B]);
    vi.advanceTimersByTime(FIVE_MINUTES_MS);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
    vi.advanceTimersByTime(1);
    expectNoConsent(token, signCommand(SLOT_SIGNATURE, B));
    token.data(verifyPin(PIN));
    expect(token.sendPressed(SIGN_A).sw).toBe(SW_OK); // by the key's own policies, as ever
  });

  test("after a new key in the slot", () => {
    const token = withKey(SLOT_AUTHENTICATION);
    consent(token, [A, B], SLOT_AUTHENTICATION);
    token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_ALWAYS });
    expect(token.sendPressed(signCommand(SLOT_AUTHENTICATION, A)).sw).toBe(SW_OK);
    expect(token.sendPressed(signCommand(SLOT_AUTHENTICATION, C)).sw).toBe(SW_OK);
  });

  test("after RESET", () => {
    const token = withKey(SLOT_CARD_AUTHENTICATION);
    consent(token, [A, B], SLOT_CARD_AUTHENTICATION);
    const other = new Channel();
    for (let i = 0; i < 3; i++) token.sw(verifyPin(WRONG_PIN), other);
    for (let i = 0; i < 3; i++) token.sw(resetPin("wrongPUK", PIN), other);
    token.data(RESET, other);
    expect(token.sw(signCommand(SLOT_CARD_AUTHENTICATION, A))).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(token.signatures).toBe(0);
  });

  test("when the channel ends", () => {
    const token = withKey();
    consent(token, [A]);
    token.token.powerOff(token.channel);
    expectNoConsent(token);
  });

  test("when another list begins, be it for another slot, and be it refused", () => {
    const token = withKey();
    token.makeKey(SLOT_AUTHENTICATION);
    consent(token, [A, B]);
    token.data(verifyPin(PIN));
    token.sendPressed(batchBegin(SLOT_AUTHENTICATION, [C]));
    expectNoConsent(token);
    expect(token.sw(signCommand(SLOT_AUTHENTICATION, C))).toBe(SW_OK);
    consent(token, [A, B]);
    expect(token.sw(batchBegin(SLOT_SIGNATURE, []))).toBe(SW_WRONG_DATA);
    expectNoConsent(token);
  });
});
