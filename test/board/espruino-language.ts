// The language of a board's interpreter in Node: a realm that has lost what Espruino does not have, and a script whose functions are not hoisted.

import { type Context, createContext, runInContext } from "node:vm";
import { type FunctionDeclaration, parse } from "acorn";
import { full } from "acorn-walk";

/** What an owner of names has on the interpreter, measured there. The globals come last: the others are reached by them. */
const NAMES: readonly (readonly [owner: string, names: string])[] = [
  ["Math", "abs ceil floor max min pow round sign sqrt"],
  ["Number", "prototype MAX_VALUE MIN_VALUE"],
  ["Object", "prototype assign create defineProperty entries getOwnPropertyNames getPrototypeOf keys setPrototypeOf values"],
  ["Array", "prototype isArray"],
  [
    "Array.prototype",
    "constructor concat every fill filter find findIndex forEach includes indexOf join map pop push reduce reverse shift slice some sort " +
      "splice toString unshift",
  ],
  ["ArrayBuffer", "prototype"],
  ["ArrayBuffer.prototype", "constructor byteLength"],
  ["Object.getPrototypeOf(Uint8Array)", "prototype"],
  [
    "Object.getPrototypeOf(Uint8Array).prototype",
    "constructor buffer byteLength byteOffset length every fill filter find findIndex forEach includes indexOf join map reduce reverse " +
      "set some sort subarray toString",
  ],
  ["String", "prototype fromCharCode"],
  [
    "String.prototype",
    "constructor charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd padStart repeat replace replaceAll slice split " +
      "startsWith substr substring toLowerCase toString toUpperCase trim",
  ],
  [
    "globalThis",
    "Array ArrayBuffer Boolean DataView Date Error Float32Array Float64Array Function Int16Array Int32Array Int8Array JSON Math Number " +
      "Object Promise ReferenceError RegExp String SyntaxError TypeError Uint16Array Uint32Array Uint8Array Uint8ClampedArray " +
      "decodeURIComponent encodeURIComponent eval globalThis isFinite isNaN parseFloat parseInt",
  ],
];

export function createEspruinoRealm(): Context {
  const realm = createContext({});
  for (const [owner, names] of NAMES) {
    const kept = JSON.stringify(names.split(" "));
    runInContext(`for (const each of Object.getOwnPropertyNames(${owner})) if (!${kept}.includes(each)) delete ${owner}[each];`, realm);
  }
  return realm;
}

/** The script with each function's declaration where Espruino has it: a constant that is there only once its line has run. */
export function withoutHoisting(script: string): string {
  const functions: FunctionDeclaration[] = [];
  full(parse(script, { ecmaVersion: "latest" }), (node) => {
    if (node.type === "FunctionDeclaration") functions.push(node as FunctionDeclaration);
  });
  const edits = functions.flatMap(({ id, start, end }) => [
    { at: start, text: `const ${id.name}=` },
    { at: end, text: ";" },
  ]);
  edits.reverse().sort((one, other) => other.at - one.at); // from the end; where two functions touch, the second one's first
  return edits.reduce((code, { at, text }) => code.slice(0, at) + text + code.slice(at), script);
}
