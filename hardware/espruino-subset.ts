// The language that Espruino runs, as a gate: finds in a bundle what its interpreter refuses, or, worse, runs with another meaning.
// Measured on the interpreter's ARM build (the 171 probes of shared/prototypes/espruino) and, beyond them, on its Linux build. Globals and
// methods that do not exist are already compile errors (protocol/espruino.d.ts); the gate looks again, because a bundle can hold other
// people's code. It knows no types: the call of a method that a class of one's own names `at` or `slice` is refused, too.

import { type AnyNode, type Function as FunctionNode, type Identifier, type Node, type Pattern, parse } from "acorn";
import { fullAncestor } from "acorn-walk";

export interface Finding {
  readonly rule: string;
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

type Check = (node: AnyNode, ancestors: readonly AnyNode[], source: string) => boolean;

interface Rule {
  readonly name: string;
  readonly check: Check;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const MISSING_GLOBALS = words(
  "Map Set WeakMap WeakSet WeakRef FinalizationRegistry Symbol Proxy Reflect BigInt BigInt64Array BigUint64Array Intl Buffer " +
    "TextEncoder TextDecoder queueMicrotask structuredClone SharedArrayBuffer Atomics RangeError EvalError URIError AggregateError",
);
const TYPED_ARRAYS = "Uint8Array Uint8ClampedArray Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array";
const OBJECT_MEMBERS =
  "assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor getOwnPropertyDescriptors " +
  "getOwnPropertyNames getPrototypeOf keys setPrototypeOf values";
const MATH_MEMBERS =
  "abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan wrap clip randInt " +
  "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2";
/** All that these built-ins have, beside `prototype`. */
const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Math", words(MATH_MEMBERS)],
  ["Number", words("MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY")],
  ["Object", words(OBJECT_MEMBERS)],
  ["Array", words("isArray")],
  ["String", words("fromCharCode")],
  ["Promise", words("all reject resolve")],
  ...`ArrayBuffer ${TYPED_ARRAYS}`.split(" ").map((name): [string, ReadonlySet<string>] => [name, new Set()]),
]);
/** Absent from strings, arrays and promises; `slice` is there, but gives an Array for a typed array, and an ArrayBuffer has none. */
const MISSING_METHODS = words(
  "copyWithin flat flatMap at codePointAt entries finally slice findLast findLastIndex reduceRight toReversed toSorted toSpliced " +
    "matchAll normalize localeCompare trimStart trimEnd toPrecision toExponential",
);
/** These call their argument before they return. */
const CALLS_AT_ONCE = words("every filter find findIndex forEach map reduce replace some sort");
const MISREAD_NAMES = words("of static");
/** Words that the parser takes for themselves where a class names a member, or a literal an accessor. */
const MISREAD_MEMBERS = words(
  "of static break case catch class const continue debugger default delete do else extends finally for function if in instanceof let new " +
    "return super switch this throw try typeof var void while null true false undefined",
);
const BUILT_IN_CLASSES = words(
  "Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError InternalError Array ArrayBuffer Boolean " +
    `DataView Date Function Number Object Promise RegExp String ${TYPED_ARRAYS}`,
);
const SHIFTS = new Set(["<<", ">>", ">>>", "<<=", ">>=", ">>>="]);
const WORD_BITS = 32;

const isFunction = (node: AnyNode): node is FunctionNode & AnyNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

/** The names between `for (` and `)`, unless `var` declares them: a `var` is shared in every JavaScript. */
function loopVariables(node: AnyNode): string[] {
  if (node.type !== "ForStatement" && node.type !== "ForOfStatement" && node.type !== "ForInStatement") return [];
  const head = node.type === "ForStatement" ? node.init : node.left;
  return head?.type === "VariableDeclaration" && head.kind !== "var" ? head.declarations.flatMap((each) => declaredNames(each.id)) : [];
}

const isLoop = (node: AnyNode): boolean => /^(For|While|DoWhile)\w*Statement$/.test(node.type);

const isProperty = (node: AnyNode | undefined): node is Extract<AnyNode, { key: unknown; computed: boolean }> =>
  node?.type === "Property" || node?.type === "MethodDefinition" || node?.type === "PropertyDefinition";

/** True when the identifier stands for a variable, not for a property or a label. */
function isReference(node: Identifier, parent: AnyNode | undefined): boolean {
  if (parent?.type === "MemberExpression") return parent.object === node || parent.computed;
  return !isProperty(parent) || parent.value === node || parent.computed;
}

const parentOf = (ancestors: readonly AnyNode[]): AnyNode | undefined => ancestors[ancestors.length - 2];

const isSmallNumber = (node: AnyNode): boolean => node.type === "Literal" && typeof node.value === "number" && node.value < WORD_BITS;

/** A constant count below 32, alone or as a mask (`x & 31`). */
function isSafeShiftCount(count: AnyNode): boolean {
  if (count.type !== "BinaryExpression" || count.operator !== "&") return isSmallNumber(count);
  return isSmallNumber(count.left) || isSmallNumber(count.right);
}

