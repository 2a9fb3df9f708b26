// Tries that were set: how many there are in all, and how many are left.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../protocol/piv.ts";
import { SW_AUTH_METHOD_BLOCKED, SW_OK, SW_TRIES_LEFT } from "../protocol/status-words.ts";
import { ASK_TRIES, changePin, changePuk, resetPin, setTries, verifyPin } from "../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "../test/firmware/test-token.ts";
import { ID_TRIES } from "./journal-ids.ts";

const FRESH = "7294816";

/** A token whose PIN has `pin` tries, and whose PUK has `puk`. */
function withTries(pin: number, puk: number): TestToken {
  const token = new TestToken().initialise().authenticate();
  token.data(verifyPin(PIN));
  token.data(setTries(pin, puk));
  return token;
}

/** PIN left, PIN in all, PUK left, PUK in all. */
function tries(token: TestToken): number[] {
  const { pin, puk } = token.token.card;
  return [pin.triesLeft(), pin.triesTotal(), puk.triesLeft(), puk.triesTotal()];
}

const STEP = fc.constantFrom<"right" | "wrong" | "off">("right", "wrong", "off");

/** Takes the steps one after the other and expects the tries that a counter of `total` has. */
function followTries(total: number, steps: readonly ("right" | "wrong" | "off")[]): void {
  let token = withTries(total, 3);
  let left = total;
  for (const step of steps) {
    if (step === "off") token = token.reopened();
    else token.sw(verifyPin(step === "right" ? PIN : WRONG_PIN));
    if (step === "right" && left > 0) left = total;
    if (step === "wrong" && left > 0) left--;
    expect(tries(token)).toEqual([left, total, 3, 3]);
  }
}

describe("tries that were set", () => {
  test("survive a power-off, spent or not", () => {
    const token = withTries(5, 8);
    expect(tries(token.reopened())).toEqual([5, 5, 8, 8]);
    token.sw(verifyPin(WRONG_PIN));
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    expect(tries(token.reopened())).toEqual([4, 5, 7, 8]);
  });

  test("are all given back by the right value, by a change, and by the PUK", () => {
    const token = withTries(5, 8);
    token.sw(verifyPin(WRONG_PIN));
    token.data(verifyPin(PIN));
    expect(tries(token.reopened())).toEqual([5, 5, 8, 8]);
    token.sw(verifyPin(WRONG_PIN));
    token.data(changePin(PIN, FRESH));
    expect(tries(token.reopened())).toEqual([5, 5, 8, 8]);
    token.sw(verifyPin(WRONG_PIN));
    token.sw(resetPin(WRONG_PUK, PIN));
    expect(tries(token)).toEqual([4, 5, 7, 8]);
    token.data(resetPin(PUK, PIN));
    expect(tries(token.reopened())).toEqual([5, 5, 8, 8]);
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    token.data(changePuk(PUK, "otherPUK"));
    expect(tries(token.reopened())).toEqual([5, 5, 8, 8]);
  });

  test.each([1, 2, 15])("%i: so many wrong PINs block it, and no fewer", (total) => {
    const token = withTries(total, 3);
    for (let left = total - 1; left > 0; left--) expect(token.sw(verifyPin(WRONG_PIN))).toBe(SW_TRIES_LEFT + left);
    expect(token.sw(verifyPin(WRONG_PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.sw(verifyPin(PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.reopened().sw(ASK_TRIES)).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.sw(resetPin(PUK, FRESH))).toBe(SW_OK);
    expect(tries(token)).toEqual([total, total, 3, 3]);
  });

  test("are never more after a cut than before a wrong value, wherever the cut", () => {
    const token = withTries(10, 10);
    for (const wrong of [verifyPin(WRONG_PIN), changePuk(WRONG_PUK, "otherPUK")]) {
      for (const image of token.imagesDuring(() => token.sw(wrong))) expect(tries(token.reopenedOn(image))).toEqual(tries(token));
    }
  });

  test("follow any sequence of right values, wrong values and power-offs", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 15 }), fc.array(STEP, { maxLength: 20 }), followTries), { numRuns: 30 });
  });
});

describe("a counter as layout 1 wrote it, one byte,", () => {
  const token = (): TestToken => {
    const one = new TestToken().initialise();
    one.token.card.journal.write([
      { id: ID_TRIES | KEY_REF_PIV_PIN, value: Uint8Array.of(2) },
      { id: ID_TRIES | KEY_REF_PUK, value: Uint8Array.of(0) },
    ]);
    return one;
  };

  test("reads as so many of three", () => {
    expect(tries(token().reopened())).toEqual([2, 3, 0, 3]);
  });

  test("counts on", () => {
    const one = token();
    expect(one.sw(verifyPin(WRONG_PIN))).toBe(SW_TRIES_LEFT + 1);
    expect(one.sw(verifyPin(PIN))).toBe(SW_OK);
    expect(tries(one.reopened())).toEqual([3, 3, 0, 3]);
    expect(one.sw(resetPin(PUK, FRESH))).toBe(SW_AUTH_METHOD_BLOCKED);
  });
});
