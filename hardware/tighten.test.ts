// The tightened script does what the script did, with its constants in place and its names in the order of their use.

import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { shorten, tighten } from "./tighten.ts";
import { withoutConstants } from "./tightening/constants.ts";
import { declaredMembers, reservedProperties } from "./tightening/property-names.ts";
import { inOrderOfUse } from "./tightening/scope-order.ts";

const squeezed = (script: string): string => script.replace(/\s+/g, " ").trim();

describe("constants", () => {
  test.each([
    ["a number", "const A = 0x6a80; f(A);", "f((0x6a80));"],
    ["negative ones", "const A = -1; f(A - A, A);", "f(0, (-1));"],
    ["text", 'const A = "busy"; f(A, A + "!");', 'f(("busy"), "busy!");'],
    ["a boolean", "const A = false; f(!A);", "f(!(false));"],
    ["made of others, of whatever depth", "const A = 1 << 8, B = A | 3; const C = ~B; f(C & 0xff, g(B));", "f(252, g((259)));"],
    [
      "added",
      "const A = 2; const B = A + 3; f(B * A - A, B / A, B % A, 1 << A, -9 >> A, -1 >>> B, B & A, B ^ A);",
      "f(8, 2.5, 1, 4, (-3), 134217727, 0, 7);",
    ],
    ["a shorthand property", "const a = 1; f({ a });", "f({ a: (1) });"],
    ["a property that is called alike", "const a = 1; f(x.a, { a: 2 }, x[a]);", "f(x.a, { a: 2 }, x[(1)]);"],
    ["a method that is called alike", "const a = 1; class C { a() { return a; } }", "class C { a() { return (1); } }"],
  ])("%s", (_what, script, expected) => expect(squeezed(withoutConstants(script))).toBe(expected));

  test.each([
    ["assigned", "let a = 1; a = 2; f(a);"],
    ["counted", "let a = 1; a++; f(a);"],
    ["assigned in a function", "let a = 1; function g() { a += 1; } f(a);"],
    ["given by a loop", "let a = 1; for (a of list) f(a);"],
    ["nothing", "let a; f(a);"],
    ["no literal", "const a = [1]; const b = null; const c = /x/; f(a, b, c);"],
    ["a long text", 'const a = "what is not of the board"; f(a);'],
    ["not a number", "const a = 0 / 0; f(a, 1 / 0, -0);"],
  ])("not what is %s", (_what, script) => {
    expect(squeezed(withoutConstants(script))).toBe(squeezed(script));
  });

  test.each([
    ["a parameter", "const a = 1; function g(a) { return a; } f(a);", "function g(a) { return a; } f((1));"],
    [
      "a variable of a block",
      "const a = 1; function g() { { let a = h(); f(a); } f(a); }",
      "function g() { { let a = h(); f(a); } f((1)); }",
    ],
    ["what was caught", "const a = 1; try { g(); } catch (a) { f(a); }", "try { g(); } catch (a) { f(a); }"],
    [
      "a loop's variable",
      "const a = 1; for (const a of x) f(a); for (let a = h(); a < 3; a++) f(a);",
      "for (const a of x) f(a); for (let a = h(); a < 3; a++) f(a);",
    ],
    ["an arrow's parameter", "const a = 1; f((a) => a, () => a);", "f((a) => a, () => (1));"],
    [
      "a switch's variable",
      "const a = 1; switch (x) { case 1: let a = h(); f(a); } f(a);",
      "switch (x) { case 1: let a = h(); f(a); } f((1));",
    ],
  ])("not where the name is %s", (_what, script, expected) => expect(squeezed(withoutConstants(script))).toBe(expected));
});

