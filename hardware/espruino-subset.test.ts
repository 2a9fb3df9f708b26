// The gate against tables: what must be found, under which rule, and what must pass; the interpreter itself, where there is one, is asked
// the same.

import { runInNewContext } from "node:vm";
import { assert as assertProperty, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { findForbidden, RULE_NAMES } from "./espruino-subset.ts";
import { ACCEPTED } from "./subset/fixtures/accepted.ts";
import { askEspruino, ESPRUINO } from "./subset/fixtures/ask-espruino.ts";
import { LANGUAGE_PROBES, type LanguageProbe } from "./subset/fixtures/language-probes.ts";
import { MISREAD, type Misread } from "./subset/fixtures/misread.ts";
import { REFUSED } from "./subset/fixtures/refused.ts";
import { MEMBERS, MISSING_GLOBALS, MISSING_METHODS } from "./subset/lacking.ts";

const asFunction = (body: string): string => `(function () { ${body}\n})()`;
const inThree = ([name, source, rules]: LanguageProbe | Misread): [string, string, string] => [name, source, rules];
const withVerdict = ([name, source, rules, risk]: LanguageProbe): [string, string, boolean] => [
  name,
  source,
  rules === "" || risk !== undefined,
];
const rulesOf = (source: string): string[] => [...new Set(findForbidden(source).map((finding) => finding.rule))];

/** The probe as a script that leaves its answer in R. */
const asProbe = (source: string): string => (/^(import|export)/.test(source) ? source : `var R = 0; (function () { ${source}\n})();`);
/** Of a probe that Node runs in another way: a module, a board's own library. */
const isForeign = (source: string): boolean => /^(import|export)|require\(/.test(source);

describe("what Espruino refuses or misreads is found", () => {
  for (const [rule, snippets] of Object.entries(REFUSED)) {
    test.each(snippets)(`${rule}: %s`, (snippet) => {
      expect(rulesOf(snippet)).toEqual([rule]);
    });
  }

  test.each(MISREAD.map(inThree))("%s: %s", (_name, body, rule) => {
    expect(runInNewContext(asFunction(body))).toBe(true);
    expect(rulesOf(asFunction(body))).toEqual([rule]);
  });

  test("every rule has a fixture, every fixture a rule", () => {
    const tried = new Set([...Object.keys(REFUSED), ...MISREAD.map(([, , rule]) => rule)]);
    expect([...tried].sort()).toEqual([...RULE_NAMES].sort());
    for (const snippets of Object.values(REFUSED)) expect(snippets).not.toEqual([]);
  });

  test("a shift by a constant is found exactly from 32 on", () => {
    assertProperty(property(integer({ min: 0, max: 64 }), (count) => findForbidden(`f(x >>> ${count});`).length === (count < 32 ? 0 : 1)));
  });

  test("a finding tells where it is", () => {
    const found = findForbidden("const a = 1;\n  f(a ** 2);");
    expect(found).toEqual([{ rule: "exponentiation", line: 2, column: 4, excerpt: "a ** 2);" }]);
  });

  test("a finding inside anything else is found", () => {
    const nested = "class A { m() { return [() => ({ k: `$" + "{f(o?.a)}` })]; } }";
    expect(rulesOf(nested)).toEqual(["optional chaining"]);
  });
});

describe("what Espruino runs passes", () => {
  test.each(Object.entries(ACCEPTED))("%s", (_name, body) => {
    expect(findForbidden(asFunction(body))).toEqual([]);
    expect(runInNewContext(asFunction(body))).toBe(true);
  });
});

describe("the 171 probes: what failed on the interpreter is refused, all else passes", () => {
  test.each(LANGUAGE_PROBES.map(inThree))("%s: %s", (_name, source, refusedBy) => {
    expect(rulesOf(asProbe(source)).join(", ")).toBe(refusedBy);
    if (isForeign(source)) return;
    const realm = { TextEncoder, TextDecoder, atob, btoa, setTimeout, queueMicrotask, R: 0 };
    runInNewContext(asProbe(source), realm);
    expect(realm.R).toBeTruthy();
  });

  test("there are 171", () => {
    expect(LANGUAGE_PROBES).toHaveLength(171);
  });
});

describe.skipIf(ESPRUINO === undefined)("Espruino itself agrees (skipped unless ESPRUINO names its Linux binary)", () => {
  const answerTo = (body: string): Promise<string> => askEspruino(`print("answer " + ${asFunction(body)})`);

  test.concurrent.each(Object.entries(ACCEPTED))("runs: %s", async (_name, body) => {
    expect(await answerTo(body)).toContain("answer true");
  });

  test.concurrent.each(MISREAD.filter(([, , , onlyOn]) => onlyOn === undefined).map(inThree))("misreads: %s", async (_name, body) => {
    expect(await answerTo(body)).not.toContain("answer true");
  });

  test.concurrent.each(LANGUAGE_PROBES.map(withVerdict))("probe: %s", async (_name, source, isRun) => {
    const runs = (await askEspruino(`${asProbe(source)}\nprint("answer " + (R ? "true" : "false"))`)).includes("answer true");
    expect(runs).toBe(isRun);
  });

  test("what is called missing is missing, what is called a member is one", async () => {
    const things = {
      globals: [...MISSING_GLOBALS],
      members: [...MEMBERS].flatMap(([owner, names]) => [...names].map((name) => `${owner}.${name}`)),
      methods: [...MISSING_METHODS].flatMap((name) =>
        ["''", "[]", "new Uint8Array(1)", "Promise.resolve()"].map((owner) => `${owner}.${name}`),
      ),
    };
    const question = Object.values(things)
      .flat()
      .map((each) => `print("is " + typeof ${each} + " " + ${JSON.stringify(`${each};`)})`);
    const answer = await askEspruino(question.join("\n"));
    const isThere = (each: string): boolean => answer.includes(` ${each};`) && !answer.includes(`is undefined ${each};`);
    expect(things.globals.filter(isThere)).toEqual([]);
    expect(things.members.filter((each) => !isThere(each))).toEqual([]);
    expect(things.methods.filter(isThere)).toEqual(["''.slice", "[].slice", "new Uint8Array(1).slice", "''.lastIndexOf"]);
  });
});
