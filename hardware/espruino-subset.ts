// The language that Espruino runs, as a gate: finds in a bundle what its interpreter refuses, or, worse, runs with another meaning.
// Measured on the interpreter's ARM build with the 171 probes of shared/prototypes/espruino. The globals and methods that do not exist
// are already compile errors (protocol/espruino.d.ts); the gate looks for them again, because a bundle can hold other people's code.

import { type AnyNode, type Function as FunctionNode, type Identifier, type Node, type Pattern, parse } from "acorn";
import { fullAncestor } from "acorn-walk";

export interface Finding {
  readonly rule: string;
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

type Check = (node: AnyNode, ancestors: readonly AnyNode[]) => boolean;

interface Rule {
  readonly name: string;
  readonly check: Check;
}

const MISSING_GLOBALS = new Set([
  ..."Map Set WeakMap WeakSet Symbol Proxy Reflect BigInt TextEncoder TextDecoder queueMicrotask".split(" "),
  ..."Buffer SharedArrayBuffer Atomics BigInt64Array BigUint64Array structuredClone WeakRef".split(" "),
]);
const MISSING_MEMBERS = new Set([
  ..."Uint8Array.from Uint8Array.of Array.from Array.of Math.imul Math.clz32 Math.trunc Number.isInteger".split(" "),
  ..."Number.MAX_SAFE_INTEGER Object.freeze".split(" "),
]);
const MISSING_METHODS = new Set("copyWithin flat flatMap at codePointAt entries allSettled".split(" "));
const MISREAD_NAMES = new Set(["of", "static"]);
const SHIFTS = new Set(["<<", ">>", ">>>", "<<=", ">>=", ">>>="]);
const WORD_BITS = 32;

const isFunction = (node: AnyNode): node is FunctionNode & AnyNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

const isLoop = (node: AnyNode): boolean => node.type === "ForStatement" || node.type === "ForOfStatement" || node.type === "ForInStatement";

/** True when the identifier stands for a variable, not for a property or a label. */
function isReference(node: Identifier, parent: AnyNode | undefined): boolean {
  if (parent === undefined) return true;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (parent.type === "Property" || parent.type === "MethodDefinition" || parent.type === "PropertyDefinition") {
    return parent.value === node || parent.computed;
  }
  return true;
}

const parentOf = (ancestors: readonly AnyNode[]): AnyNode | undefined => ancestors[ancestors.length - 2];

/** A constant count below 32, alone or as a mask (`x & 31`). */
function isSafeShiftCount(count: AnyNode): boolean {
  if (count.type === "Literal") return typeof count.value === "number" && count.value < WORD_BITS;
  return count.type === "BinaryExpression" && count.operator === "&" && count.right.type === "Literal" && isSafeShiftCount(count.right);
}

function declaredNames(pattern: Pattern): string[] {
  return pattern.type === "Identifier" ? [pattern.name] : [];
}

/** Names that a statement list declares, with where each declaration begins. */
function declarationsIn(body: readonly Node[]): { name: string; start: number; end: number }[] {
  return (body as readonly AnyNode[]).flatMap((statement) => {
    if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      return statement.id === null ? [] : [{ name: statement.id.name, start: statement.start, end: statement.end }];
    }
    if (statement.type !== "VariableDeclaration") return [];
    return statement.declarations.flatMap((declaration) =>
      declaredNames(declaration.id).map((name) => ({ name, start: declaration.start, end: declaration.end })),
    );
  });
}

/** An identifier used, in the very function that declares it, at a place that runs before the declaration: Espruino does not hoist. */
function isUsedTooEarly(node: Identifier, ancestors: readonly AnyNode[]): boolean {
  for (let i = ancestors.length - 2; i >= 0; i--) {
    const scope = ancestors[i] as AnyNode;
    if (isFunction(scope)) return false;
    if (scope.type !== "BlockStatement" && scope.type !== "Program") continue;
    const declaration = declarationsIn(scope.body).find((candidate) => candidate.name === node.name);
    if (declaration !== undefined) return node.start < declaration.start;
  }
  return false;
}

/** A function made in a loop's body that uses the loop's own variable: there is one variable for all rounds. */
function isClosureOverLoop(node: Identifier, ancestors: readonly AnyNode[]): boolean {
  let insideFunction = false;
  for (let i = ancestors.length - 2; i >= 0; i--) {
    const around = ancestors[i] as AnyNode;
    if (isFunction(around)) insideFunction = true;
    if (!insideFunction || !isLoop(around)) continue;
    const head = around.type === "ForStatement" ? around.init : (around as { left?: AnyNode }).left;
    if (head?.type !== "VariableDeclaration" || head.kind === "var") continue;
    const inHead = ancestors.slice(i + 1).includes(head as AnyNode);
    if (!inHead && head.declarations.some((declaration) => declaredNames(declaration.id).includes(node.name))) return true;
  }
  return false;
}

