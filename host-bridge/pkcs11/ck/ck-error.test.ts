// What an application is told of everything that can go wrong.

import { expect, test } from "vitest";
import { MalformedError } from "../../../protocol/malformed.ts";
import { MalformedAnswerError } from "../../token/malformed-answer.ts";
import { PinLengthError } from "../../token/pin-length.ts";
import { TokenError } from "../../token/token-error.ts";
import { TransportError, type TransportFailure } from "../../transport/transport.ts";
import { CkError, ckrOf, refusalOfNewPin } from "./ck-error.ts";

const DEVICE_ERROR = 0x30;

test.each([
  [0x63c2, 0xa0, "a wrong PIN, two tries left: CKR_PIN_INCORRECT"],
  [0x63c1, 0xa0, "a wrong PIN, one try left: CKR_PIN_INCORRECT"],
  [0x63cf, 0xa0, "a wrong PIN, fifteen tries left: CKR_PIN_INCORRECT"],
  [0x6983, 0xa4, "no tries left: CKR_PIN_LOCKED"],
  [0x6982, 0x101, "the PIN was not verified: CKR_USER_NOT_LOGGED_IN"],
  [0x6985, 0x50, "the button was not pressed: CKR_FUNCTION_CANCELED"],
  [0x6700, DEVICE_ERROR, "a wrong length: CKR_DEVICE_ERROR"],
  [0x6a80, DEVICE_ERROR, "wrong data: CKR_DEVICE_ERROR"],
  [0x6a82, DEVICE_ERROR, "not found: CKR_DEVICE_ERROR"],
  [0x6a84, 0x31, "no memory: CKR_DEVICE_MEMORY"],
  [0x6a88, DEVICE_ERROR, "no such key: CKR_DEVICE_ERROR"],
  [0x6d00, DEVICE_ERROR, "no such instruction: CKR_DEVICE_ERROR"],
  [0x6f00, DEVICE_ERROR, "an error within the token: CKR_DEVICE_ERROR"],
  [0x6282, DEVICE_ERROR, "a warning that no command of ours gives: CKR_DEVICE_ERROR"],
])("status word %x is CKR 0x%s: %s", (sw, rv) => {
  expect(ckrOf(new TokenError(sw, "TEST"))).toBe(rv);
});

test.each([
  [0x6a80, 0xa1, "no digits, or trivial: CKR_PIN_INVALID"],
  [0x6985, 0xe2, "a blank token: CKR_TOKEN_WRITE_PROTECTED"],
  [0x63c2, 0xa0, "a wrong old PIN: CKR_PIN_INCORRECT"],
  [0x6983, 0xa4, "no tries left: CKR_PIN_LOCKED"],
])("where a new PIN is set, status word %x is CKR 0x%s: %s", (sw, rv) => {
  expect(ckrOf(refusalOfNewPin(new TokenError(sw, "TEST")))).toBe(rv);
});

test("where a new PIN is set, a token that has gone is CKR_DEVICE_REMOVED all the same", () => {
  expect(ckrOf(refusalOfNewPin(new TransportError("gone", "test")))).toBe(0x32);
});

test.each<[TransportFailure, number]>([
  ["gone", 0x32],
  ["silent", DEVICE_ERROR],
  ["busy", DEVICE_ERROR],
  ["confused", DEVICE_ERROR],
])("a cable that is %s is CKR 0x%s", (failure, rv) => {
  expect(ckrOf(new TransportError(failure, "test"))).toBe(rv);
});

test("a CkError keeps its value, and its message shows it in hexadecimal", () => {
  expect(ckrOf(new CkError(0x190))).toBe(0x190);
  expect(new CkError(0x190).message).toBe("CKR 0x190");
});

test("an answer of the token that makes no sense is CKR_DEVICE_ERROR", () => {
  expect(ckrOf(new MalformedAnswerError("?"))).toBe(DEVICE_ERROR);
});

test("a PIN that is too long for the token is CKR_PIN_LEN_RANGE", () => {
  expect(ckrOf(new PinLengthError("PIN of more than 8 characters"))).toBe(0xa2);
});

test.each([
  ["an Error", new Error("?")],
  ["a TypeError", new TypeError("?")],
  ["a RangeError that is not about a PIN", new RangeError("Invalid array length")],
  ["a MalformedError, which is no Error", new MalformedError("?")],
  ["nothing at all", undefined],
])("%s is CKR_GENERAL_ERROR", (_, error) => {
  expect(ckrOf(error)).toBe(0x05);
});

test("TokenError tells the tries left, and never more than the command's name and the status word", () => {
  expect([0x63c2, 0x6983, 0x6982].map((sw) => new TokenError(sw, "VERIFY").triesLeft)).toEqual([2, 0, null]);
  expect(new TokenError(0x63c2, "VERIFY").message).toBe("VERIFY: the token answered 63C2");
});
