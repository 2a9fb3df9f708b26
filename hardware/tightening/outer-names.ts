// The names that stand in a script's outermost scope, and every place that means one of them and not an inner name that is written alike.

import { type AnyNode, type Identifier, type Node, type Pattern, type Program, parse, type VariableDeclaration } from "acorn";
import { fullAncestor } from "acorn-walk";
import { declaredNames, isFunction, isLoop, isReference } from "../subset/syntax-tree.ts";

/** A place where a name of the outermost scope, or of the interpreter, is meant. */
export interface Use {
  readonly node: Identifier;
  readonly parent: AnyNode;
  /** Runs only when something is called, so after the script has been read to its end, or called by it. */
  readonly isInFunction: boolean;
  /** How many loops are around it in its function. */
  readonly loops: number;
}

export interface OuterNames {
  readonly program: Program;
  /** By name, declarations left out. Names that nothing declares (the interpreter's) are among them. */
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** Every name that is declared somewhere, at whatever depth. */
  readonly declared: ReadonlySet<string>;
}

/** A part of the source to be replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export const edited = (source: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((one, other) => other.start - one.start)
    .reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), source);

const namesOf = (declaration: VariableDeclaration): string[] => declaration.declarations.flatMap(({ id }) => declaredNames(id));

function namesInStatements(statements: readonly Node[]): string[] {
  return (statements as readonly AnyNode[]).flatMap((statement) => {
    if (statement.type === "VariableDeclaration") return namesOf(statement);
    const isNamed = statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration";
    return isNamed && statement.id != null ? [statement.id.name] : [];
  });
}

function namesInHead(node: AnyNode): string[] {
  if (isFunction(node)) {
    const parameters = (node.params as readonly Pattern[]).flatMap(declaredNames);
    return node.type === "FunctionExpression" && node.id != null ? [...parameters, node.id.name] : parameters;
  }
  if (node.type === "CatchClause") return node.param == null ? [] : declaredNames(node.param);
  if (node.type === "ClassExpression") return node.id == null ? [] : [node.id.name];
  const head =
    node.type === "ForStatement" ? node.init : node.type === "ForOfStatement" || node.type === "ForInStatement" ? node.left : null;
  return head?.type === "VariableDeclaration" ? namesOf(head) : [];
}

/** What an inner scope declares. */
function namesDeclaredIn(scope: AnyNode): string[] {
  if (scope.type === "BlockStatement") return namesInStatements(scope.body);
  if (scope.type === "SwitchStatement") return scope.cases.flatMap((each) => namesInStatements(each.consequent));
  return namesInHead(scope);
}

const isDeclaration = (node: Identifier, parent: AnyNode): boolean =>
  (parent.type === "VariableDeclarator" || parent.type === "FunctionDeclaration" || parent.type === "ClassDeclaration") &&
  parent.id === node;

/** @param source a script that has passed the gate: its patterns are plain names, and a `var` stands where it could be a `let` */
export function readOuterNames(source: string): OuterNames {
  const program = parse(source, { ecmaVersion: "latest" });
  const inner = new Map<AnyNode, ReadonlySet<string>>();
  const declared = new Set(namesInStatements(program.body));
  fullAncestor(program, (each) => {
    const node = each as AnyNode;
    const names = namesDeclaredIn(node);
    if (names.length > 0) inner.set(node, new Set(names));
    for (const name of names) declared.add(name);
  });
  const uses = new Map<string, Use[]>();
  fullAncestor(program, (each, _state, chain) => {
    const node = each as AnyNode;
    const around = (chain as AnyNode[]).slice(0, -1);
    const parent = around.at(-1);
    if (node.type !== "Identifier" || parent === undefined || !isReference(node, parent) || isDeclaration(node, parent)) return;
    if (around.some((scope) => inner.get(scope)?.has(node.name))) return;
    const functionAt = around.findLastIndex(isFunction);
    const use: Use = { node, parent, isInFunction: functionAt >= 0, loops: around.slice(functionAt + 1).filter(isLoop).length };
    uses.set(node.name, [...(uses.get(node.name) ?? []), use]);
  });
  return { program, uses, declared };
}

/** True where the name is given another value. */
export const isWrite = ({ node, parent }: Use): boolean =>
  (parent.type === "AssignmentExpression" && parent.left === node) ||
  parent.type === "UpdateExpression" ||
  ((parent.type === "ForOfStatement" || parent.type === "ForInStatement") && parent.left === node);

/** The edit that puts an expression where the name is used: `{ name }` becomes `{ name: expression }`. */
export const replaced = ({ node, parent }: Use, expression: string): Edit => ({
  start: node.start,
  end: node.end,
  text: parent.type === "Property" && parent.shorthand ? `${node.name}: ${expression}` : expression,
});
