import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SW_OK, SW_WRONG_DATA } from "../protocol/status-words.ts";
import { COMPAT_PROFILE } from "../simulator/compat-profile.ts";
import { changePin, changePuk, resetPin } from "../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken } from "../test/firmware/test-token.ts";
import { padReferenceData } from "./reference-data.ts";
import { isTrivial } from "./trivial-secret.ts";

const trivial = (text: string): boolean => isTrivial(padReferenceData(text));

const digits = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length });
const lengths = fc.integer({ min: 6, max: 8 });

describe("a value is trivial when", () => {
  test.each(["000000", "999999", "1111111", "88888888", "aaaaaaaa"])("it is one character: %s", (text) => {
    expect(trivial(text)).toBe(true);
  });

  test.each(["123456", "654321", "12345678", "87654321", "0123456", "567890", "7890123", "210987", "abcdefgh", "HGFEDCBA"])(
    "it counts up or down: %s",
    (text) => {
      expect(trivial(text)).toBe(true);
    },
  );

  test.each(["135791", "246802", "86420864", "036925", "97531975"])("it counts by a greater step: %s", (text) => {
    expect(trivial(text)).toBe(true);
  });

  test.each(["121212", "9090909", "12121212", "abababab"])("two characters repeat: %s", (text) => {
    expect(trivial(text)).toBe(true);
  });

  test.each(["123123", "7897897", "12312312", "abcabcab", "110110"])("three characters repeat: %s", (text) => {
    expect(trivial(text)).toBe(true);
  });

  test("any start and any step make a progression", () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), lengths, (start, step, length) => {
        const text = Array.from({ length }, (_, i) => (start + i * step) % 10).join("");
        expect(trivial(text)).toBe(true);
      }),
    );
  });

  test("any group of up to three digits repeats, the last time perhaps in part", () => {
    const groups = fc.integer({ min: 1, max: 3 }).chain(digits);
    fc.assert(
      fc.property(groups, lengths, (group, length) => {
        const text = Array.from({ length }, (_, i) => group[i % group.length]).join("");
        expect(trivial(text)).toBe(true);
      }),
    );
  });

  test("bytes of any value go by a step, up or down", () => {
    fc.assert(
      fc.property(fc.nat(254), fc.integer({ min: -36, max: 36 }), (start, step) => {
        const bytes = Uint8Array.from({ length: 8 }, (_, i) => start + i * step);
        fc.pre(start + 7 * step >= 0 && start + 7 * step < 255);
        expect(isTrivial(bytes)).toBe(true);
      }),
    );
  });
});

describe("a value is not trivial when", () => {
  test.each(["482913", "111112", "211111", "123457", "1234568", "987653", "123321", "112233", "12341234", "19870412", "k7Rz!2pQ"])(
    "it is %s",
    (text) => {
      expect(trivial(text)).toBe(false);
    },
  );

  test("one digit of a progression or of a repetition of two is another", () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), lengths, fc.nat(7), fc.integer({ min: 1, max: 9 }), (start, step, length, at, off) => {
        // Where two steps are the same modulo 10 from the second digit on, changing the first or the last leaves no other pattern of length 8.
        fc.pre(length === 8 && at > 2 && at < 5);
        const value = Array.from({ length }, (_, i) => (start + i * step) % 10);
        value[at] = ((value[at] ?? 0) + off) % 10;
        expect(trivial(value.join(""))).toBe(false);
      }),
    );
  });

  test("it is any PIN of six digits but 1,170", () => {
    let refused = 0;
    for (let pin = 0; pin < 1_000_000; pin++) if (trivial(String(pin).padStart(6, "0"))) refused++;
    // 100 progressions, 100 pairs three times, 1,000 groups of three twice. The ten of one digit are in each of these, and the ten progressions
    // by five (050505) are pairs.
    expect(refused).toBe(100 - 20 + 100 - 10 + 1000);
  });
});

describe("a strict token", () => {
  const TRIVIAL_PINS = ["111111", "654321", "12345678", "121212", "1231231"];

  test.each(TRIVIAL_PINS)("refuses the PIN %s from the holder and from the PUK, with no try spent and nothing written", (pin) => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => {
      for (const command of [changePin(PIN, pin), changePin("000001", pin), resetPin(PUK, pin)])
        expect(token.sw(command)).toBe(SW_WRONG_DATA);
    });
    expect(images).toEqual([]);
  });

  test.each(["00000000", "87654321", "abcdefgh", "xyzxyzxy"])("refuses the PUK %s", (puk) => {
    const token = new TestToken().initialise();
    expect(token.imagesDuring(() => expect(token.sw(changePuk(PUK, puk))).toBe(SW_WRONG_DATA))).toEqual([]);
  });
});

test("a compat token takes trivial values and the factory's", () => {
  const token = new TestToken({ profile: COMPAT_PROFILE });
  expect(token.sw(changePin("123456", "111111"))).toBe(SW_OK);
  expect(token.sw(changePin("111111", "123456"))).toBe(SW_OK);
  expect(token.sw(changePuk("12345678", "00000000"))).toBe(SW_OK);
  expect(token.token.card.pin.isFactory()).toBe(true);
  expect(token.reopened().token.card.puk.isFactory()).toBe(false);
});
