// What the gate must let pass, because Espruino runs it as JavaScript does.

/** Bodies of functions that answer true, in Node and in Espruino. */
export const ACCEPTED: Readonly<Record<string, string>> = {
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
  "integers beyond 32 bits":
    "return 2147483647 + 1 === 2147483648 && 65536 * 65536 === 4294967296 && (0xffffffff * 0xffff | 0) === -65535 && (-1 >>> 0) % 256 === 255;",
  "signed and unsigned": "return (0x80000000 | 0) < 0 && 0xffffffff > -1 && (0xdeadbeef ^ -1) >>> 0 === 0x21524110 && -1 >> 31 === -1;",
  "remainders of negative numbers": "return -7 % 3 === -1 && 7 % -3 === 1 && -7 / 2 === -3.5 && (-7 / 2 | 0) === -3;",
  "values that a typed array does not hold":
    "const a = new Uint8Array([256, -1, 300.7]); const b = new Int32Array([4294967295]); const c = new Uint32Array([-1]); return a.join() === '0,255,44' && b[0] === -1 && c[0] === 4294967295;",
  "a subarray of a subarray":
    "const a = new Uint8Array([0, 1, 2, 3, 4, 5]); const b = a.subarray(1, 5).subarray(1, 3); b[0] = 9; return a[2] === 9 && b.length === 2 && b.byteOffset === 2;",
  "an empty subarray":
    "const a = new Uint8Array(4); return a.subarray(4).length === 0 && a.subarray(2, 2).length === 0 && a.subarray(3, 1).length === 0;",
  "set with overlapping ranges":
    "const a = new Uint8Array([0, 1, 2, 3, 4]); a.set(a.subarray(0, 3), 1); const b = new Uint8Array([0, 1, 2, 3]); b.set(b.subarray(1, 4), 0); return a.join() === '0,0,1,2,4' && b.join() === '1,2,3,3';",
  "fill from and to":
    "return new Uint8Array(5).fill(7, 1, 3).join() === '0,7,7,0,0' && new Uint8Array(3).fill(1, -1).join() === '0,0,1' && new Array(2).fill(0).map((x, i) => i).join() === '0,1';",
  "a typed array that changes while it is walked":
    "const a = new Uint8Array([1, 2, 3]); let s = ''; for (const x of a) { a[2] = 9; s += x; } return s === '129';",
  "strings with NUL and high bytes":
    "const s = 'a\\0\\xff'; return s.length === 3 && s.charCodeAt(1) === 0 && s.charCodeAt(2) === 255 && 'a\\0b' !== 'a\\0c' && '\\xff' > 'a';",
  "break and continue in a switch in a loop":
    "let s = ''; for (let i = 0; i < 4; i++) { switch (i) { case 1: continue; case 2: s += 't'; break; default: s += i; } s += '.'; } return s === '0.t.3.';",
  "a switch that falls through to its default":
    "let s = ''; switch (1) { case 1: s += 'a'; case 2: s += 'b'; default: s += 'c'; } return s === 'abc';",
  "break and continue in try":
    "let s = ''; for (let i = 0; i < 4; i++) { try { if (i === 1) continue; if (i === 3) break; s += i; } finally { s += 'f'; } } return s === '0ff2ff';",
  "finally after return and throw":
    "let s = ''; const f = (x) => { try { if (x) return 'r'; throw 'e'; } finally { for (const y of [1, 2]) s += y; } }; try { const r = f(1); s += r; f(0); } catch (e) { s += e; } return s === '12r12e';",
  "a loop's break inside finally":
    "let s = ''; const f = () => { try { return 't'; } finally { for (let i = 0; i < 5; i++) { if (i === 2) break; s += i; } } }; return f() + s === 't01';",
  "an error through loops and calls":
    "let n = 0; const f = () => { for (;;) { for (const x of [1, 2]) { n += x; throw n; } } }; for (let i = 0; i < 2; i++) { try { f(); } catch (e) { n += e; } } return n === 6;",
  "members of cases": "const o = { a: 1, b: 2 }; switch (2) { case o.a: return false; case o.b: return true; } return false;",
  "what && and || leave out": "let n = 0; false && n++; true || n++; 1 ?? n++; true ? 0 : n++; return n === 0;",
  "the order of evaluation":
    "let s = ''; const t = (x) => { s += x; return 0; }; const f = (a, b) => 0; f(t(1), t(2)); [t(3), t(4)]; t(5) + t(6); const a = []; a[t(7)] = t(8); return s === '12345678';",
  "indices that move": "let i = 0; const x = [], y = [5, 6, 7]; x[i++] = y[i++]; return x[0] === 6 && i === 2;",
  "an element's assignment in a loop's head":
    "const a = new Uint8Array(3); for (let i = 0; i < 3; a[i] = 300, i++) {} let n = 0; a[0] += 1; ++a[1]; return a.join() === '45,45,44';",
  "an element's old value": "const a = new Uint8Array([255]); return a[0]++ === 255 && a[0] === 0;",
  "arguments of a function without parameters":
    "function f() { let s = 0; for (let i = 0; i < arguments.length; i++) s += arguments[i]; return s; } return f(1, 2, 3) === 6;",
  "instanceof of one's own classes, of arrays":
    "class A {} class B extends A {} return new B() instanceof A && !(new A() instanceof B) && [] instanceof Array && new Uint8Array(1) instanceof Uint8Array && !([] instanceof Uint8Array);",
  "super three classes deep, in constructors":
    "class A { constructor(x) { this.a = x; } } class B extends A { constructor(x) { super(x + 1); } } class C extends B { constructor(x) { super(x + 1); } } return new C(1).a === 3;",
  "a class expression of its variable's name":
    "const A = class A { n() { return new A(); } m() { return 1; } }; return new A().n().m() === 1;",
  "functions of a parameter's name":
    "const f = (print1, d0, x1) => print1 + d0 + x1; function g(print) { return print; } return f(1, 2, 3) + g(4) === 10;",
  "a division behind everything else":
    "const a = [8], o = { v: 8 }; let n = 8; n /= 2; return a[0] / 2 + o.v / 2 + (n) / 2 + 8 / 2 / 2 === 12;",
  "regular expressions in their places":
    "return [/a/.test('a'), !/b/.test('a'), true && /a/.test('a'), 'a-b'.replace(/[^\\n]-/, '') === 'b'].join() === 'true,true,true,true';",
  "braces in strings and templates": "return `{$" + "{'a'}}` + '}' + `}{` === '{a}}}{' && `$" + "{'{}'}` === '{}';",
  "a name of 63 characters": `const ${"a".repeat(62)}b = 1; const ${"a".repeat(62)}c = 2; return ${"a".repeat(62)}b === 1;`,
  "properties that are words":
    "const o = { if: 1, in: 2, new: 3, default: 4, get: 5, static: 6 }; return o.if + o.in + o.new + o.default + o.get + o.static === 21;",
  "an else-if chain of 100": `const x = 99; ${Array.from({ length: 100 }, (_, i) => `if (x === ${i}) return ${i === 99};`).join(" else ")}`,
  "a function of 10,000 characters": `let a = 0; ${"a += 1; a &= 255;".repeat(600)} return a === 600 % 256;`,
  "300 calls deep": "const f = (n) => n === 0 ? 0 : 1 + f(n - 1); return f(300) === 300;",
  "arrows that give objects and functions": "const f = (x) => ({ x }); const g = (a) => (b) => a + b; return f(2).x + g(1)(2) === 5;",
  "delete, in, typeof":
    "const o = { a: 1 }; delete o.a; return !('a' in o) && typeof o.a === 'undefined' && typeof nowhere === 'undefined' && [1][5] === undefined;",
  "splice, indexOf, includes":
    "const a = [1, 2, 3, 4]; return a.splice(1, 2).join() === '2,3' && a.join() === '1,4' && [NaN].indexOf(NaN) === -1 && ['1'].indexOf(1) === -1;",
  "parseInt of what is large":
    "return parseInt('4294967296', 10) === 4294967296 && parseInt('ffffffff', 16) === 4294967295 && isNaN(parseInt('x', 10)) && (4294967295).toString(16) === 'ffffffff';",
  "return and try of a function inside finally":
    "let s = ''; const f = () => { try { return 'r'; } finally { s += [1, 2].map((x) => { return x * 2; }).join(''); } }; return f() + s === 'r24';",
  "a loop's continue inside finally":
    "let s = ''; try { s += 't'; } finally { for (let i = 0; i < 3; i++) { if (i === 1) continue; s += i; } } return s === 't02';",
  "the value of an element's assignment that any element keeps": "const a = new Uint8Array(2); a[0] = a[1] = 7; return a.join() === '7,7';",
  "a function's own function of an outer one's name":
    "function q() { return 1; } const f = () => { function q() { return 2; } return q(); }; return f() + q() === 3;",
  "var in a case": "switch (1) { case 1: var b = 2; } return b === 2;",
};
