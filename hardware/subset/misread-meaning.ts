// Rules for what Espruino parses as JavaScript does, and runs otherwise.

import type { AnyNode, CallExpression } from "acorn";
import { type Check, contains, isFunction, isLoop, memberName, parentOf, type Rule, words } from "./syntax-tree.ts";

const SHIFTS = new Set(["<<", ">>", ">>>", "<<=", ">>=", ">>>="]);
const WORD_BITS = 32;
/** A byte that every kind of typed array keeps as it is. */
const MAX_KEPT_BYTE = 0x7f;
const RUNS_CODE = words("CallExpression NewExpression AssignmentExpression UpdateExpression");
/** A TypeError is no Error there, what `null.x` throws no TypeError, and 1 is a Number. */
const UNRELIABLE_CLASSES = words("Error TypeError ReferenceError SyntaxError InternalError Number String Boolean Symbol BigInt");

const isSmallNumber = (node: AnyNode, limit: number): boolean =>
  node.type === "Literal" && typeof node.value === "number" && node.value < limit;

/** A constant count below 32, alone or as a mask (`x & 31`). */
function isSafeShiftCount(count: AnyNode): boolean {
  if (count.type !== "BinaryExpression" || count.operator !== "&") return isSmallNumber(count, WORD_BITS);
  return isSmallNumber(count.left, WORD_BITS) || isSmallNumber(count.right, WORD_BITS);
}

/** The value goes nowhere: a statement of its own, or a piece of one. */
function isStatement(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  const parent = parentOf(ancestors);
  if (parent?.type === "ForStatement") return parent.update === node || parent.init === node;
  if (parent?.type !== "SequenceExpression") return parent?.type === "ExpressionStatement";
  return parent.expressions.at(-1) !== node || isStatement(parent, ancestors.slice(0, -1));
}

/** Of `bytes[i] = 300` Espruino gives what the element has become, 44, and JavaScript 300. */
const isElementsValue: Check = (node, ancestors) => {
  const target =
    node.type === "AssignmentExpression" ? node.left : node.type === "UpdateExpression" && node.prefix ? node.argument : undefined;
  if (target?.type !== "MemberExpression" || !target.computed) return false;
  if (target.property.type === "Literal" && typeof target.property.value === "string") return false;
  const isKept = node.type === "AssignmentExpression" && node.operator === "=" && isSmallNumber(node.right, MAX_KEPT_BYTE + 1);
  return !isKept && !isStatement(node, ancestors);
};

/** A getter is called only where its value is used. */
const isUnusedMember: Check = (node, ancestors) => {
  const parent = parentOf(ancestors);
  if (node.type !== "MemberExpression") return false;
  if (parent?.type === "SequenceExpression") return parent.expressions.at(-1) !== node;
  return parent?.type === "ExpressionStatement" || (parent?.type === "UnaryExpression" && parent.operator === "void");
};

/** `(o.f)()`, whose `this` is lost. */
const isParenthesisedCallee: Check = (node, _ancestors, { source }) =>
  node.type === "CallExpression" && node.callee.type === "MemberExpression" && /^\s*\)/.test(source.slice(node.callee.end));

/** In an arrow they are the arrow's own, their length is that of the parameters at least, and a parameter does not follow them. */
const isMisreadArguments: Check = (node, ancestors) => {
  if (node.type !== "Identifier" || node.name !== "arguments") return false;
  const parent = parentOf(ancestors);
  if (parent?.type === "MemberExpression" && parent.object !== node && !parent.computed) return false;
  const owner = ancestors.slice(0, -1).findLast(isFunction);
  return owner === undefined || owner.type === "ArrowFunctionExpression" || owner.params.length > 0;
};

