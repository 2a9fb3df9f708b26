// Puts numbers, booleans and short strings that have a name in the outermost scope where the name is used: a literal is read where it stands, a
// name is looked for among all that were declared before it.

import type { AnyNode } from "acorn";
import { folded, type Literal, literalOf } from "./folding.ts";
import { type Edit, edited, isWrite, readOuterNames, replaced } from "./outer-names.ts";

/** A longer text that is used at several places stays one text. */
const LONGEST_TEXT = 12;

const isConstant = (value: Literal | undefined): boolean =>
  value !== undefined && (typeof value !== "string" || value.length <= LONGEST_TEXT);

/** `var a = 1, b = 2;` in the outermost scope as a statement for each. */
export function oneDeclarationEach(source: string): string {
  const edits: Edit[] = [];
  for (const statement of readOuterNames(source).program.body as AnyNode[]) {
    if (statement.type !== "VariableDeclaration" || statement.declarations.length === 1) continue;
    const each = statement.declarations.map(({ start, end }) => `${statement.kind} ${source.slice(start, end)};`);
    edits.push({ start: statement.start, end: statement.end, text: each.join("\n") });
  }
  return edited(source, edits);
}

/** One round: of constants that are made of others, those others. */
function replaceConstants(source: string): string {
  const { program, uses } = readOuterNames(source);
  const edits: Edit[] = [];
  for (const statement of program.body as AnyNode[]) {
    const declaration = statement.type === "VariableDeclaration" ? statement.declarations[0] : undefined;
    if (declaration?.id.type !== "Identifier" || declaration.init == null || !isConstant(literalOf(declaration.init))) continue;
    const places = uses.get(declaration.id.name) ?? [];
    if (places.some(isWrite)) continue;
    const literal = `(${source.slice(declaration.init.start, declaration.init.end)})`;
    edits.push({ start: statement.start, end: statement.end, text: "" }, ...places.map((use) => replaced(use, literal)));
  }
  return edited(source, edits);
}

/** @param source a script whose outermost scope is not inside a function */
export function withoutConstants(source: string): string {
  const round = folded(replaceConstants(oneDeclarationEach(source)));
  return round === source ? source : withoutConstants(round);
}
