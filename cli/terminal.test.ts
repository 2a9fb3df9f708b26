// What is printed of documents, certificates and tokens is text, never a command to the terminal.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { field, jsonLine, visible, visibleLines } from "./terminal.ts";

describe("text of others", () => {
  test.each([
    ["C0", "\u001b[2Jx\r\n\t", "\\u001b[2Jx\\u000d\\u000a\\u0009"],
    ["DEL and C1", "\u007f\u009b2J", "\\u007f\\u009b2J"],
    ["what has no width", "An\u200bne\ufeff\u00ad\u{e0041}", "An\\u200bne\\ufeff\\u00ad\\udb40\\udc41"],
    ["marks that turn the direction", "a\u202egpj\u202c\u2066b\u2069", "a\\u202egpj\\u202c\\u2066b\\u2069"],
  ])("with %s is written out", (_, text, expected) => {
    expect(visible(text)).toBe(expected);
    expect(field("Reason", text)).toContain(expected);
  });

  test("that is harmless stays as it is", () => {
    for (const text of ["Irène Faron, «наука» 署名 🖋", "علی\u200cرضا"]) expect(visible(text)).toBe(text);
    expect(visibleLines("one\ntwo\u001b")).toBe("one\ntwo\\u001b");
  });

  test("in JSON is the same for machines, and harmless on a terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const line = jsonLine({ text });
        expect(JSON.parse(line)).toEqual({ text });
        expect(visible(line.trimEnd())).toBe(line.trimEnd());
      }),
    );
  });
});
