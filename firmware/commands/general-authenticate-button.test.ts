import { createHash, createVerify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ResponseApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import {
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_NEVER,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_CARD_AUTHENTICATION,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED } from "../../protocol/status-words.ts";
import { apdu, authField, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";
import { publicKeyOf } from "../../test/support/ec-keys.ts";
import { Channel } from "../channel.ts";

const MESSAGE = "what is signed";
const MESSAGE_DIGEST = new Uint8Array(createHash("sha256").update(MESSAGE).digest());
const REFUSED = { data: EMPTY_BYTES, sw: SW_SECURITY_STATUS_NOT_SATISFIED };

function isValid(point: Uint8Array, answer: Uint8Array): boolean {
  return createVerify("sha256").update(MESSAGE).verify(publicKeyOf(point), authField(answer, TAG_RESPONSE));
}

describe("the button policy", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A token whose button is pressed by hand alone, with a key in 9E (no PIN) of this policy. */
  function tokenWithButton(button: number, pin = PIN_POLICY_NEVER): TestToken {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_CARD_AUTHENTICATION, { pin, button });
    token.button.script = { kind: "never" };
    return token;
  }

  /** Asks for a signature: the answer so far, and the answer once it is there. */
  function ask(token: TestToken, channel = token.channel): { now: ResponseApdu | null; later: () => ResponseApdu | null } {
    let late: ResponseApdu | null = null;
    const now = token.raw(apdu(signCommand(SLOT_CARD_AUTHENTICATION, MESSAGE_DIGEST)), channel, (response) => {
      late = response;
    });
    return { now, later: () => late };
  }

  test("never: signs without asking", () => {
    const token = tokenWithButton(BUTTON_POLICY_NEVER);
    expect(ask(token).now?.sw).toBe(SW_OK);
    expect(token.button.waits).toBe(0);
  });

  test("always: signs when the button is pressed, once for each signature, and not before", () => {
    const token = tokenWithButton(BUTTON_POLICY_ALWAYS);
    const point = token.token.card.keys.info(SLOT_CARD_AUTHENTICATION)?.publicKey ?? EMPTY_BYTES;
    for (let i = 1; i <= 3; i++) {
      const { now, later } = ask(token);
      vi.advanceTimersByTime(14_000);
      expect([now, later(), token.token.isBusy(), token.signatures]).toEqual([null, null, true, i - 1]);
      expect(token.button.pressNow()).toBe(true);
      expect(later()?.sw).toBe(SW_OK);
      expect(isValid(point, later()?.data ?? EMPTY_BYTES)).toBe(true);
      expect([token.token.isBusy(), token.button.waits]).toEqual([false, i]);
    }
  });

  test("always: a button not pressed for 15 s answers 6985, and the key was not used", () => {
    const token = tokenWithButton(BUTTON_POLICY_ALWAYS);
    const { later } = ask(token);
    vi.advanceTimersByTime(14_999);
    expect(later()).toBeNull();
    vi.advanceTimersByTime(1);
    expect(later()).toEqual({ data: EMPTY_BYTES, sw: SW_CONDITIONS_NOT_SATISFIED });
    expect([token.signatures, token.token.isBusy(), token.button.pressNow()]).toEqual([0, false, false]);
  });

  test.each(["cancel", "powerOff"] as const)("always: %s on the channel that waits answers 6985, and the key was not used", (end) => {
    const token = tokenWithButton(BUTTON_POLICY_ALWAYS);
    const { later } = ask(token);
    token.token[end](new Channel());
    expect(later()).toBeNull();
    token.token[end](token.channel);
    expect(later()).toEqual({ data: EMPTY_BYTES, sw: SW_CONDITIONS_NOT_SATISFIED });
    vi.advanceTimersByTime(60_000);
    expect([token.signatures, token.token.isBusy(), token.button.pressNow()]).toEqual([0, false, false]);
    ask(token);
    expect(token.button.pressNow()).toBe(true);
    expect(token.signatures).toBe(1);
  });

  test("cached: a press holds for the signatures of the next 15 s", () => {
    const token = tokenWithButton(BUTTON_POLICY_CACHED);
    expect(ask(token).now).toBeNull();
    token.button.pressNow();
    vi.advanceTimersByTime(15_000);
    expect(ask(token).now?.sw).toBe(SW_OK);
    vi.advanceTimersByTime(1);
    expect(ask(token).now).toBeNull();
    expect(token.button.waits).toBe(2);
  });

  test("cached: signatures do not prolong the press, and a wait that ran out is none", () => {
    const token = tokenWithButton(BUTTON_POLICY_CACHED);
    const { later } = ask(token);
    vi.advanceTimersByTime(15_000);
    expect(later()?.sw).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(ask(token).now).toBeNull();
    token.button.pressNow();
    for (let second = 1; second <= 15; second++) {
      vi.advanceTimersByTime(1000);
      expect(ask(token).now?.sw).toBe(SW_OK);
    }
    vi.advanceTimersByTime(1);
    expect(ask(token).now).toBeNull();
  });

  test("cached: a press from before the power-off does not hold", () => {
    const token = tokenWithButton(BUTTON_POLICY_CACHED);
    ask(token);
    token.button.pressNow();
    const again = token.reopened();
    again.button.script = { kind: "never" };
    expect(ask(again).now).toBeNull();
  });

  test("the PIN is checked first: without it nobody is asked to press", () => {
    for (const pin of [PIN_POLICY_ONCE, PIN_POLICY_ALWAYS]) {
      const token = tokenWithButton(BUTTON_POLICY_ALWAYS, pin);
      expect(ask(token).now).toEqual(REFUSED);
      expect(token.button.waits).toBe(0);
      token.data(verifyPin(PIN));
      const { now, later } = ask(token);
      expect(now).toBeNull();
      token.button.pressNow();
      expect(later()?.sw).toBe(SW_OK);
    }
  });

  test("a PIN-always key whose button was not pressed needs VERIFY again", () => {
    const token = tokenWithButton(BUTTON_POLICY_ALWAYS, PIN_POLICY_ALWAYS);
    token.data(verifyPin(PIN));
    ask(token);
    vi.advanceTimersByTime(15_000);
    expect(ask(token).now).toEqual(REFUSED);
  });
});
