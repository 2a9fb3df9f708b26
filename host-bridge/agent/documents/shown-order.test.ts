// Whatever the page shows of an order makes another word of it.

import { expect, test } from "vitest";
import { DocumentSet, type SigningOrder } from "./document-set.ts";
import { shownOrder } from "./shown-order.ts";

const CERTIFICATE = new Uint8Array([1, 2, 3]);
const BLANK = { bytes: new Uint8Array(0), pages: [], reports: [], refusal: null, features: [] };
const twoDocuments = (): DocumentSet =>
  new DocumentSet(
    "A".repeat(43),
    [
      { ...BLANK, name: "a.pdf" },
      { ...BLANK, name: "b.pdf" },
    ],
    [],
    new Date(0),
  );

test("the same order is the same word", () => {
  expect(shownOrder(twoDocuments(), CERTIFICATE)).toBe(shownOrder(twoDocuments(), CERTIFICATE));
});

const ordered = (set: DocumentSet, change: Partial<SigningOrder>): void => {
  set.order = { ...set.order, ...change };
};

test.each([
  ["another reason", (set: DocumentSet) => ordered(set, { reason: "Lu" })],
  ["another page", (set: DocumentSet) => ordered(set, { seal: { ...set.order.seal, page: "first" } })],
  ["another corner", (set: DocumentSet) => ordered(set, { seal: { ...set.order.seal, corner: "top-left" } })],
  [
    "one is signed meanwhile",
    (set: DocumentSet) => set.keepSigned(0, { signer: "A", name: "a.pdf", bytes: new Uint8Array(0), reports: [] }),
  ],
])("%s is another", (_what, change) => {
  const set = twoDocuments();
  const before = shownOrder(set, CERTIFICATE);
  change(set);
  expect(shownOrder(set, CERTIFICATE)).not.toBe(before);
});

test("so is another certificate", () => {
  expect(shownOrder(twoDocuments(), new Uint8Array([1, 2, 4]))).not.toBe(shownOrder(twoDocuments(), CERTIFICATE));
});
