import { describe, expect, test } from "vitest";
import { FACTORY_PUK, INS_RESET_RETRY_COUNTER, KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { ASK_TRIES, resetPin, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const FRESH = "7294816";

function blockPin(token: TestToken): void {
  for (let i = 0; i < 3; i++) token.sw(verifyPin(WRONG_PIN));
  expect(token.sw(ASK_TRIES)).toBe(SW_AUTH_METHOD_BLOCKED);
}

describe("RESET RETRY COUNTER", () => {
  test("unblocks the PIN with a new one, also after a power-off", () => {
    const token = new TestToken().initialise();
    blockPin(token);
    expect(token.sw(resetPin(PUK, FRESH))).toBe(SW_OK);
    for (const one of [token.reopened(), token]) {
      expect(one.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
      expect(one.sw(verifyPin(FRESH))).toBe(SW_OK);
      expect(one.sw(verifyPin(PIN))).toBe(SW_TRIES_LEFT + 2);
    }
  });

  test("replaces a PIN that is not blocked, too", () => {
    const token = new TestToken().initialise();
    expect(token.sw(resetPin(PUK, FRESH))).toBe(SW_OK);
    expect(token.sw(verifyPin(FRESH))).toBe(SW_OK);
  });

  test("verifies nothing by itself", () => {
    const token = new TestToken().initialise();
    token.data(resetPin(PUK, FRESH));
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });

  test("with a wrong PUK spends one of the PUK's tries and leaves the PIN as it was", () => {
    const token = new TestToken().initialise();
    expect(token.sw(resetPin(WRONG_PUK, FRESH))).toBe(SW_TRIES_LEFT + 2);
    expect(token.token.card.puk.triesLeft()).toBe(2);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });

  test("gives the PUK's tries back when it is right", () => {
    const token = new TestToken().initialise();
    token.sw(resetPin(WRONG_PUK, FRESH));
    token.data(resetPin(PUK, FRESH));
    expect(token.token.card.puk.triesLeft()).toBe(3);
  });

  test("with a blocked PUK answers 6983, with the right PUK and after a power-off too, and the PIN still works", () => {
    const token = new TestToken().initialise();
    const answers = [1, 2, 3].map(() => token.sw(resetPin(WRONG_PUK, FRESH)));
    expect(answers).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
    expect(token.sw(resetPin(PUK, FRESH))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.reopened().sw(resetPin(PUK, FRESH))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });

  test("with PIN and PUK blocked opens nothing any more", () => {
    const token = new TestToken().initialise();
    blockPin(token);
    for (let i = 0; i < 3; i++) token.sw(resetPin(WRONG_PUK, FRESH));
    expect(token.sw(resetPin(PUK, FRESH))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.sw(verifyPin(PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("forgets the PIN on every channel", () => {
    const token = new TestToken().initialise();
    const channels = [token.channel, new Channel()];
    for (const channel of channels) token.data(verifyPin(PIN), channel);
    token.data(resetPin(PUK, FRESH));
    for (const channel of channels) expect(token.sw(ASK_TRIES, channel)).toBe(SW_TRIES_LEFT + 3);
  });

  test("forgets on every channel that the PIN was verified just before, as PIN-always keys ask", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    const other = new Channel();
    token.data(verifyPin(PIN), other);
    token.data(resetPin(PUK, FRESH));
    expect(token.sw(signCommand(SLOT_SIGNATURE), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.signatures).toBe(0);
  });

  test("is not for a blank token", () => {
    const token = new TestToken();
    expect(token.sw(resetPin(FACTORY_PUK, FRESH))).toBe(SW_CONDITIONS_NOT_SATISFIED);
    expect(token.token.card.puk.triesLeft()).toBe(3);
  });
});

// §3.2.3 allows 6A80 too: ykman blocks the PUK so, before RESET.
test("RESET RETRY COUNTER with a PUK of the wrong form spends a try, whatever the new PIN is", () => {
  const token = new TestToken().initialise();
  const answers = [1, 2, 3].map(() => token.sw(resetPin("", "")));
  expect(answers).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
  expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
});

test("a PUK of the wrong form is a wrong one: it spends a try and sets no PIN, whatever comes with it", () => {
  const token = new TestToken().initialise();
  const answers = [FRESH, "abc", FRESH].map((pin) => token.sw(resetPin("short", pin)));
  expect(answers).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
  expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
});

describe("RESET RETRY COUNTER refuses, with no try spent,", () => {
  const untouched = (token: TestToken): number[] => [token.token.card.puk.triesLeft(), token.sw(verifyPin(PIN))];

  test.each([0, 8, 15, 17])("data of %i bytes", (length) => {
    const token = new TestToken().initialise();
    const data = new Uint8Array(length).fill(0x31);
    expect(token.sw({ ins: INS_RESET_RETRY_COUNTER, p2: KEY_REF_PIV_PIN, data })).toBe(SW_WRONG_DATA);
    expect(untouched(token)).toEqual([3, SW_OK]);
  });

  test.each([0x00, KEY_REF_PUK])("key reference %i", (p2) => {
    const token = new TestToken().initialise();
    expect(token.sw({ ...resetPin(PUK, FRESH), p2 })).toBe(SW_REFERENCE_NOT_FOUND);
    expect(untouched(token)).toEqual([3, SW_OK]);
  });

  test.each([1, 2, 3])("P1 %i", (p1) => {
    const token = new TestToken().initialise();
    expect(token.sw({ ...resetPin(PUK, FRESH), p1 })).toBe(SW_INCORRECT_P1_P2);
    expect(untouched(token)).toEqual([3, SW_OK]);
  });
});
