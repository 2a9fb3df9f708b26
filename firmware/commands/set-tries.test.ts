import { describe, expect, test } from "vitest";
import { FACTORY_PIN, FACTORY_PUK, INS_SET_TRIES } from "../../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import {
  ASK_TRIES,
  type CommandParts,
  changePin,
  changePuk,
  FORGET_PIN,
  resetPin,
  setTries,
  verifyPin,
} from "../../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

/** Both proofs given on the token's channel. */
function ready(): TestToken {
  const token = new TestToken().initialise().authenticate();
  token.data(verifyPin(PIN));
  return token;
}

/** PIN left, PIN in all, PUK left, PUK in all. */
function tries(token: TestToken): number[] {
  const { pin, puk } = token.token.card;
  return [pin.triesLeft(), pin.triesTotal(), puk.triesLeft(), puk.triesTotal()];
}

function expectRefused(token: TestToken, parts: CommandParts, sw: number, channel = token.channel): void {
  expect(token.imagesDuring(() => expect(token.sw(parts, channel)).toBe(sw))).toEqual([]);
}

describe("SET TRIES", () => {
  test("sets them for PIN and PUK, and leaves the values as they are", () => {
    const token = ready();
    expect(token.sw(setTries(5, 9))).toBe(SW_OK);
    for (const one of [token, token.reopened()]) {
      expect(tries(one)).toEqual([5, 5, 9, 9]);
      expect(one.sw(verifyPin(PIN))).toBe(SW_OK);
      expect(one.sw(changePuk(PUK, PUK))).toBe(SW_OK);
    }
  });

  test("leaves PIN and management key verified", () => {
    const token = ready();
    token.data(setTries(5, 9));
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
    expect(token.sw(setTries(4, 4))).toBe(SW_OK);
  });

  test.each([1, 15])("takes %i", (count) => {
    const token = ready();
    expect(token.sw(setTries(count, count))).toBe(SW_OK);
    expect(tries(token.reopened())).toEqual([count, count, count, count]);
  });

  test("needs PIN and management key, both on this channel", () => {
    const token = new TestToken().initialise();
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
    const other = new Channel();
    token.authenticate(undefined, undefined, other);
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED, other);
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN), other);
    expect(token.sw(setTries(5, 9), other)).toBe(SW_OK);
  });

  test.each([
    ["forgotten", FORGET_PIN],
    ["followed by a wrong one", verifyPin(WRONG_PIN)],
  ])("refuses a PIN that was verified and %s", (_what, between) => {
    const token = ready();
    token.sw(between);
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("refuses a PIN that another channel has changed or blocked since", () => {
    const changed = ready();
    changed.data(changePin(PIN, "7294816"), new Channel());
    expectRefused(changed, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
    const blocked = ready();
    for (let i = 0; i < 3; i++) blocked.sw(verifyPin(WRONG_PIN), new Channel());
    expectRefused(blocked, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(tries(blocked)).toEqual([0, 3, 3, 3]);
  });

  test.each([
    [0, 3],
    [3, 0],
    [16, 3],
    [3, 16],
    [255, 255],
  ])("refuses %i and %i", (pin, puk) => {
    expectRefused(ready(), setTries(pin, puk), SW_INCORRECT_P1_P2);
  });

  test("refuses data", () => {
    expectRefused(ready(), { ins: INS_SET_TRIES, p1: 3, p2: 3, data: Uint8Array.of(1) }, SW_WRONG_DATA);
  });

  test("is not for a blank token", () => {
    const token = new TestToken();
    token.data(verifyPin(FACTORY_PIN));
    expectRefused(token, setTries(5, 9), SW_CONDITIONS_NOT_SATISFIED);
  });

  test("leaves the old tries or the new ones after a cut, of both", () => {
    const token = ready();
    const images = token.imagesDuring(() => token.data(setTries(5, 9)));
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) expect([[3, 3, 3, 3].join(), [5, 5, 9, 9].join()]).toContain(tries(token.reopenedOn(image)).join());
  });
});

describe("tries that were spent stay spent:", () => {
  test("of the PUK, and when it is blocked", () => {
    const token = ready();
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    token.data(setTries(5, 9));
    expect(tries(token.reopened())).toEqual([5, 5, 2, 9]);
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    token.data(setTries(5, 15));
    expect(tries(token.reopened())).toEqual([5, 5, 0, 15]);
    expect(token.sw(resetPin(PUK, "7294816"))).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("of the PIN, by a wrong one on another channel since it was verified here", () => {
    const token = ready();
    token.sw(verifyPin(WRONG_PIN), new Channel());
    token.data(setTries(10, 10));
    expect(tries(token)).toEqual([2, 10, 10, 10]);
    expect(token.sw(verifyPin(WRONG_PIN), new Channel())).toBe(SW_TRIES_LEFT + 1);
  });

  test("not by way of fewer: as many in all as are left would be all of them, and then more", () => {
    const token = ready();
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    token.sw(changePuk(WRONG_PUK, "otherPUK"));
    expectRefused(token, setTries(5, 1), SW_CONDITIONS_NOT_SATISFIED);
    expect(token.sw(setTries(5, 2))).toBe(SW_OK);
    expect(token.sw(setTries(5, 15))).toBe(SW_OK);
    expect(tries(token)).toEqual([5, 5, 1, 15]);
  });
});

describe("SET TRIES of a compat token", () => {
  const compat = (): TestToken => {
    const token = new TestToken({ profile: COMPAT_PROFILE });
    token.data(changePin(FACTORY_PIN, PIN));
    token.data(changePuk(FACTORY_PUK, PUK));
    token.channel.managementWasVerified(token.token.card);
    return token;
  };

  test("makes PIN and PUK the factory's, as YubiKeys do, and unblocks the PUK", () => {
    const token = compat();
    for (let i = 0; i < 3; i++) token.sw(changePuk(WRONG_PUK, "otherPUK"));
    token.data(verifyPin(PIN));
    expect(token.sw(setTries(5, 9))).toBe(SW_OK);
    for (const one of [token, token.reopened()]) {
      expect(tries(one)).toEqual([5, 5, 9, 9]);
      expect([one.token.card.pin.isFactory(), one.token.card.puk.isFactory()]).toEqual([true, true]);
      expect(one.sw(verifyPin(PIN))).toBe(SW_TRIES_LEFT + 4);
      expect(one.sw(verifyPin(FACTORY_PIN))).toBe(SW_OK);
      expect(one.sw(changePuk(FACTORY_PUK, FACTORY_PUK))).toBe(SW_OK);
    }
  });

  test("ends the PIN's verification on every channel", () => {
    const token = compat();
    const other = new Channel();
    for (const channel of [token.channel, other]) token.data(verifyPin(PIN), channel);
    token.data(setTries(5, 9));
    for (const channel of [token.channel, other]) expect(token.sw(ASK_TRIES, channel)).toBe(SW_TRIES_LEFT + 5);
  });

  test("needs both proofs too", () => {
    const token = compat();
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED);
    const other = new Channel();
    token.data(verifyPin(PIN), other);
    expectRefused(token, setTries(5, 9), SW_SECURITY_STATUS_NOT_SATISFIED, other);
  });
});
