import fc from "fast-check";
import { expect, test } from "vitest";
import { wrapped } from "./wrapped.ts";

test("lines end between words, and not before a French colon", () => {
  expect(wrapped("Le pont démarre tout seul quand vous ouvrez une session : bien.", 56)).toEqual([
    "Le pont démarre tout seul quand vous ouvrez une",
    "session : bien.",
  ]);
  expect(wrapped("no terminal, however long the line is that is written there", Number.POSITIVE_INFINITY)).toHaveLength(1);
});

test("nothing is lost, and no line is longer than the terminal, but for one long word", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z/«»:]{1,60}$/)), fc.integer({ min: 40, max: 120 }), (words, columns) => {
      const text = words.join(" ");
      const lines = wrapped(text, columns);
      expect(lines.join(" ")).toBe(text);
      for (const line of lines) expect(line.length <= columns || !/(?<!«) (?![:;?!»])/.test(line)).toBe(true);
    }),
  );
});
