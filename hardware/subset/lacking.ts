// Rules for what Espruino has not: syntax that its parser refuses, globals and methods that are not there. The script stops with an error,
// but only when the place is reached.

import type { AnyNode } from "acorn";
import { type Check, contains, isFunction, isProperty, isReference, memberName, parentOf, type Rule, words } from "./syntax-tree.ts";

export const MISSING_GLOBALS = words(
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
export const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Math", words(MATH_MEMBERS)],
  ["Number", words("MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY")],
  ["Object", words(OBJECT_MEMBERS)],
  ["Array", words("isArray")],
  ["String", words("fromCharCode")],
  ["Promise", words("all reject resolve")],
  ...`ArrayBuffer ${TYPED_ARRAYS}`.split(" ").map((name): [string, ReadonlySet<string>] => [name, new Set()]),
]);
/**
 * Absent from strings, arrays and promises. `slice` is there, but gives an Array for a typed array, and an ArrayBuffer has none; strings
 * have `lastIndexOf`, arrays not.
 */
export const MISSING_METHODS = words(
  "copyWithin flat flatMap at codePointAt entries finally slice findLast findLastIndex lastIndexOf reduceRight toReversed toSorted " +
    "toSpliced matchAll normalize localeCompare trimStart trimEnd toPrecision toExponential",
);
const BUILT_IN_CLASSES = words(
  "Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError InternalError Array ArrayBuffer Boolean " +
    `DataView Date Function Number Object Promise RegExp String ${TYPED_ARRAYS}`,
);

function isMissingMember(node: AnyNode, parent: AnyNode | undefined): boolean {
  const name = memberName(node);
  if (node.type !== "MemberExpression" || name === "") return false;
  const owner = node.object.type === "Identifier" ? node.object.name : "";
  const members = MEMBERS.get(owner);
  if (members !== undefined) return name !== "prototype" && !members.has(name);
  const isCalled = parent?.type === "CallExpression" && parent.callee === node;
  return MISSING_METHODS.has(name) && (isCalled || memberName(node.object) === "prototype");
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

/** `typeof Map` passes: asking whether it is there is right. */
function isMissingGlobal(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (node.type === "MemberExpression") {
    return node.object.type === "Identifier" && node.object.name === "globalThis" && MISSING_GLOBALS.has(memberName(node));
  }
  if (node.type !== "Identifier" || !MISSING_GLOBALS.has(node.name) || !isReference(node, parent)) return false;
  return parent?.type !== "UnaryExpression" || parent.operator !== "typeof";
}

/** `"a b"() {}`, `5() {}` in a class, `get "a b"() {}` in a literal, and a semicolon before a class's first member. */
const isUnreadableMember: Check = (node, _ancestors, { source }) => {
  if (isProperty(node)) return node.key.type === "Literal" && (node.type !== "Property" || node.kind !== "init");
  if (node.type !== "ClassBody") return false;
  const opening = source.slice(node.start + 1, node.body[0]?.start ?? node.end - 1);
  return opening.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").includes(";");
};

/** A static field without a value, or whose value names its class: it is not there yet. */
const isUnreadableStaticField: Check = (node, ancestors) => {
  const around = ancestors[ancestors.length - 3];
  if (node.type !== "PropertyDefinition" || !node.static || (around?.type !== "ClassDeclaration" && around?.type !== "ClassExpression")) {
    return false;
  }
  if (node.value == null) return true;
  const itself = around.id?.name;
  return contains(node.value, (inside) => inside.type === "ThisExpression" || (inside.type === "Identifier" && inside.name === itself));
};

/** The name of a class expression, used inside it: it is bound to nothing, unless a variable of the same name holds the class. */
const isUnboundClassName: Check = (node, ancestors) => {
  if (node.type !== "Identifier" || !isReference(node, parentOf(ancestors))) return false;
  const at = ancestors.findLastIndex((each) => each.type === "ClassExpression" && each.id?.name === node.name && each.id !== node);
  const holder = ancestors[at - 1];
  return at > 0 && !(holder?.type === "VariableDeclarator" && holder.id.type === "Identifier" && holder.id.name === node.name);
};

/** Behind `?`, `&&`, `||` and `??` a class's body is not skipped as it should be. */
const isClassInCondition: Check = (node, ancestors) => {
  if (node.type !== "ClassExpression") return false;
  const inside = ancestors.slice(ancestors.slice(0, -1).findLastIndex(isFunction) + 1, -1);
  return inside.some(({ type }) => type === "ConditionalExpression" || type === "LogicalExpression");
};

/** A method that a class inherits finds itself as its `super`, for ever; an arrow has none. */
const isLostSuper: Check = (node, ancestors, { extended }) => {
  if (node.type !== "Super") return false;
  const holder = ancestors.findLast((each) => isFunction(each));
  if (holder?.type === "ArrowFunctionExpression") return true;
  if (parentOf(ancestors)?.type !== "MemberExpression") return false;
  const at = ancestors.findLastIndex((each) => each.type === "ClassDeclaration" || each.type === "ClassExpression");
  const owner = ancestors[at];
  const variable = ancestors[at - 1];
  const names = [
    owner?.type === "ClassDeclaration" ? owner.id?.name : "",
    variable?.type === "VariableDeclarator" && variable.id.type === "Identifier" ? variable.id.name : "",
  ];
  return names.some((name) => name !== undefined && extended.has(name));
};

const ofType =
  (...types: string[]): Check =>
  (node) =>
    types.includes(node.type);

export const LACKING: readonly Rule[] = [
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
  { name: "class field", check: (node) => node.type === "PropertyDefinition" && !node.static },
  { name: "static field", check: isUnreadableStaticField },
  { name: "member that is not read", check: isUnreadableMember },
  { name: "class's own name", check: isUnboundClassName },
  { name: "class in a condition", check: isClassInCondition },
  { name: "super", check: isLostSuper },
  { name: "extends a built-in", check: extendsTheUnknown },
  { name: "missing global", check: (node, ancestors) => isMissingGlobal(node, parentOf(ancestors)) },
  { name: "missing member", check: (node, ancestors) => isMissingMember(node, parentOf(ancestors)) },
];
