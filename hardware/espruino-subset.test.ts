// The gate against a table: what must be found, under which rule, and what must pass.

import { execFileSync } from "node:child_process";
import { runInNewContext } from "node:vm";
import { assert as assertProperty, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { findForbidden, RULE_NAMES } from "./espruino-subset.ts";

/** Every snippet is found under its rule and under no other. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  BigInt: ["const n = 10n;", "f(0xffn);"],
  destructuring: [
    "let { a, b } = o;",
    "const [a, b] = xs;",
    "let { a: { b } } = o;",
    "function f({ a }) { return a; }",
    "const f = ([a]) => a;",
    "[a, b] = [b, a];",
    "({ a, b } = o);",
    "for (const [k, v] of xs) f(k, v);",
    "try { f(); } catch ({ message }) { g(message); }",
  ],
  spread: ["Math.max(...xs);", "new F(...xs);", "const a = [1, ...xs];", "const o = { a: 1, ...p };"],
  "rest parameter": ["function f(...xs) { return xs.length; }", "const f = (a, ...xs) => xs;"],
  "default parameter": ["function f(a = 3) { return a; }", "const f = (a, b = a) => b;", "class A { m(x = 1) { return x; } }"],
  "computed key": ["const o = { [k]: 3 };", "class A { [k]() { return 1; } }", "const o = { get [k]() { return 1; } };"],
  "optional chaining": ["o?.a;", "o?.a?.b.c;", "o.f?.();", "xs?.[0];"],
  "logical assignment": ["a ??= 3;", "a ||= 3;", "a &&= 3;", "o.x ??= 3;"],
  exponentiation: ["f(2 ** 10);", "a **= 2;"],
  label: ["outer: for (;;) { for (;;) break outer; }", "outer: while (f()) { continue outer; }", "here: { f(); }"],
  generator: ["function* f() { yield 1; }", "const o = { *f() { yield 1; } };", "class A { *f() { yield* g(); } }"],
  async: ["async function f() { await g(); }", "const f = async () => 1;", "class A { async m() { for await (const x of g()) f(x); } }"],
  "private member": [
    "class A { constructor() { this.#x = 4; } static #x = 4; }",
    "class A { #m() { return 1; } }",
    "class A { static #x = 1; static has(o) { return #x in o; } }",
  ],
  "static block": ["class A { static { A.q = 3; } }"],
  "tagged template": ["t`x$" + "{1}`;", "a.b`x`;"],
  "meta property": ["function F() { return new.target === F; }"],
  "import or export": [
    'import x from "y";',
    'import "y";',
    'f(import("y"));',
    "export const x = 1;",
    "export function f() {}",
    'export * from "y";',
    'export { x } from "y";',
  ],
  "regular expression syntax": [
    "/(?<q>a)/.exec(s);",
    "/(?<=a)b/.test(s);",
    "/(?<!a)b/.test(s);",
    "/a(?=b)/.test(s);",
    "/(?:ab)c/.test(s);",
    "/ab?/.test(s);",
    "/a+?/.test(s);",
    "/^[0-9]{6}$/.test(s);",
    "/(ab)*/.test(s);",
    "/^a(b|c)d$/.test(s);",
    "/\\bfoo/.test(s);",
    "/(a)\\1/.test(s);",
    "/\\u0041/.test(s);",
    "/a/u.test(s);",
    "/a/ug.test(s);",
    "/a/y.test(s);",
    "/a.b/s.test(s);",
    "/^a$/m.test(s);",
  ],
  "class field": ["class A { x = []; }", "class A { x; }"],
  "extends a built-in": [
    "class E extends Error { constructor(m) { super(m); } }",
    "const E = class extends TypeError {};",
    "class A extends Array {}",
    "class A extends Uint8Array {}",
    "class A extends mixin(B) {}",
    "class A extends null {}",
  ],
  "missing global": [
    ..."Map Set WeakMap WeakSet Proxy BigUint64Array TextEncoder TextDecoder SharedArrayBuffer".split(" ").map((name) => `new ${name}();`),
    'Symbol("x");',
    "f(Symbol.iterator);",
    "BigInt(1);",
    'Reflect.has(o, "a");',
    "queueMicrotask(f);",
    "structuredClone(o);",
    'Buffer.from("a");',
    "const o = { Map };",
    "new globalThis.Map();",
    'throw new RangeError("x");',
  ],
  "missing member": [
    "Uint8Array.from(xs);",
    "Uint8Array.of(1, 2);",
    "Uint32Array.from(xs);",
    "Array.from(xs);",
    "Array.of(1);",
    "const from = Array.from;",
    "Math.imul(a, b);",
    "Math.clz32(a);",
    "Math.trunc(a);",
    'Math["imul"](a, b);',
    "Number.isInteger(a);",
    "f(Number.MAX_SAFE_INTEGER);",
    "Object.freeze(o);",
    "Promise.allSettled(ps);",
    "bytes.copyWithin(0, 2);",
    "bytes.slice(1);",
    "bytes.buffer.slice(1);",
    "xs.flat();",
    "xs.flatMap(f);",
    "xs.at(-1);",
    "Array.prototype.at.call(xs, 1);",
    "xs.entries();",
    "s.codePointAt(0);",
    "p.finally(f);",
  ],
  "misread name": [
    "let of = 1;",
    "var static = 1;",
    "f(of);",
    "static = 2;",
    "function of() {}",
    "function f(of) {}",
    "const f = (static) => 1;",
    "class of {}",
    "try { f(); } catch (of) {}",
    "const o = { of };",
    "class A { of() { return 1; } }",
    "class A { static of() { return 1; } }",
    "class A { static() { return 1; } }",
    "class A { delete() { return 1; } }",
    "const o = { get of() { return 1; } };",
  ],
  "shift count": [
    "f(1 << 32);",
    "f(1 << 33);",
    "f(a >> 40);",
    "f(a >>> 32);",
    "a <<= 32;",
    "a >>>= n;",
    "f(1 << n);",
    "f(1 << -1);",
    "f(1 << (n & 32));",
  ],
  "use before definition": [
    "h(); function h() {}",
    "function f() { return h(); function h() { return 1; } }",
    "f(a); let a = 1;",
    "f(a); var a = 1;",
    "new A(); class A {}",
    "class B extends A {} class A {}",
    "const o = { h }; function h() {}",
    "(() => h())(); function h() {}",
    "(function () { h(); })(); function h() {}",
    "const o = xs.map((x) => h(x)); function h() {}",
    "switch (f()) { case 1: h(); break; case 2: function h() {} }",
  ],
  "closure over a loop variable": [
    "for (let i = 0; i < 3; i++) f.push(() => i);",
    "for (let i = 0, f = () => i; i < 2; i++) g(f());",
    "for (const x of xs) f.push(function () { return x; });",
    "for (const k in o) f.push(() => k);",
    "for (const x of xs) { const o = { m() { return x; } }; f.push(o); }",
    "for (const x of xs) { f.push(class { m() { return x; } }); }",
    "for (const x of xs) for (const y of ys) f.push(() => [x, y]);",
  ],
  "declaration in a loop": [
    "for (const x of xs) { const y = x; function q() { return y; } f.push(q); }",
    "while (f()) { class A {} g(A); }",
    "do { function q() {} g(q); } while (f());",
  ],
  "case after default": ["switch (f()) { default: g(); break; case 1: h(); }"],
  "bare return before more": [
    "function f() { return\n5; }",
    "function f() { return; 5; }",
    "function f(x) { if (x) return\n5; }",
    "function f(x) { if (x) return // so\n g(); }",
    "function f(x) { switch (x) { case 1: return; g(); } }",
    "function f(x) { switch (x) { case 1: return\ncase 2: g(); } }",
  ],
};

