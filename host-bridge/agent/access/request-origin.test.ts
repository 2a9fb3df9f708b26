// What pages elsewhere may lead a browser to.

import { expect, test } from "vitest";
import { AccessError } from "./access-error.ts";
import { requireOwnHost, requireOwnOrLink } from "./request-origin.ts";

const FROM_ELSEWHERE = {
  host: "127.0.0.1:8757",
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
};

// The browser goes from an office's page to /request, and is sent on to /phrase: to it all of that is cross-site.
test.each(["/", "/request", "/phrase"])("a whole window: %s", (path) => {
  expect(() => requireOwnOrLink(FROM_ELSEWHERE, path)).not.toThrow();
});

test.each(["/", "/request", "/phrase"])("nothing but a whole window: %s", (path) => {
  for (const destination of ["iframe", "embed", "empty", "script", "serviceworker"])
    expect(() => requireOwnOrLink({ ...FROM_ELSEWHERE, "sec-fetch-dest": destination }, path)).toThrow(AccessError);
});

test.each(["/tokens", "/phrase/", "/documents/A"])("not from elsewhere: %s", (path) => {
  expect(() => requireOwnOrLink(FROM_ELSEWHERE, path)).toThrow(AccessError);
});

test("localhost is [::1], too: somebody else's page there must not lead here", () => {
  expect(() => requireOwnHost({ host: "localhost:8757" }, "127.0.0.1", 8757)).toThrow(AccessError);
  expect(() => requireOwnHost({ host: "127.0.0.1:8757" }, "127.0.0.1", 8757)).not.toThrow();
});
