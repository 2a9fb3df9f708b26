import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex } from "../protocol/bytes.ts";
import { FACTORY_PIN, FACTORY_PUK, KEY_REF_PIV_PIN, KEY_REF_PUK } from "../protocol/piv.ts";
import { SW_AUTH_METHOD_BLOCKED, SW_INTERNAL_ERROR, SW_OK, SW_TRIES_LEFT, SW_WRONG_DATA, triesLeftOf } from "../protocol/status-words.ts";
import { changePin, changePuk, resetPin, verifyPin } from "../test/firmware/card-commands.ts";
import { PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "../test/firmware/test-token.ts";
import type { Hal } from "./hal.ts";
import { ID_REFERENCE_DATA } from "./journal-ids.ts";
import { padReferenceData, type ReferenceData } from "./reference-data.ts";

/** The power goes when a PIN or PUK is about to be compared: its hash is what the comparison needs. */
function cutAtComparison(hal: Hal): Hal {
  const sha256 = (): never => {
    throw new Error("the power is gone");
  };
  return { ...hal, crypto: { ...hal.crypto, sha256 } };
}

const SECRETS = [
  { what: "PIN", of: (token: TestToken) => token.token.card.pin, right: PIN, wrong: WRONG_PIN },
  { what: "PUK", of: (token: TestToken) => token.token.card.puk, right: PUK, wrong: WRONG_PUK },
];

/** Status word of one comparison through `verify`. */
function compare(reference: { verify(value: Uint8Array): void }, text: string): number {
  try {
    reference.verify(padReferenceData(text));
    return SW_OK;
  } catch (error) {
    return (error as { sw: number }).sw;
  }
}

/** Presents the texts one after the other ("off": a power-off) and expects the tries that a counter of three has. */
function followTries(of: (token: TestToken) => ReferenceData, right: string, texts: readonly string[]): void {
  let token = new TestToken().initialise();
  let left = 3;
  for (const text of texts) {
    if (text === "off") token = token.reopened();
    else {
      const sw = compare(of(token), text);
      if (left > 0) left = text === right ? 3 : left - 1;
      expect(sw === SW_OK ? 3 : triesLeftOf(sw)).toBe(left);
    }
    expect(of(token).triesLeft()).toBe(left);
  }
}

describe.each(SECRETS)("the tries of the $what", ({ of, right, wrong }) => {
  test("are counted down, 63C2, 63C1, then 6983", () => {
    const token = new TestToken().initialise();
    expect([1, 2, 3, 4].map(() => compare(of(token), wrong))).toEqual([
      SW_TRIES_LEFT + 2,
      SW_TRIES_LEFT + 1,
      SW_AUTH_METHOD_BLOCKED,
      SW_AUTH_METHOD_BLOCKED,
    ]);
    expect(of(token).triesLeft()).toBe(0);
  });

  test("are given back by the right value", () => {
    const token = new TestToken().initialise();
    compare(of(token), wrong);
    compare(of(token), wrong);
    expect(of(token).triesLeft()).toBe(1);
    expect(compare(of(token), right)).toBe(SW_OK);
    expect(of(token).triesLeft()).toBe(3);
  });

  test("survive a power-off", () => {
    let token = new TestToken().initialise();
    for (const left of [2, 1, 0]) {
      compare(of(token), wrong);
      token = token.reopened();
      expect(of(token).triesLeft()).toBe(left);
    }
    expect(compare(of(token), right)).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("at 0 refuse the right value too, and spend no flash on it", () => {
    const token = new TestToken().initialise();
    for (let i = 0; i < 3; i++) compare(of(token), wrong);
    expect(token.imagesDuring(() => expect(compare(of(token), right)).toBe(SW_AUTH_METHOD_BLOCKED))).toEqual([]);
    expect(compare(of(token.reopened()), right)).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("are spent in flash before the comparison: a cut between the two gives none back", () => {
    let token = new TestToken().initialise();
    for (const left of [2, 1, 0]) {
      const cut = token.reopened(cutAtComparison);
      expect(() => of(cut).verify(padReferenceData(right))).toThrow("the power is gone");
      token = cut.reopened();
      expect(of(token).triesLeft()).toBe(left);
    }
    expect(compare(of(token), right)).toBe(SW_AUTH_METHOD_BLOCKED);
  });

  test("are never more after a cut than before a wrong value, wherever the cut", () => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => compare(of(token), wrong));
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) expect(of(token.reopenedOn(image)).triesLeft()).toBe(2);
  });

  test("are as many as any sequence of right and wrong values leaves, with power-offs between", () => {
    const steps = fc.array(fc.constantFrom(right, wrong, "off"), { maxLength: 12 });
    fc.assert(
      fc.property(steps, (texts) => followTries(of, right, texts)),
      { numRuns: 40 },
    );
  });
});

test("a VERIFY whose comparison fails to happen answers 6F00, and its try stays spent", () => {
  const cut = new TestToken().initialise().reopened(cutAtComparison);
  expect(cut.sw(verifyPin(PIN))).toBe(SW_INTERNAL_ERROR);
  expect(cut.reopened().token.card.pin.triesLeft()).toBe(2);
});

test("PIN and PUK count apart", () => {
  const token = new TestToken().initialise();
  const { pin, puk } = token.token.card;
  compare(pin, WRONG_PIN);
  expect([pin.triesLeft(), puk.triesLeft()]).toEqual([2, 3]);
  compare(puk, WRONG_PUK);
  compare(puk, WRONG_PUK);
  expect([pin.triesLeft(), puk.triesLeft()]).toEqual([2, 1]);
});

describe("what the flash holds of a PIN and a PUK", () => {
  test("is never their digits", () => {
    const { image } = new TestToken().initialise();
    for (const secret of [PIN, PUK]) expect(Buffer.from(image.bytes).includes(secret)).toBe(false);
  });

  test("differs when the same PIN is set again: the salt is fresh", () => {
    const token = new TestToken().initialise();
    const record = (): string => bytesToHex(token.token.card.journal.read(ID_REFERENCE_DATA | KEY_REF_PIV_PIN) ?? new Uint8Array(0));
    const before = record();
    token.data(changePin(PIN, PIN));
    expect(record()).not.toBe(before);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });
});

const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

describe("the form of a new PIN", () => {
  test.each(["111112", "1234568", "87654312", "998999"])("%s is taken", (pin) => {
    const token = new TestToken().initialise();
    expect(token.sw(changePin(PIN, pin))).toBe(SW_OK);
    expect(token.sw(verifyPin(pin))).toBe(SW_OK);
    expect(token.sw(verifyPin(PIN))).toBe(SW_TRIES_LEFT + 2);
  });

  test.each([
    ["five digits", "12345\xff\xff\xff"],
    ["no digit", "\xff\xff\xff\xff\xff\xff\xff\xff"],
    ["letters", "abcdef\xff\xff"],
    ["a digit behind the filler", "123456\xff7"],
    ["another filler", "123457\x00\x00"],
    ["a space", "12345 78"],
    ["the character before 0", "12345/78"],
    ["the character behind 9", "12345:78"],
    ["the factory's PIN", `${FACTORY_PIN}\xff\xff`],
  ])("with %s is refused, with no try spent and nothing changed", (_what, fresh) => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => {
      expect(token.sw(changePin(WRONG_PIN, ascii(fresh)))).toBe(SW_WRONG_DATA);
      expect(token.sw(changePin(PIN, ascii(fresh)))).toBe(SW_WRONG_DATA);
      expect(token.sw(resetPin(WRONG_PUK, ascii(fresh)))).toBe(SW_WRONG_DATA);
      expect(token.sw(resetPin(PUK, ascii(fresh)))).toBe(SW_WRONG_DATA);
    });
    expect(images).toEqual([]);
    expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
  });
});

