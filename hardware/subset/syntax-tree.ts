// What every rule of the gate asks of a syntax tree: which node is what, whose name it bears, what it declares.

import { type AnyNode, type Function as FunctionNode, type Identifier, type Node, type Pattern, parse, type Token } from "acorn";
import { full } from "acorn-walk";

/** A script as the rules see it. */
export interface Script {
  readonly source: string;
  readonly program: AnyNode;
  readonly tokens: readonly Token[];
  /** Every name that is declared anywhere in the script. */
  readonly declared: ReadonlySet<string>;
  /** The classes that another class of the script extends. */
  readonly extended: ReadonlySet<string>;
}

/** @param ancestors from the program down to the node itself */
export type Check = (node: AnyNode, ancestors: readonly AnyNode[], script: Script) => boolean;

export interface Rule {
  readonly name: string;
  readonly check: Check;
}

export const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

export const isFunction = (node: AnyNode): node is FunctionNode & AnyNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

export const isLoop = (node: AnyNode): boolean => /^(For|While|DoWhile)\w*Statement$/.test(node.type);

export const isProperty = (node: AnyNode | undefined): node is Extract<AnyNode, { key: unknown; computed: boolean }> =>
  node?.type === "Property" || node?.type === "MethodDefinition" || node?.type === "PropertyDefinition";

/** True when the identifier stands for a variable, not for a property or a label. */
export function isReference(node: Identifier, parent: AnyNode | undefined): boolean {
  if (parent?.type === "MemberExpression") return parent.object === node || parent.computed;
  return !isProperty(parent) || parent.value === node || parent.computed;
}

export const parentOf = (ancestors: readonly AnyNode[]): AnyNode | undefined => ancestors[ancestors.length - 2];

/** `name` of `x.name` and `x["name"]`; empty for all else. */
export function memberName(node: AnyNode): string {
  if (node.type !== "MemberExpression") return "";
  if (node.property.type === "Identifier") return node.computed ? "" : node.property.name;
  return node.property.type === "Literal" ? String(node.property.value) : "";
}

export const declaredNames = (pattern: Pattern): string[] => (pattern.type === "Identifier" ? [pattern.name] : []);

/** True when `test` is true of the node or of anything inside it. */
export function contains(node: AnyNode, test: (inside: AnyNode) => boolean): boolean {
  let found = false;
  full(node as Node, (inside) => {
    found ||= test(inside as AnyNode);
  });
  return found;
}

function namesDeclaredBy(node: AnyNode): string[] {
  if (node.type === "VariableDeclarator") return declaredNames(node.id);
  if (node.type === "CatchClause") return node.param == null ? [] : declaredNames(node.param);
  if (node.type === "ClassDeclaration" || node.type === "ClassExpression") return node.id == null ? [] : [node.id.name];
  if (!isFunction(node)) return [];
  const parameters = (node.params as readonly Pattern[]).flatMap(declaredNames);
  return node.id == null ? parameters : [...parameters, node.id.name];
}

/** @throws SyntaxError when it is no JavaScript */
export function readScript(source: string): Script {
  const tokens: Token[] = [];
  const program = parse(source, {
    ecmaVersion: "latest",
    sourceType: source.match(/^(import|export)\b/m) ? "module" : "script",
    locations: true,
    onToken: tokens,
  });
  const declared = new Set<string>();
  const extended = new Set<string>();
  full(program, (each) => {
    const node = each as AnyNode;
    for (const name of namesDeclaredBy(node)) declared.add(name);
    const isClass = node.type === "ClassDeclaration" || node.type === "ClassExpression";
    if (isClass && node.superClass?.type === "Identifier") extended.add(node.superClass.name);
  });
  return { source, program, tokens, declared, extended };
}
