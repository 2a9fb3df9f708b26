// Whatever is told as a path stays on the server.

import { expect, test } from "vitest";
import { ownPath } from "./own-path.ts";

test.each([
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "\t//evil.example",
  "/\n\\evil.example",
  "/\r\n/\t/evil.example",
])("%j stays here", (path) => {
  expect(new URL(ownPath(path), "http://127.0.0.1:8757").origin).toBe("http://127.0.0.1:8757");
});

test("what no header takes is left out", () => {
  expect(ownPath("/request\u0000?name=Zoé\r\nSet-Cookie: a=b")).toBe("/request?name=ZoSet-Cookie:a=b");
});

test("a path of ours is as it was", () => {
  expect(ownPath("/request?office=https%3A%2F%2Foffice.example&id=A")).toBe("/request?office=https%3A%2F%2Foffice.example&id=A");
});
