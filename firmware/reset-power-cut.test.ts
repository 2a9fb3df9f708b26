// A RESET that is interrupted.

import { describe, expect, test } from "vitest";
import { bytesToHex } from "../protocol/bytes.ts";
import { OBJECT_CHUID, SLOT_ATTESTATION } from "../protocol/piv.ts";
import { SW_AUTH_METHOD_BLOCKED, SW_OK } from "../protocol/status-words.ts";
import { getData, RESET, verifyPin } from "../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../test/firmware/test-token.ts";
import { expectBlank, USED_SLOTS, used } from "../test/firmware/used-token.ts";

describe("a cut during RESET", () => {
  /** What a holder would find: everything as it was, or a blank token. Never something between. */
  function isReset(token: TestToken): boolean {
    const { card } = token.token;
    const present = USED_SLOTS.filter((slot) => card.keys.info(slot) !== null).length;
    if (present === USED_SLOTS.length) {
      expect(token.sw(verifyPin(PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
      expect(token.sw(getData(OBJECT_CHUID))).toBe(SW_OK);
      return false;
    }
    expect(present).toBe(0);
    expectBlank(token);
    return true;
  }

  test("at any operation of the flash leaves a token that is reset after the next power-on, but for a cut before the first", () => {
    const token = used().block();
    expect(isReset(token.reopened())).toBe(false);
    const images = token.imagesDuring(() => token.data(RESET));
    expect(images.length).toBeGreaterThan(6);
    for (const image of images) expect(isReset(token.reopenedOn(image))).toBe(true);
  });

  test("and another in the power-on that finishes it, too", () => {
    const token = used().block();
    const [first] = token.imagesDuring(() => token.data(RESET));
    if (first === undefined) throw new Error("RESET wrote nothing");
    const images: (typeof token.image)[] = [];
    const again = new TestToken({
      image: { bytes: first.bytes.slice(), writes: first.writes.slice() },
      watch: (image) => images.push(image),
    });
    expect(isReset(again)).toBe(true);
    expect(images.length).toBeGreaterThan(6);
    for (const image of images) expect(isReset(token.reopenedOn(image))).toBe(true);
  });

  test("leaves the attestation key, and each erasure told once", () => {
    const token = used().block();
    const counter = token.token.card.log.counter();
    const key = bytesToHex(token.privateKey(SLOT_ATTESTATION));
    for (const image of token.imagesDuring(() => token.data(RESET))) {
      const again = token.reopenedOn(image);
      expect(bytesToHex(again.privateKey(SLOT_ATTESTATION))).toBe(key);
      expect(again.token.card.log.counter()).toBe(counter + USED_SLOTS.length);
    }
  });
});
