// Whether this Node.js is new enough.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { ok, trouble } from "./found.ts";

/** «>=20.19» in package.json. */
function neededVersion(checkout: string): string {
  const { engines } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { engines?: { node?: string } };
  return /[\d.]+/.exec(engines?.node ?? "")?.[0] ?? "0";
}

const numbers = (version: string): readonly number[] => version.split(".").map(Number);

/** Only the parts that are asked for are compared. */
export function isAtLeast(version: string, needed: string): boolean {
  const own = numbers(version);
  for (const [index, part] of numbers(needed).entries()) {
    const there = own[index] ?? 0;
    if (there !== part) return there > part;
  }
  return true;
}

export const NODE_VERSION: Check<"node-version"> = {
  name: "node-version",
  area: "installation",
  look: ({ machine: { nodeVersion: version }, checkout }) => {
    const facts = { version, needed: neededVersion(checkout) };
    if (isAtLeast(version, facts.needed)) return ok("node-version", "fine", facts);
    return trouble("node-version", "too-old", facts, { mender: "administrator", commands: [] });
  },
};