/** A statement behind a bare `return`: what a line break after `return` leaves. */
function isBareReturnBeforeMore(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (node.type !== "ReturnStatement" || node.argument !== null || node.argument === undefined) return false;
  if (parent?.type !== "BlockStatement") return false;
  return parent.body.indexOf(node) < parent.body.length - 1;
}

const ofType =
  (...types: string[]): Check =>
  (node) =>
    types.includes(node.type);

const RULES: readonly Rule[] = [
  { name: "BigInt", check: (node) => node.type === "Literal" && node.bigint !== undefined && node.bigint !== null },
  { name: "destructuring", check: ofType("ObjectPattern", "ArrayPattern") },
  { name: "spread", check: ofType("SpreadElement") },
  { name: "rest parameter", check: ofType("RestElement") },
  { name: "default parameter", check: ofType("AssignmentPattern") },
  {
    name: "computed key",
    check: (node) => (node.type === "Property" || node.type === "MethodDefinition" || node.type === "PropertyDefinition") && node.computed,
  },
  { name: "optional chaining", check: ofType("ChainExpression") },
  { name: "logical assignment", check: (node) => node.type === "AssignmentExpression" && ["??=", "||=", "&&="].includes(node.operator) },
  {
    name: "exponentiation",
    check: (node) =>
      (node.type === "BinaryExpression" && node.operator === "**") || (node.type === "AssignmentExpression" && node.operator === "**="),
  },
  { name: "label", check: ofType("LabeledStatement") },
  { name: "generator", check: (node) => isFunction(node) && node.generator },
  { name: "async", check: (node) => (isFunction(node) && node.async) || node.type === "AwaitExpression" },
  { name: "private member", check: ofType("PrivateIdentifier") },
  { name: "static block", check: ofType("StaticBlock") },
  { name: "tagged template", check: ofType("TaggedTemplateExpression") },
  { name: "meta property", check: ofType("MetaProperty") },
  { name: "import or export", check: (node) => /^(Import|Export)/.test(node.type) },
  {
    name: "regular expression syntax",
    check: (node) =>
      node.type === "Literal" && "regex" in node && node.regex != null && /\(\?<|[uvsy]$/.test(`${node.regex.pattern}/${node.regex.flags}`),
  },
  {
    name: "extends Error",
    check: (node) =>
      (node.type === "ClassDeclaration" || node.type === "ClassExpression") &&
      node.superClass?.type === "Identifier" &&
      node.superClass.name.endsWith("Error"),
  },
  {
    name: "missing global",
    check: (node, ancestors) => node.type === "Identifier" && MISSING_GLOBALS.has(node.name) && isReference(node, parentOf(ancestors)),
  },
  {
    name: "missing method",
    check: (node) => {
      if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return false;
      const owner = node.object.type === "Identifier" ? node.object.name : "";
      return MISSING_METHODS.has(node.property.name) || MISSING_MEMBERS.has(`${owner}.${node.property.name}`);
    },
  },
  {
    name: "misread name",
    check: (node, ancestors) => node.type === "Identifier" && MISREAD_NAMES.has(node.name) && isReference(node, parentOf(ancestors)),
  },
  {
    name: "shift count",
    check: (node) => {
      if (node.type === "BinaryExpression" && SHIFTS.has(node.operator)) return !isSafeShiftCount(node.right as AnyNode);
      return node.type === "AssignmentExpression" && SHIFTS.has(node.operator) && !isSafeShiftCount(node.right);
    },
  },
  {
    name: "use before definition",
    check: (node, ancestors) => node.type === "Identifier" && isReference(node, parentOf(ancestors)) && isUsedTooEarly(node, ancestors),
  },
  { name: "closure over a loop variable", check: (node, ancestors) => node.type === "Identifier" && isClosureOverLoop(node, ancestors) },
  { name: "bare return before more", check: (node, ancestors) => isBareReturnBeforeMore(node, parentOf(ancestors)) },
];

/** Every place in `source` (a script, not a module) that Espruino would refuse or misread; none: it may go to a board. */
export function findForbidden(source: string): Finding[] {
  const program = parse(source, {
    ecmaVersion: "latest",
    sourceType: source.match(/^(import|export)\b/m) ? "module" : "script",
    locations: true,
  });
  const findings: Finding[] = [];
  fullAncestor(program, (node, _state, ancestors) => {
    const chain = ancestors as AnyNode[];
    for (const rule of RULES) {
      if (!rule.check(node as AnyNode, chain)) continue;
      const { line = 0, column = 0 } = node.loc?.start ?? {};
      findings.push({ rule: rule.name, line, column, excerpt: source.slice(node.start, node.start + 60) });
    }
  });
  return findings;
}