/** Leaving a `finally` otherwise than by its end; and a `try` in it, which forgets the error that is on its way. */
const isInFinally: Check = (node, ancestors) => {
  if (!/^(Return|Throw|Break|Continue|Try)Statement$/.test(node.type)) return false;
  for (let i = ancestors.length - 2; i >= 0; i--) {
    const around = ancestors[i] as AnyNode;
    if (isFunction(around)) return false;
    if (node.type === "BreakStatement" && (isLoop(around) || around.type === "SwitchStatement")) return false;
    if (node.type === "ContinueStatement" && isLoop(around)) return false;
    if (around.type === "TryStatement" && around.finalizer === ancestors[i + 1]) return true;
  }
  return false;
};

const isReplacement = (node: AnyNode | undefined): boolean =>
  node !== undefined && (isFunction(node) || (node.type === "Literal" && /\$[$&`']/.test(String(node.value))));
const isRegex = (node: AnyNode | undefined): boolean => node?.type === "Literal" && "regex" in node && node.regex != null;
const isFalse = (node: AnyNode): boolean => node.type === "Literal" && node.value === false;

/** A descriptor that hides or locks a property. */
const isLocking = (node: AnyNode): boolean =>
  node.type === "Property" &&
  node.key.type === "Identifier" &&
  ["writable", "enumerable"].includes(node.key.name) &&
  isFalse(node.value as AnyNode);

/** Methods that are there, and give another value for these arguments. */
const MISREAD_CALLS: Readonly<Record<string, (args: readonly AnyNode[], call: CallExpression) => boolean>> = {
  split: (args) => args.length > 1,
  replace: ([pattern, replacement]) =>
    isReplacement(replacement) && !(isRegex(pattern) && replacement !== undefined && isFunction(replacement)),
  replaceAll: ([, replacement]) => isReplacement(replacement),
  match: ([pattern]) => pattern?.type === "Literal" && "regex" in pattern && pattern.regex?.flags.includes("g") === true,
  stringify: (args) => args.length > 1,
  toFixed: ([digits]) => digits === undefined || (digits.type === "Literal" && digits.value === 0),
  pow: () => true,
  round: () => true,
  map: (_args, { callee }) =>
    callee.type === "MemberExpression" &&
    callee.object.type === "NewExpression" &&
    callee.object.callee.type === "Identifier" &&
    callee.object.callee.name === "Array",
  defineProperty: ([, , descriptor]) => descriptor !== undefined && contains(descriptor, isLocking),
};

const isMisreadCall: Check = (node) => {
  if (node.type !== "CallExpression") return false;
  const name = memberName(node.callee);
  return Object.hasOwn(MISREAD_CALLS, name) && MISREAD_CALLS[name]?.(node.arguments as readonly AnyNode[], node) === true;
};

export const MISREAD_MEANING: readonly Rule[] = [
  {
    name: "shift count",
    check: (node) =>
      (node.type === "BinaryExpression" || node.type === "AssignmentExpression") &&
      SHIFTS.has(node.operator) &&
      !isSafeShiftCount(node.right),
  },
  {
    name: "case after default",
    check: (node) => node.type === "SwitchStatement" && node.cases.slice(0, -1).some((each) => each.test == null),
  },
  {
    name: "case that runs code",
    check: (node) => node.type === "SwitchCase" && node.test != null && contains(node.test, ({ type }) => RUNS_CODE.has(type)),
  },
  { name: "in finally", check: isInFinally },
  { name: "value of an element's assignment", check: isElementsValue },
  { name: "member that is not used", check: isUnusedMember },
  { name: "parenthesised callee", check: isParenthesisedCallee },
  { name: "arguments", check: isMisreadArguments },
  {
    name: "length that is set",
    check: (node) => node.type === "AssignmentExpression" && memberName(node.left) === "length",
  },
  {
    name: "instanceof",
    check: (node) =>
      node.type === "BinaryExpression" &&
      node.operator === "instanceof" &&
      node.right.type === "Identifier" &&
      UNRELIABLE_CLASSES.has(node.right.name),
  },
  { name: "misread call", check: isMisreadCall },
];
