// What `sceau` begins with must be read by Node.js 12, which Ubuntu 22.04 has: only then can it say that this one is too old.

import { readFileSync } from "node:fs";
import { parse } from "acorn";
import { expect, test } from "vitest";

/** With import(), as Node.js 12 has; without `await` outside of functions. */
const NODE_12 = { ecmaVersion: 2020, sourceType: "module", allowHashBang: true } as const;

test.each(["sceau.mjs", "first-aid.mjs"])("%s is read by an old Node.js", (name) => {
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  expect(() => parse(text, NODE_12)).not.toThrow();
  expect(text).not.toMatch(/\?\.[\w([]|\?\?/); // «?.» and «??» came with Node.js 14
});
