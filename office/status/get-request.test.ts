import fc from "fast-check";
import { expect, test } from "vitest";
import { requestOfPath } from "./get-request.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
/** A SEQUENCE: its base64 begins with M, never with a slash. */
const anyRequest = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Uint8Array.of(0x30, ...bytes));

const FORMS: readonly (readonly [string, (text: string) => string])[] = [
  ["as it is", (text) => text],
  ["without padding", (text) => text.replace(/=+$/, "")],
  ["in the URL-safe alphabet", (text) => text.replaceAll("+", "-").replaceAll("/", "_")],
  ["escaped twice", (text) => encodeURIComponent(text)],
  ["escaped twice, in lower case", (text) => text.replaceAll("+", "%2b").replaceAll("/", "%2f").replaceAll("=", "%3d")],
  ["with + taken for a space", (text) => text.replaceAll("+", " ")],
];

test.each(FORMS)("base64 %s is understood", (_, form) => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      expect(requestOfPath(form(base64(request)))).toEqual(request);
    }),
  );
});

test("slashes before a request are not part of it", () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      expect(requestOfPath(`/${base64(request)}`)).toEqual(request);
    }),
  );
});

test.each(["", "=", "A", "AAAAA", "AA=A", "AAAA%", "AAAA%2", "AAé=", "AA\nA"])("%j is no request", (path) => {
  expect(requestOfPath(path)).toBeNull();
});

test("what is longer than a request may be is none", () => {
  expect(requestOfPath("A".repeat(70_000))).toBeNull();
});

test("anything is base64 or not, and never an error", () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      const request = requestOfPath(path);
      if (request !== null) expect(request.length).toBeGreaterThan(0);
    }),
  );
});