/** Bodies of functions that answer true, in Node and in Espruino. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "let and const": "let a = 1; const b = 2; { let a = 5; } return a + b === 3;",
  arrows: "const f = (x) => x + 1; const g = (a, b) => { return a * b; }; return g(f(1), 3) === 6;",
  "a class": "class A { constructor(x) { this.x = x; } m() { return this.x; } } return new A(4).m() === 4;",
  inheritance:
    "class A { constructor(x) { this.x = x; } m() { return 1; } } class B extends A { m() { return super.m() + this.x; } } return new B(5).m() === 6;",
  "super in the constructor":
    "class A { constructor(x) { this.x = x; } } class B extends A { constructor() { super(5); this.y = 1; } } return new B().x === 5;",
  "a class of one's own whose name ends in Error":
    "class SwError { constructor(sw) { this.sw = sw; } } class PinError extends SwError {} return new PinError(3).sw === 3;",
  "static methods, fields and getters":
    "class A { static s() { return 7; } static get g() { return 1; } static f = 2; } return A.s() + A.g + A.f === 10;",
  "getters and setters":
    "class A { constructor() { this._x = 1; } get x() { return this._x; } set x(v) { this._x = v; } } const a = new A(); a.x = 9; return a.x === 9;",
  "class expressions": "const A = class { m() { return 2; } }; return new A().m() === 2;",
  "template literals": "const a = 3; return `x$" + "{a + 1}y$" + "{`z$" + "{a}`}` === 'x4yz3';",
  "for-of over arrays": "let s = 0; for (const x of [1, 2, 3]) { if (x === 2) continue; s += x; } return s === 4;",
  "for-of over typed arrays": "let s = 0; for (const x of new Uint8Array([1, 2])) s += x; return s === 3;",
  "for-in": "let s = ''; for (const k in { a: 1, b: 2 }) s += k; return s === 'ab';",
  "typed arrays":
    "const a = new Uint8Array(4); a.set([1, 2], 1); a.subarray(2, 3).fill(9); return a.join() === '0,1,9,0' && a.indexOf(9) === 2;",
  "a view of a buffer":
    "const b = new ArrayBuffer(8); new DataView(b, 2, 4).setUint16(0, 0x1234); return new Uint8Array(b, 2, 1)[0] === 0x12;",
  "??": "const o = {}; return (o.x ?? 5) === 5;",
  "regular expressions":
    "return /^[0-9]+$/.test('123456') && /a(b+)c/.exec('xabbc')[1] === 'bb' && 'a-b'.replace(/-/g, '') === 'ab' && /\\(\\?[(?<|]/i.test('(?<');",
  "try, catch, finally": "let s = ''; try { throw new Error('x'); } catch (e) { s += e.message; } finally { s += 'f'; } return s === 'xf';",
  "catch without binding": "try { throw 1; } catch { return true; }",
  closures: "const make = () => { let c = 0; return () => ++c; }; const f = make(); f(); return f() === 2;",
  "a closure over a variable of the loop's body":
    "const f = []; for (const x of [1, 2]) { const y = x; f.push(() => y); } return f[0]() === 1;",
  "a parameter named as the loop variable": "const f = []; for (let i = 0; i < 2; i++) f.push((i) => i * 2); return f[0](4) === 8;",
  "a variable named as the loop variable, inside the function":
    "const f = []; for (const i of [1]) f.push(() => { const i = 7; return i; }); return f[0]() === 7;",
  "a closure over a var of the loop: one variable everywhere":
    "const f = []; for (var i = 0; i < 2; i++) f.push(() => i); return f[0]() === 2;",
  recursion:
    "function f(n) { return n === 0 ? 0 : 1 + f(n - 1); } const g = function h(n) { return n === 0 ? 0 : 1 + h(n - 1); }; return f(3) + g(2) === 5;",
  "a function that a later function calls":
    "function f() { return g(); } const k = () => A; function g() { return 3; } class A {} return f() === 3 && k() === A;",
  "a function that stored callbacks call later": "const f = [() => g()]; function g() { return 3; } return f[0]() === 3;",
  "names that come again in a loop, a catch, a parameter":
    "let s = 0; for (const x of [1]) s += x; try { throw 2; } catch (y) { s += y; } s += ((z) => z)(4); const x = 0; const y = 0; const z = 0; return s + x + y + z === 7;",
  "property names":
    "const o = { of: 1, from: 2, at: 3, static: 4, Map: 5, imul: 6 }; o.of = 7; return o.of + o.from + o.at + o.static + o.Map + o.imul === 27;",
  "methods of a literal":
    "const o = { of() { return 1; }, static() { return 2; }, map() { return 3; } }; return o.of() + o.static() + o.map() === 6;",
  "methods of a class":
    "class A { map(f) { return f(1); } get(k) { return k; } set(k) { return k; } from() { return 3; } static from() { return 4; } } return new A().map((x) => x) + new A().from() + A.from() === 8;",
  "array methods":
    "return [3, 1, 2].filter((x) => x > 1).map((x) => x * 2).sort((a, b) => a - b).join('') === '46' && [1, 2].includes(2) && [1, 2].reduce((a, b) => a + b, 0) === 3;",
  "members of the built-ins":
    "return Object.entries({ a: 1 })[0][1] === 1 && Math.floor(1.5) === 1 && Array.isArray([]) && String.fromCharCode(65) === 'A' && parseInt('ff', 16) === 255;",
  shifts:
    "let a = 1; a <<= 3; a >>>= 1; const n = 33; return a === 4 && 1 << (n & 31) === 2 && 1 << (31 & n) === 2 && -1 >>> 0 === 4294967295;",
  switch: "let x; switch (2) { case 1: x = 1; break; case 2: { x = 2; break; } default: x = 3; } return x === 2;",
  "return at the end of a line, before a brace":
    "let s = 0; function f(x) {\n if (x) {\n return\n }\n s = 1; return /* done */\n }\n f(true); return s === 0;",
  "return at the end of a case": "function f(x) { switch (x) { case 1: return; default: return 2; } } return f(1) === undefined;",
  "asking whether a global is there": "return typeof Nope === 'undefined' && typeof Map !== 'number';",
  "functions in blocks": "let r = 0; if (r === 0) { function q() { return 1; } r = q(); } return r === 1;",
  "functions in a function in a loop":
    "let s = 0; for (const x of [1, 2]) { const y = x; s += (() => { function q() { return y; } return q(); })(); } return s === 3;",
};