describe("the form of a new PUK", () => {
  test.each(["87654312", "Zx9 %\x00\x01\xfe"])("%j is taken", (puk) => {
    const token = new TestToken().initialise();
    expect(token.sw(changePuk(PUK, ascii(puk)))).toBe(SW_OK);
    expect(compare(token.token.card.puk, puk)).toBe(SW_OK);
  });

  test.each([
    ["seven bytes and a filler", "1234567\xff"],
    ["a filler inside", "1234\xff678"],
    ["the factory's PUK", FACTORY_PUK],
  ])("with %s is refused, with no try spent and nothing changed", (_what, fresh) => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => {
      expect(token.sw(changePuk(WRONG_PUK, ascii(fresh)))).toBe(SW_WRONG_DATA);
      expect(token.sw(changePuk(PUK, ascii(fresh)))).toBe(SW_WRONG_DATA);
    });
    expect(images).toEqual([]);
    expect(compare(token.token.card.puk, PUK)).toBe(SW_OK);
  });
});

describe("a cut while PIN or PUK is changed", () => {
  test.each([
    { what: "PIN by itself", command: changePin(PIN, "7294816"), old: PIN, fresh: "7294816", keyRef: KEY_REF_PIV_PIN },
    { what: "PIN by the PUK", command: resetPin(PUK, "7294816"), old: PIN, fresh: "7294816", keyRef: KEY_REF_PIV_PIN },
    { what: "PUK", command: changePuk(PUK, "otherPUK"), old: PUK, fresh: "otherPUK", keyRef: KEY_REF_PUK },
  ])("($what) leaves either the old value or the new one, never both or none", ({ command, old, fresh, keyRef }) => {
    const token = new TestToken().initialise();
    const images = token.imagesDuring(() => token.data(command));
    expect(images.length).toBeGreaterThan(1);
    for (const image of images) {
      const works = [old, fresh].filter((text) => {
        const { card } = token.reopenedOn(image).token;
        return compare(keyRef === KEY_REF_PUK ? card.puk : card.pin, text) === SW_OK;
      });
      expect(works).toHaveLength(1);
    }
  });
});
