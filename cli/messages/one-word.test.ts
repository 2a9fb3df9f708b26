// French has one word for what the office sends, in the pages, in the agent and on the command line: that of the guides, «courriel».

import { expect, test } from "vitest";
import { FRENCH as agent } from "../../host-bridge/agent/web/texts/french.ts";
import { FRENCH as office } from "../../office/pages/texts/french.ts";
import { fr } from "./fr.ts";

/** What is made of values is left out. */
function sentences(texts: unknown): string[] {
  if (typeof texts === "string") return [texts];
  return typeof texts === "object" && texts !== null ? Object.values(texts).flatMap(sentences) : [];
}

test("no French sentence says «e-mail»", () => {
  const all = [agent, office, fr].flatMap(sentences);
  for (const texts of [office, fr]) expect(sentences(texts).some((text) => text.includes("courriel"))).toBe(true);
  // «--email» is an option.
  expect(all.filter((text) => /(?<!-)\b(?:e-?mail|mél)s?\b/i.test(text))).toEqual([]);
});