const asFunction = (body: string): string => `(function () { ${body} })()`;
const rulesOf = (source: string): string[] => [...new Set(findForbidden(source).map((finding) => finding.rule))];

describe("what Espruino refuses or misreads is found", () => {
  for (const [rule, snippets] of Object.entries(REFUSED)) {
    test.each(snippets)(`${rule}: %s`, (snippet) => {
      expect(rulesOf(snippet)).toEqual([rule]);
    });
  }

  test("every rule has a fixture, every fixture a rule", () => {
    expect(Object.keys(REFUSED).sort()).toEqual([...RULE_NAMES].sort());
    for (const snippets of Object.values(REFUSED)) expect(snippets).not.toEqual([]);
  });

  test("a shift by a constant is found exactly from 32 on", () => {
    assertProperty(property(integer({ min: 0, max: 64 }), (count) => findForbidden(`f(x >>> ${count});`).length === (count < 32 ? 0 : 1)));
  });

  test("a finding tells where it is", () => {
    const found = findForbidden("const a = 1;\n  f(a ** 2);");
    expect(found).toEqual([{ rule: "exponentiation", line: 2, column: 4, excerpt: "a ** 2);" }]);
  });

  test("a finding inside anything else is found", () => {
    const nested = "class A { m() { return [() => ({ k: `$" + "{f(o?.a)}` })]; } }";
    expect(rulesOf(nested)).toEqual(["optional chaining"]);
  });
});

describe("what Espruino runs passes", () => {
  test.each(Object.entries(ACCEPTED))("%s", (_name, body) => {
    expect(findForbidden(asFunction(body))).toEqual([]);
    expect(runInNewContext(asFunction(body))).toBe(true);
  });
});

/** A built interpreter, where there is one; no package holds it. */
const interpreter = process.env["ESPRUINO"];

describe.skipIf(interpreter === undefined)("Espruino itself agrees (skipped unless ESPRUINO names its Linux binary)", () => {
  test.each(Object.entries(ACCEPTED))("%s", (_name, body) => {
    const output = execFileSync(interpreter ?? "", ["-e", `print("answer " + ${asFunction(body)})`], { encoding: "utf8", timeout: 10_000 });
    expect(output).toContain("answer true");
  });
});
