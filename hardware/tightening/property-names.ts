// Which names of properties are ours to shorten, and which belong to the interpreter.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AnyNode, parse } from "acorn";
import { full } from "acorn-walk";

/** Every object has them, whether somebody declares them or not; and `on`, which Espruino gives to all. */
const OF_ALL_OBJECTS = ["__proto__", "constructor", "hasOwnProperty", "on", "prototype", "toString", "valueOf"];
/** Short names that an object of the interpreter has, or that it stumbles over, though no declaration tells them: no property of ours gets one. */
const NOT_OURS = ["E", "PI", "as", "at", "do", "if", "in", "is", "of", "on"];
/** `name:`, `name(` or `name<` at the beginning of a member. */
const MEMBER = /(?:^|[{;])\s*(?:readonly\s+|static\s+)*([A-Za-z_$][\w$]*)\??\s*[:(<]/gm;

/** The members that a declaration file of the interpreter names, and more rather than less: a parameter that begins a line is among them. */
export function declaredMembers(declarations: string): string[] {
  const code = declarations.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, "");
  return [...code.matchAll(MEMBER)].map((match) => match[1] ?? "");
}

/** Texts of the script, which may be the names of properties (`leds["busy"]`), or become them. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  full(parse(source, { ecmaVersion: "latest" }), (each) => {
    const node = each as AnyNode;
    if (node.type === "Literal" && typeof node.value === "string") texts.push(node.value);
  });
  return texts;
}

/**
 * The names of properties that stay: of the interpreter's own objects, of which firmware/ and protocol/ can't use but what the declaration files of
 * these folders say (they compile without any other), and all that the script also has as a text.
 * @param folders where the declaration files (*.d.ts) lie
 */
export function reservedProperties(source: string, folders: readonly string[]): ReadonlySet<string> {
  const files = folders.flatMap((folder) => readdirSync(folder).flatMap((name) => (name.endsWith(".d.ts") ? [join(folder, name)] : [])));
  return new Set([
    ...OF_ALL_OBJECTS,
    ...NOT_OURS,
    ...files.flatMap((file) => declaredMembers(readFileSync(file, "utf8"))),
    ...textsOf(source),
  ]);
}
