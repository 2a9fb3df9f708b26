// The way back to an office leads to that office, whatever text it was made from.

import fc from "fast-check";
import { expect, test } from "vitest";
import { addressAt, hostOf } from "./office-address.ts";

const OFFICE = "https://office.example";
const BELOW = "https://example.org/sceau";

test.each(["/", "/my/activation", "/a?b=c#d", "/%2e%2e/x"])("%j is at the office", (path) => {
  expect(addressAt(OFFICE, path)?.startsWith(`${OFFICE}/`)).toBe(true);
});

test.each(["", "my", ".evil.example/", "@evil.example/", ":8443/", "\\\\evil.example", "https://evil.example"])("%j is no path", (path) => {
  expect(addressAt(OFFICE, path)).toBeNull();
});

test("an office that is not the whole of its site is not left by dots", () => {
  expect(addressAt(BELOW, "/x")).toBe(`${BELOW}/x`);
  for (const path of ["/../x", "/a/../../x", "/%2e%2e/x", "/..", "/.\\..\\x"]) expect(addressAt(BELOW, path), path).toBeNull();
});

test("no text leads to another origin", () => {
  const piece = fc.constantFrom("/", "\\", ".", "..", "@", ":", "?", "#", "\t", "\n", "%2f", "%5c", "evil.example", "//", "https:", "a");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (path) => {
        for (const office of [OFFICE, BELOW]) {
          const there = addressAt(office, path);
          if (there !== null) {
            expect(new URL(there).origin).toBe(new URL(office).origin);
            expect(there.startsWith(`${office}/`)).toBe(true);
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("what is typed to trust an office is its name as the network knows it", () => {
  expect(hostOf(new URL("https://büro.example:8443/x").href)).toBe("xn--bro-hoa.example");
});
