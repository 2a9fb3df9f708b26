// Text of others, as it is shown.

import { expect, test } from "vitest";
import { isolated, shownText } from "./shown-text.ts";

test.each([
  ["turns the direction", "Bureau \u202egro.liame\u202c", "Bureau \\u202egro.liame\\u202c"],
  ["isolates", "a\u2067b\u2069", "a\\u2067b\\u2069"],
  ["has no width", "An\u200bne\ufeff", "An\\u200bne\\ufeff"],
  ["parts Latin letters unseen", "An\u200cne", "An\\u200cne"],
  ["is a control", "a\u001b[2Jb\u0007", "a\\u001b[2Jb\\u0007"],
  ["ends the line", "a\nb\u2028c", "a\\u000ab\\u2028c"],
  ["is a tag", "a\u{e0041}b", "a\\ue0041b"],
  ["is no character", "a\ud800b\ue123", "a\\ud800b\\ue123"],
  ["pads with spaces", "a\u00a0\u00a0\u3000 b", "a b"],
  ["pads with letters that are blank", "a\u3164b\u2800c\u034fd", "a\\u3164b\\u2800c\\u034fd"],
  ["piles up marks", `e${"\u0301".repeat(40)}`, "é\u0301\u0301\u0301\u0301"],
])("what %s", (_what, text, shown) => {
  expect(shownText(text)).toBe(shown);
});

test("names of people stay as they are", () => {
  for (const name of ["Irène Faron", "Nguyễn Thị Ánh", "علی\u200cرضا", "क्\u200dष", "דוד", "O’Brien-Łuć"])
    expect(shownText(name)).toBe(name.normalize("NFC"));
});

test("what has no end is cut, and says so", () => {
  expect(shownText("x".repeat(5000))).toBe(`${"x".repeat(120)}…`);
});

test("what is written from right to left does not reach its neighbours", () => {
  expect(isolated("דוד")).toBe("\u2068דוד\u2069");
  expect(isolated("Anne")).toBe("Anne");
});
