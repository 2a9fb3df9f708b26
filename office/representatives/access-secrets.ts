// The secrets of legal representatives: the access key of 20 digits (S43), the code by which an officer lets it be collected, the code that goes to
// the mailbox. All are typed by people, and kept as argon2id.

import { randomInt } from "node:crypto";

/** log2(10^20) = 66 bits. */
export const KEY_DIGITS = 20;
export const CODE_DIGITS = 8;

const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join("");

export const newAccessKey = (): string => digits(KEY_DIGITS);
export const newCode = (): string => digits(CODE_DIGITS);

/** As people copy it: spaces, hyphens and dots between the digits don't matter. */
export const plainDigits = (typed: string): string => typed.replace(/[\s.\u2010-\u2015-]/g, "");

/** 0 and O, 1 and I or L are not told apart by whoever reads a mail; the prefix may be left out. */
export function plainIdentifier(typed: string): string {
  const plain = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, "")
    .replace(/^ORG/, "");
  return `ORG-${plain.replace(/O/g, "0").replace(/[IL]/g, "1")}`;
}
