// Rules for where a name stands and what it is bound to: Espruino does not hoist, makes one variable for all rounds of a loop, and gives the
// declarations of a `case` to the whole function. All of these run, with another value.

import type { AnyNode, Identifier, Node, Pattern } from "acorn";
import { type Check, declaredNames, isFunction, isLoop, isReference, memberName, parentOf, type Rule, words } from "./syntax-tree.ts";

/** These call their argument before they return. */
const CALLS_AT_ONCE = words("every filter find findIndex forEach map reduce replace some sort");

/** The names between `for (` and `)`, unless `var` declares them: a `var` is shared in every JavaScript. */
function loopVariables(node: AnyNode): string[] {
  if (node.type !== "ForStatement" && node.type !== "ForOfStatement" && node.type !== "ForInStatement") return [];
  const head = node.type === "ForStatement" ? node.init : node.left;
  return head?.type === "VariableDeclaration" && head.kind !== "var" ? head.declarations.flatMap((each) => declaredNames(each.id)) : [];
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

const isDeclaredIn = (name: string, scope: AnyNode): boolean =>
  namesOnEntry(scope).includes(name) || declarationsIn(scope).some((each) => each.name === name);

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
    if (isDeclaredIn(node.name, around)) return false;
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

/** A function of a block is one of the whole function: it takes the place of an outer one of the same name. */
function hidesAnOuterOne(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  if (node.type !== "FunctionDeclaration" || node.id == null || parentOf(ancestors)?.type !== "BlockStatement") return false;
  const around = ancestors.slice(0, -2);
  const { name } = node.id;
  return !isFunction(around.at(-1) as AnyNode) && around.some((scope) => isDeclaredIn(name, scope));
}

/** `let`, `const` and `class` right behind a `case` belong to the whole function: an outer variable of the name is overwritten. */
const isDeclaredInCase: Check = (node, ancestors) =>
  (node.type === "ClassDeclaration" || (node.type === "VariableDeclaration" && node.kind !== "var")) &&
  parentOf(ancestors)?.type === "SwitchCase";

/** Strict or not, the name becomes a global; `x += 1` and `x++` throw, as they should. */
const isUndeclaredWrite: Check = (node, _ancestors, { declared }) => {
  const isWrite =
    (node.type === "AssignmentExpression" && node.operator === "=") || node.type === "ForOfStatement" || node.type === "ForInStatement";
  return isWrite && node.left.type === "Identifier" && !declared.has(node.left.name);
};

export const SCOPES: readonly Rule[] = [
  {
    name: "use before definition",
    check: (node, ancestors) => node.type === "Identifier" && isReference(node, parentOf(ancestors)) && isUsedTooEarly(node, ancestors),
  },
  { name: "closure over a loop variable", check: (node, ancestors) => node.type === "Identifier" && isClosureOverLoop(node, ancestors) },
  { name: "declaration in a loop", check: isDeclaredInLoop },
  { name: "declaration in a case", check: isDeclaredInCase },
  { name: "function that hides an outer one", check: hidesAnOuterOne },
  { name: "undeclared variable", check: isUndeclaredWrite },
];