describe("order", () => {
  test("functions and classes come first, the most used one before all; what runs stays in its order", () => {
    const script = `
      class Rare { m() { return often(1); } }
      const table = [often(2)];
      function often(x) { return x; }
      class Late extends Rare { m() { return often(table[0]); } }
      const made = new Late();
      let count = 0;
      function step() { count++; return often(count) + made.m(); }
      f(step);`;
    expect(squeezed(inOrderOfUse(script))).toBe(
      squeezed(`
        function often(x) { return x; }
        var count;
        var made;
        var table;
        var Late;
        class Rare { m() { return often(1); } }
        function step() { count++; return often(count) + made.m(); }
        table = [often(2)];
        Late = class Late extends Rare { m() { return often(table[0]); } };
        made = new Late();
        count = 0;
        f(step);`),
    );
  });

  test("a use in a loop counts for more", () => {
    const script = "function a() {} function b() {} function g(x) { a(); a(); for (const y of x) b(y); }";
    expect(squeezed(inOrderOfUse(script))).toMatch(/^function b\(\) \{\} function a\(\) \{\} /);
  });

  test("what the interpreter brings gets a name among them, when it is used enough", () => {
    const script = "function g() { return [new Uint8Array(1), new Uint8Array(2), { Uint8Array }, Math.floor(1), USB.a, USB.b, USB.c]; }";
    expect(squeezed(inOrderOfUse(script))).toBe(
      "var ownUint8Array = Uint8Array; function g() { return [new ownUint8Array(1), new ownUint8Array(2), { Uint8Array: ownUint8Array }, Math.floor(1), USB.a, USB.b, USB.c]; }",
    );
  });

  test("not where the script has a name of its own that is written alike", () => {
    const script = "function g(E) { return E.a + E.b + E.c + E.d; }";
    expect(squeezed(inOrderOfUse(script))).toBe(script);
    const own = "function E() {} function g() { return [E(), E(), E(), E()]; }";
    expect(squeezed(inOrderOfUse(own))).toBe(own);
  });

  test.each([
    ["computed", "const k = f(1); const o = { n: f(2) }; class C { m() { return k; } } f(new C().m() + o.n);"],
    [
      "declared without a value, and assigned before and after",
      "let x; x = 1; f(x); function g() { x++; return x; } f(g()); x = 7; f(g());",
    ],
    ["static", "class A { static s() { return 1; } get p() { return A.s(); } } f(new A().p);"],
    ["an expression with a name", "const A = class B { m() { return B; } }; f(new A().m() === A);"],
  ])("%s: the same comes of it", async (_what, script) => {
    const heard = (source: string): unknown[] => {
      const calls: unknown[] = [];
      const f = (value: unknown): unknown => {
        calls.push(value);
        return value;
      };
      runInNewContext(source, { f });
      return calls;
    };
    const tight = tighten(script);
    expect(heard(tight)).toEqual(heard(script));
    expect(heard((await shorten(tight, null)).code)).toEqual(heard(script));
    expect(tighten(script)).toBe(tight);
  });
});

describe("the names of properties", () => {
  const FOLDERS = ["protocol", "firmware/espruino"];

  test("those of the interpreter stay, as the declaration files tell them", () => {
    const reserved = reservedProperties("", FOLDERS);
    for (const name of ["subarray", "length", "set", "hwRand", "BOARD", "addr", "force", "debounce", "state", "buffer", "on"]) {
      expect(reserved).toContain(name);
    }
    for (const name of ["usePrivateKey", "journal", "card"]) expect(reserved).not.toContain(name);
  });

  test("comments declare nothing", () => {
    const declarations = "interface A {\n /** b: */ readonly c: number; // d:\n  e?(f: { g: 1; h: 2 }): void;\n}";
    expect(declaredMembers(declarations).filter((name) => "bdf".includes(name))).toEqual([]);
    expect(declaredMembers(declarations)).toEqual(expect.arrayContaining(["c", "e", "h"]));
  });

  test("so do those that the script has as a text", async () => {
    const script = 'function g(o, k) { return o.busy + o[k] + o.private.length; } f(g({ busy: 1, private: "x" }, "busy"));';
    const { code, properties } = await shorten(script, reservedProperties(script, FOLDERS));
    expect([...properties.keys()]).toEqual(["private"]);
    expect(code).toContain(".busy");
    expect(code).not.toContain("private");
  });

  test("none of ours is given a name that the interpreter has", async () => {
    const script = Array.from({ length: 3000 }, (_, i) => `f.ours${i};`).join("");
    const { properties } = await shorten(script, reservedProperties(script, FOLDERS));
    const given = new Set(properties.values());
    expect(given.size).toBe(3000);
    for (const name of ["at", "on", "of", "PI", "E", "set", "map"]) expect(given).not.toContain(name);
  });
});
