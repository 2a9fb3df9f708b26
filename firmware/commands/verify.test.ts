import { describe, expect, test } from "vitest";
import { copyBytes } from "../../protocol/bytes.ts";
import { FACTORY_PIN, INS_VERIFY, KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { ASK_TRIES, changePin, FORGET_PIN, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";
import { padReferenceData } from "../reference-data.ts";

describe("VERIFY", () => {
  test("answers 9000 to the right PIN and 63Cx to a wrong one", () => {
    const token = new TestToken().initialise();
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
    expect(token.sw(verifyPin(WRONG_PIN))).toBe(SW_TRIES_LEFT + 2);
    expect(token.sw(verifyPin(PUK))).toBe(SW_TRIES_LEFT + 1);
  });

  test("answers 6983 to the third wrong PIN, and from then on to the right one", () => {
    const token = new TestToken().initialise();
    expect([1, 2, 3].map(() => token.sw(verifyPin(WRONG_PIN)))).toEqual([SW_TRIES_LEFT + 2, SW_TRIES_LEFT + 1, SW_AUTH_METHOD_BLOCKED]);
    expect(token.sw(verifyPin(PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
    expect(token.reopened().sw(verifyPin(PIN))).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("checks the factory's PIN on a blank token", () => {
    const token = new TestToken();
    expect(token.sw(verifyPin(WRONG_PIN))).toBe(SW_TRIES_LEFT + 2);
    expect(token.sw(verifyPin(FACTORY_PIN))).toBe(SW_OK);
  });

  test("with a wrong PIN forgets that the right one was verified", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
    token.sw(verifyPin(WRONG_PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 2);
  });

  test("is forgotten at power-off", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    token.token.powerOff(token.channel);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });
});

describe("VERIFY without data", () => {
  test("tells the tries left, and spends none and no flash", () => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => {
      for (let i = 0; i < 10; i++) expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
    });
    expect(images).toEqual([]);
    token.sw(verifyPin(WRONG_PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 2);
    token.sw(verifyPin(WRONG_PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 1);
    token.sw(verifyPin(WRONG_PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("answers 9000 while the PIN is verified, on that channel alone", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
    expect(token.sw(ASK_TRIES, new Channel())).toBe(SW_TRIES_LEFT + 3);
  });
});

describe("VERIFY with P1 = FF", () => {
  test("forgets the PIN, on that channel alone", () => {
    const token = new TestToken().initialise();
    const other = new Channel();
    token.data(verifyPin(PIN));
    token.data(verifyPin(PIN), other);
    expect(token.sw(FORGET_PIN)).toBe(SW_OK);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
    expect(token.sw(ASK_TRIES, other)).toBe(SW_OK);
  });

  test("with data is refused", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    expect(token.sw({ ...verifyPin(PIN), p1: 0xff })).toBe(SW_WRONG_DATA);
    expect(token.sw(ASK_TRIES)).toBe(SW_OK);
  });
});

describe("VERIFY refuses, with no try spent,", () => {
  test.each([1, 6, 7, 9, 16])("data of %i bytes", (length) => {
    const token = new TestToken().initialise();
    const data = copyBytes(new Uint8Array([...padReferenceData(PIN), ...padReferenceData(PIN)]), 0, length);
    expect(token.sw({ ins: INS_VERIFY, p2: KEY_REF_PIV_PIN, data })).toBe(SW_WRONG_DATA);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });

  test.each([0x00, KEY_REF_PUK, 0x96, 0xff])("key reference %i", (p2) => {
    const token = new TestToken().initialise();
    expect(token.sw({ ...verifyPin(PIN), p2 })).toBe(SW_REFERENCE_NOT_FOUND);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });

  test.each([0x01, 0x80, 0xfe])("P1 %i", (p1) => {
    const token = new TestToken().initialise();
    expect(token.sw({ ...verifyPin(PIN), p1 })).toBe(SW_INCORRECT_P1_P2);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + 3);
  });
});

test("a PIN that another channel has changed is verified no more", () => {
  const token = new TestToken().initialise();
  const other = new Channel();
  token.data(verifyPin(PIN), other);
  token.data(changePin(PIN, "7294816"));
  expect(token.sw(ASK_TRIES, other)).toBe(SW_TRIES_LEFT + 3);
});
