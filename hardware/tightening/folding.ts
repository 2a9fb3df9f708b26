// Computes the expressions of a script that consist of literals alone, as JavaScript would when it meets them.

import { type AnyNode, type Expression, type Node, parse } from "acorn";
import { fullAncestor } from "acorn-walk";
import { type Edit, edited } from "./outer-names.ts";

export type Literal = number | boolean | string;

const UNARY: { readonly [operator: string]: (value: number) => Literal } = { "-": (value) => -value, "~": (value) => ~value };

const BINARY: { readonly [operator: string]: (left: number, right: number) => Literal } = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "<<": (left, right) => left << right,
  ">>": (left, right) => left >> right,
  ">>>": (left, right) => left >>> right,
  "&": (left, right) => left & right,
  "|": (left, right) => left | right,
  "^": (left, right) => left ^ right,
};

const isLiteral = (value: unknown): value is Literal =>
  typeof value === "boolean" || typeof value === "string" || (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0));

/** What the expression is worth, where it consists of literals. */
export function literalOf(expression: Expression | Node): Literal | undefined {
  const value = compute(expression as AnyNode);
  return isLiteral(value) ? value : undefined;
}

function compute(node: AnyNode): unknown {
  if (node.type === "Literal") return node.value;
  if (node.type === "UnaryExpression") {
    const value = literalOf(node.argument);
    return typeof value === "number" ? UNARY[node.operator]?.(value) : undefined;
  }
  if (node.type !== "BinaryExpression") return undefined;
  const [left, right] = [literalOf(node.left), literalOf(node.right)];
  if (typeof left === "string" && typeof right === "string" && node.operator === "+") return left + right;
  return typeof left === "number" && typeof right === "number" ? BINARY[node.operator]?.(left, right) : undefined;
}

const written = (value: Literal): string => (typeof value === "number" && value < 0 ? `(${value})` : JSON.stringify(value));

/** The script with the literal in place of each such expression. */
export function folded(source: string): string {
  const edits: Edit[] = [];
  fullAncestor(parse(source, { ecmaVersion: "latest" }), (node, _state, chain) => {
    if (node.type !== "BinaryExpression" && node.type !== "UnaryExpression") return;
    const value = literalOf(node);
    const parent = chain.at(-2);
    if (value === undefined || (parent !== undefined && literalOf(parent) !== undefined)) return;
    const text = written(value);
    if (source.slice(node.start, node.end) !== text.replace(/^\((.*)\)$/, "$1")) edits.push({ start: node.start, end: node.end, text });
  });
  return edited(source, edits);
}