function declaredNames(pattern: Pattern): string[] {
  return pattern.type === "Identifier" ? [pattern.name] : [];
}

/** Names that a scope declares in its statements, with where each declaration begins. */
function declarationsIn(scope: AnyNode): { name: string; start: number }[] {
  if (scope.type !== "BlockStatement" && scope.type !== "Program" && scope.type !== "SwitchStatement") return [];
  const body: readonly Node[] = scope.type === "SwitchStatement" ? scope.cases.flatMap((each) => each.consequent) : scope.body;
  return (body as readonly AnyNode[]).flatMap((statement) => {
    if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      return statement.id === null ? [] : [{ name: statement.id.name, start: statement.start }];
    }
    if (statement.type !== "VariableDeclaration") return [];
    return statement.declarations.flatMap(({ id, start }) => declaredNames(id).map((name) => ({ name, start })));
  });
}

/** Names that are there as soon as the scope is entered. */
function namesOnEntry(scope: AnyNode): string[] {
  if (isFunction(scope)) {
    const parameters = (scope.params as readonly Pattern[]).flatMap(declaredNames);
    return scope.type === "FunctionExpression" && scope.id != null ? [...parameters, scope.id.name] : parameters;
  }
  if (scope.type === "CatchClause") return scope.param == null ? [] : declaredNames(scope.param);
  return loopVariables(scope);
}

/** A function that is called where it is written: `(() => …)()`, or given to `map` and its like. */
function runsAtOnce(node: AnyNode, parent: AnyNode | undefined): boolean {
  return parent?.type === "CallExpression" && (parent.callee === node || CALLS_AT_ONCE.has(memberName(parent.callee)));
}

/** An identifier used at a place that runs before its declaration: Espruino does not hoist. */
function isUsedTooEarly(node: Identifier, ancestors: readonly AnyNode[]): boolean {
  for (let i = ancestors.length - 2; i >= 0; i--) {
    const scope = ancestors[i] as AnyNode;
    if (namesOnEntry(scope).includes(node.name)) return false;
    if (isFunction(scope) && !runsAtOnce(scope, ancestors[i - 1])) return false;
    const declaration = declarationsIn(scope).find(({ name }) => name === node.name);
    if (declaration !== undefined) return node.start < declaration.start;
  }
  return false;
}

/** A function made in a loop that uses the loop's own variable: there is one variable for all rounds. */
function isClosureOverLoop(node: Identifier, ancestors: readonly AnyNode[]): boolean {
  if (!ancestors.some((each) => loopVariables(each).includes(node.name))) return false;
  let insideFunction = false;
  for (let i = ancestors.length - 2; i >= 0; i--) {
    const around = ancestors[i] as AnyNode;
    if (loopVariables(around).includes(node.name)) return insideFunction;
    if (namesOnEntry(around).includes(node.name) || declarationsIn(around).some(({ name }) => name === node.name)) return false;
    if (isFunction(around)) insideFunction = true;
  }
  return false;
}

/** A class or function declared in a loop is made once, in its first round: its closure keeps the variables of that round. */
function isDeclaredInLoop(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  if (node.type !== "FunctionDeclaration" && node.type !== "ClassDeclaration") return false;
  const around = ancestors.slice(0, -1);
  return around.slice(around.findLastIndex(isFunction) + 1).some(isLoop);
}

/** A `return` whose line ends there (Espruino reads on), and a statement behind a bare `return`: what esbuild makes of it. */
function isBareReturnBeforeMore(node: AnyNode, parent: AnyNode | undefined, source: string): boolean {
  if (node.type !== "ReturnStatement" || node.argument != null) return false;
  const isEnded = source[node.end - 1] === ";" || /^(\s|\/\/.*|\/\*[\s\S]*?\*\/)*(\}|$)/.test(source.slice(node.end));
  if (!isEnded) return true;
  const body: readonly Node[] = parent?.type === "BlockStatement" ? parent.body : parent?.type === "SwitchCase" ? parent.consequent : [];
  return body.indexOf(node) < body.length - 1;
}

/** `name` of `x.name` and `x["name"]`; empty for all else. */
function memberName(node: AnyNode): string {
  if (node.type !== "MemberExpression") return "";
  if (node.property.type === "Identifier") return node.computed ? "" : node.property.name;
  return node.property.type === "Literal" ? String(node.property.value) : "";
}

function isMissingMember(node: AnyNode, parent: AnyNode | undefined): boolean {
  const name = memberName(node);
  if (node.type !== "MemberExpression" || name === "") return false;
  const owner = node.object.type === "Identifier" ? node.object.name : "";
  const members = MEMBERS.get(owner);
  if (members !== undefined) return name !== "prototype" && !members.has(name);
  const isCalled = parent?.type === "CallExpression" && parent.callee === node;
  return MISSING_METHODS.has(name) && (isCalled || memberName(node.object) === "prototype");
}

