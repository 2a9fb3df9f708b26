// Makes of a script one that does the same and that Espruino runs faster: it goes through the outermost scope's names one by one each time that it
// looks for one, and executes the text itself.

import { type TransformOptions, transform } from "esbuild";
import { withoutConstants } from "./tightening/constants.ts";
import { inOrderOfUse } from "./tightening/scope-order.ts";

/** @param source a script that has passed the gate, its outermost scope not inside a function; what comes out must pass it, too */
export const tighten = (source: string): string => inOrderOfUse(withoutConstants(source));

const SHORT: TransformOptions = { minifyWhitespace: true, minifyIdentifiers: true, format: "iife", charset: "ascii", target: "esnext" };

/** What a property is called in the shortened script. */
export type ShortNames = ReadonlyMap<string, string>;

/**
 * Variables of one or two letters, no spaces, everything inside a function, so that the script leaves no names behind.
 * @param reserved null: properties keep their names. Else all others are shortened to one or two letters: the interpreter keeps four letters of a name
 *   with the property and compares these at once, and the rest elsewhere
 */
export async function shorten(source: string, reserved: ReadonlySet<string> | null): Promise<{ code: string; properties: ShortNames }> {
  if (reserved === null) return { code: (await transform(source, SHORT)).code, properties: new Map() };
  // `false`: neither shortened nor given to another.
  const kept = Object.fromEntries([...reserved].map((name) => [name, false] as const));
  const { code, mangleCache } = await transform(source, { ...SHORT, mangleProps: /./, mangleCache: kept });
  const properties = Object.entries(mangleCache ?? {}).flatMap(([name, short]) =>
    typeof short === "string" ? [[name, short] as const] : [],
  );
  return { code, properties: new Map(properties) };
}
