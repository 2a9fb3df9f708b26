import { describe, expect, test } from "vitest";
import { INS_CHANGE_REFERENCE_DATA, KEY_REF_PIV_PIN, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { ASK_TRIES, changePin, changePuk, resetPin, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const FRESH = "7294816";

describe("CHANGE REFERENCE DATA of the PIN", () => {
  test("takes the new PIN in place of the old, also after a power-off", () => {
    const token = new TestToken().initialise();
    expect(token.sw(changePin(PIN, FRESH))).toBe(SW_OK);
    for (const one of [token, token.reopened()]) {
      expect(one.sw(verifyPin(PIN))).toBe(SW_TRIES_LEFT + 2);
      expect(one.sw(verifyPin(FRESH))).toBe(SW_OK);
    }
  });

  test("with a wrong old PIN spends a try and changes nothing", () => {
    const token = new TestToken().initialise();
    expect(token.sw(changePin(WRONG_PIN, FRESH))).toBe(SW_TRIES_LEFT + 2);
    expect(token.sw(changePin(WRONG_PIN, FRESH))).toBe(SW_TRIES_LEFT + 1);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });

  test("gives the tries back", () => {
    const token = new TestToken().initialise();
    token.sw(verifyPin(WRONG_PIN));
    token.data(changePin(PIN, FRESH));
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });

  test("blocks it at the third wrong old PIN", () => {
    const token = new TestToken().initialise();
    const answers = [1, 2, 3].map(() => token.sw(changePin(WRONG_PIN, FRESH)));
    expect(answers).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
    expect(token.sw(changePin(PIN, FRESH))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.sw(verifyPin(PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("forgets the PIN on every channel", () => {
    const token = new TestToken().initialise();
    const channels = [token.channel, new Channel(), new Channel()];
    for (const channel of channels) token.data(verifyPin(PIN), channel);
    token.data(changePin(PIN, FRESH));
    for (const channel of channels) expect(token.sw(ASK_TRIES, channel)).toBe(SW_TRIES_LEFT + 3);
  });

  test("forgets on every channel that the PIN was verified just before, as PIN-always keys ask", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    const other = new Channel();
    token.data(verifyPin(PIN), other);
    token.data(changePin(PIN, FRESH));
    expect(token.sw(signCommand(SLOT_SIGNATURE), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.signatures).toBe(0);
  });

  // §3.2.2: with 63CX the security status of the key reference is set to FALSE, as in VERIFY.
  test("with a wrong old PIN forgets that the right one was verified", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    expect(token.sw(changePin(WRONG_PIN, FRESH))).toBe(SW_TRIES_LEFT + 2);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 2);
  });
});

describe("CHANGE REFERENCE DATA of the PUK", () => {
  test("takes the new PUK in place of the old, and leaves the PIN alone", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    expect(token.sw(changePuk(PUK, "otherPUK"))).toBe(SW_OK);
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
    expect(token.sw(resetPin(PUK, FRESH))).toBe(SW_TRIES_LEFT + 2);
    expect(token.reopened().sw(resetPin("otherPUK", FRESH))).toBe(SW_OK);
  });

  test("counts its own tries, and blocks at the third wrong old PUK", () => {
    const token = new TestToken().initialise();
    const answers = [1, 2, 3].map(() => token.sw(changePuk(WRONG_PUK, "otherPUK")));
    expect(answers).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
    expect(token.sw(changePuk(PUK, "otherPUK"))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });
});

// §3.2.2 allows 6A80 too: piv-go blocks the PUK so, before RESET.
test("CHANGE REFERENCE DATA with an old value of the wrong form spends a try, whatever the new one is", () => {
  const token = new TestToken().initialise();
  expect(token.sw(changePuk("271", "271"))).toBe(SW_TRIES_LEFT + 2);
  expect(token.sw(changePin("271", "271"))).toBe(SW_TRIES_LEFT + 2);
  expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 2);
});

describe("an old value of the wrong form is a wrong one, and spends a try,", () => {
  const MALFORMED = "abc\xff\xff";

  test.each([
    ["PIN", changePin, FRESH, (token: TestToken) => token.token.card.pin],
    ["PUK", changePuk, "otherPUK", (token: TestToken) => token.token.card.puk],
  ])("of the %s, be the new one well formed or not", (_what, change, fresh, of) => {
    const token = new TestToken().initialise();
    const answers = [fresh, MALFORMED, fresh].map((one) => token.sw(change(MALFORMED, one)));
    expect(answers).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
    expect(of(token.reopened()).triesLeft()).toBe(0);
  });

  test("while a new one of the wrong form, behind a well-formed old one, spends none and changes nothing", () => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => {
      for (const old of [PIN, WRONG_PIN]) expect(token.sw(changePin(old, MALFORMED))).toBe(SW_WRONG_DATA);
      for (const old of [PUK, WRONG_PUK]) expect(token.sw(changePuk(old, MALFORMED))).toBe(SW_WRONG_DATA);
    });
    expect(images).toEqual([]);
  });
});

describe("CHANGE REFERENCE DATA refuses, with no try spent,", () => {
  test.each([0, 8, 15, 17, 24])("data of %i bytes", (length) => {
    const token = new TestToken().initialise();
    const data = new Uint8Array(length).fill(0x31);
    expect(token.sw({ ins: INS_CHANGE_REFERENCE_DATA, p2: KEY_REF_PIV_PIN, data })).toBe(SW_WRONG_DATA);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });

  test.each([0x00, 0x82, 0x9b])("key reference %i", (p2) => {
    const token = new TestToken().initialise();
    expect(token.sw({ ...changePin(PIN, FRESH), p2 })).toBe(SW_REFERENCE_NOT_FOUND);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });

  test("P1 = 01 (a first value, which there is none of)", () => {
    const token = new TestToken().initialise();
    expect(token.sw({ ...changePin(PIN, FRESH), p1: 1 })).toBe(SW_INCORRECT_P1_P2);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });
});
