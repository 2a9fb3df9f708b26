import { expect, test } from "vitest";
import { isSlowHashOf, slowHash } from "./slow-hash.ts";

test("is argon2id with its salt, and knows its secret alone", async () => {
  const hashed = await slowHash("rue des lilas");
  expect(hashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await slowHash("rue des lilas")).not.toBe(hashed);
  expect(await isSlowHashOf(hashed, "rue des lilas")).toBe(true);
  expect(await isSlowHashOf(hashed, "rue des roses")).toBe(false);
  expect(await isSlowHashOf(null, "nobody's secret")).toBe(false);
});
