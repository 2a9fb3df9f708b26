// The language that Espruino runs, as a gate: finds in a bundle what its interpreter refuses, or, worse, runs with another meaning.
// Measured on the interpreter's ARM build: the 171 probes (subset/fixtures/language-probes.ts), and programs compared with Node (subset/fixtures/misread.ts).
// Globals and methods that do not exist are already compile errors (protocol/espruino.d.ts); the gate looks again, because a bundle can hold
// other people's code. It knows no types: the call of a method that a class of one's own names `at` or `slice` is refused, too.

import type { AnyNode } from "acorn";
import { fullAncestor } from "acorn-walk";
import { LACKING } from "./subset/lacking.ts";
import { MISREAD_MEANING } from "./subset/misread-meaning.ts";
import { MISREAD_TEXT } from "./subset/misread-text.ts";
import { SCOPES } from "./subset/scopes.ts";
import { type Rule, readScript } from "./subset/syntax-tree.ts";

export interface Finding {
  readonly rule: string;
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

const RULES: readonly Rule[] = [...LACKING, ...MISREAD_TEXT, ...MISREAD_MEANING, ...SCOPES];

export const RULE_NAMES: readonly string[] = RULES.map((rule) => rule.name);

/** Every place in `source` (a script, not a module) that Espruino would refuse or misread; none: it may go to a board. */
export function findForbidden(source: string): Finding[] {
  const script = readScript(source);
  const findings: Finding[] = [];
  fullAncestor(script.program, (node, _state, ancestors) => {
    const chain = ancestors as AnyNode[];
    for (const rule of RULES) {
      if (!rule.check(node as AnyNode, chain, script)) continue;
      const { line = 0, column = 0 } = node.loc?.start ?? {};
      findings.push({ rule: rule.name, line, column, excerpt: source.slice(node.start, node.start + 60) });
    }
  });
  return findings;
}