/** True for the key of a class's member or of an accessor; a literal's own `of: 1` and `of() {}` are read well. */
function isMisreadMember(node: AnyNode): boolean {
  if (!isProperty(node) || node.computed || node.key.type !== "Identifier") return false;
  return (node.type !== "Property" || node.kind !== "init") && MISREAD_MEMBERS.has(node.key.name);
}

/** Espruino's matcher knows characters, classes, `.`, `^`, `$`, `*`, `+` and groups without any of these; the rest never matches, or wrongly. */
function isMisreadRegex({ pattern, flags }: { pattern: string; flags: string }): boolean {
  const hasUnknownEscape = (pattern.match(/\\./g) ?? []).some((pair) => /[bB1-9ckpPu]/.test(pair));
  const plain = pattern.replace(/\\./g, "_").replace(/\[[^\]]*\]/g, "_");
  return hasUnknownEscape || /[^gi]/.test(flags) || /[?|]|\{\d|\)[*+]/.test(plain);
}

/** Only a class of one's own, by its name: a built-in has no `super`, an expression after `extends` no meaning. */
function extendsTheUnknown(node: AnyNode): boolean {
  if ((node.type !== "ClassDeclaration" && node.type !== "ClassExpression") || node.superClass == null) return false;
  const { superClass } = node;
  return superClass.type !== "Identifier" || BUILT_IN_CLASSES.has(superClass.name);
}

function isPrivate(node: AnyNode): boolean {
  if (node.type === "MemberExpression") return node.property.type === "PrivateIdentifier";
  if (isProperty(node)) return node.key.type === "PrivateIdentifier";
  return node.type === "BinaryExpression" && node.left.type === "PrivateIdentifier";
}

function isMissingGlobal(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (node.type === "MemberExpression") {
    return node.object.type === "Identifier" && node.object.name === "globalThis" && MISSING_GLOBALS.has(memberName(node));
  }
  if (node.type !== "Identifier" || !MISSING_GLOBALS.has(node.name) || !isReference(node, parent)) return false;
  return parent?.type !== "UnaryExpression" || parent.operator !== "typeof";
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
  { name: "computed key", check: (node) => isProperty(node) && node.computed },
  { name: "optional chaining", check: ofType("ChainExpression") },
  { name: "logical assignment", check: (node) => node.type === "AssignmentExpression" && ["??=", "||=", "&&="].includes(node.operator) },
  {
    name: "exponentiation",
    check: (node) => (node.type === "BinaryExpression" || node.type === "AssignmentExpression") && ["**", "**="].includes(node.operator),
  },
  { name: "label", check: ofType("LabeledStatement") },
  { name: "generator", check: (node) => isFunction(node) && node.generator },
  { name: "async", check: (node) => (isFunction(node) && node.async) || node.type === "AwaitExpression" },
  { name: "private member", check: isPrivate },
  { name: "static block", check: ofType("StaticBlock") },
  { name: "tagged template", check: ofType("TaggedTemplateExpression") },
  { name: "meta property", check: ofType("MetaProperty") },
  { name: "import or export", check: (node) => /^(Import|Export)/.test(node.type) },
  {
    name: "regular expression syntax",
    check: (node) => node.type === "Literal" && "regex" in node && node.regex != null && isMisreadRegex(node.regex),
  },
  { name: "class field", check: (node) => node.type === "PropertyDefinition" && !node.static },
  { name: "extends a built-in", check: extendsTheUnknown },
  { name: "missing global", check: (node, ancestors) => isMissingGlobal(node, parentOf(ancestors)) },
  { name: "missing member", check: (node, ancestors) => isMissingMember(node, parentOf(ancestors)) },
  {
    name: "misread name",
    check: (node, ancestors) =>
      (node.type === "Identifier" && MISREAD_NAMES.has(node.name) && isReference(node, parentOf(ancestors))) || isMisreadMember(node),
  },
  {
    name: "shift count",
    check: (node) =>
      (node.type === "BinaryExpression" || node.type === "AssignmentExpression") &&
      SHIFTS.has(node.operator) &&
      !isSafeShiftCount(node.right),
  },
  {
    name: "use before definition",
    check: (node, ancestors) => node.type === "Identifier" && isReference(node, parentOf(ancestors)) && isUsedTooEarly(node, ancestors),
  },
  { name: "closure over a loop variable", check: (node, ancestors) => node.type === "Identifier" && isClosureOverLoop(node, ancestors) },
  { name: "declaration in a loop", check: isDeclaredInLoop },
  {
    name: "case after default",
    check: (node) => node.type === "SwitchStatement" && node.cases.slice(0, -1).some((each) => each.test == null),
  },
  { name: "bare return before more", check: (node, ancestors, source) => isBareReturnBeforeMore(node, parentOf(ancestors), source) },
];

export const RULE_NAMES: readonly string[] = RULES.map((rule) => rule.name);

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
      if (!rule.check(node as AnyNode, chain, source)) continue;
      const { line = 0, column = 0 } = node.loc?.start ?? {};
      findings.push({ rule: rule.name, line, column, excerpt: source.slice(node.start, node.start + 60) });
    }
  });
  return findings;
}
