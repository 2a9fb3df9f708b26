// Puts the outermost scope's names into the order of how much they are used. The interpreter finds a name by going through those that were declared
// before it, one by one, and its own (Uint8Array, Math) after all of the script's: those that are used get a name in the script, too.
//
// What runs while the script is read stays in its order. A function, or a class that nothing is computed for, is only declared earlier. The name of
// anything else is declared earlier without a value, which it is given where it stood.

import type { AnyNode } from "acorn";
import { oneDeclarationEach } from "./constants.ts";
import { type Edit, edited, type OuterNames, readOuterNames, replaced, type Use } from "./outer-names.ts";

/** Of the language, so on every board: a script that names them while it is read can't fail for it. None is ever replaced. */
const ALIASED = ["Array", "DataView", "E", "Int32Array", "Math", "Number", "Object", "String", "Uint32Array", "Uint8Array"];
/** Below it the alias costs more than it saves. */
const LEAST_USES = 3;
/** A loop's inside counts as so many times. */
const ROUNDS = 4;

interface Place {
  readonly name: string;
  readonly weight: number;
  /** The declaration with its value, or null: the name alone. */
  readonly text: string | null;
}

const weigh = (uses: readonly Use[] = []): number =>
  uses.reduce((sum, { isInFunction, loops }) => sum + (isInFunction ? ROUNDS ** loops : 0), 0);

/** Made without running anything of the script's. */
function isInert(value: AnyNode | null | undefined): boolean {
  if (value == null) return false;
  if (value.type === "ArrowFunctionExpression" || value.type === "FunctionExpression" || value.type === "FunctionDeclaration") return true;
  if (value.type !== "ClassExpression" && value.type !== "ClassDeclaration") return false;
  return value.superClass == null && value.body.body.every((member) => member.type === "MethodDefinition" && !member.computed);
}

function aliasesOf({ uses, declared }: OuterNames): { places: Place[]; edits: Edit[] } {
  const places: Place[] = [];
  const edits: Edit[] = [];
  for (const name of ALIASED) {
    const all = uses.get(name) ?? [];
    const alias = `own${name}`;
    if (declared.has(name) || declared.has(alias) || uses.has(alias) || all.length < LEAST_USES) continue;
    places.push({ name: alias, weight: weigh(all), text: `var ${alias} = ${name};` });
    for (const use of all) edits.push(replaced(use, alias));
  }
  return { places, edits };
}

interface Move {
  readonly place: Place;
  /** What is left where the declaration was. */
  readonly stays: string;
}

function moveOf(source: string, { uses }: OuterNames, statement: AnyNode): Move | null {
  const [declared] = statement.type === "VariableDeclaration" ? statement.declarations : [statement];
  const isNamed =
    declared?.type === "VariableDeclarator" || declared?.type === "FunctionDeclaration" || declared?.type === "ClassDeclaration";
  if (!isNamed || declared.id?.type !== "Identifier") return null;
  const { name } = declared.id;
  const weight = weigh(uses.get(name));
  const made = declared.type === "VariableDeclarator" ? declared.init : declared;
  if (isInert(made)) return { place: { name, weight, text: source.slice(statement.start, statement.end) }, stays: "" };
  return { place: { name, weight, text: null }, stays: made == null ? "" : `${name} = ${source.slice(made.start, made.end)};` };
}

/** @param source a script whose outermost scope is not inside a function */
export function inOrderOfUse(source: string): string {
  const split = oneDeclarationEach(source);
  const { places: aliases, edits } = aliasesOf(readOuterNames(split));
  const script = edited(split, edits);
  const names = readOuterNames(script);
  const places: Place[] = [...aliases];
  const moves: Edit[] = [];
  for (const statement of names.program.body as AnyNode[]) {
    const move = moveOf(script, names, statement);
    if (move === null) continue;
    places.push(move.place);
    moves.push({ start: statement.start, end: statement.end, text: move.stays });
  }
  places.sort((one, other) => other.weight - one.weight || (one.name < other.name ? -1 : 1));
  return `${places.map(({ name, text }) => text ?? `var ${name};`).join("\n")}\n${edited(script, moves)}`;
}
