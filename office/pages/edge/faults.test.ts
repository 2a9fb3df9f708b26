// What rules refuse is never «unexpected»: also where a page has no words of its own for it, as when the second of two officers is refused twice.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ReasonNeededError } from "../../decisions/token-decision.ts";
import { UnknownCertificateError } from "../../issuance/revocation.ts";
import { UnknownTokenError } from "../../registration/tokens.ts";
import { faultOf } from "./faults.ts";

const OFFICE = fileURLToPath(new URL("../../", import.meta.url));
const MANY = 14;

interface RefusingClass {
  readonly path: string;
  readonly name: string;
  readonly refusals: readonly string[];
}

/** The words of `type NAME = "a" | "b"`, or of the list that it is made of. */
function wordsOf(source: string, type: string): string[] {
  const definition = new RegExp(`type ${type} =([^;]*);`).exec(source)?.[1] ?? "";
  const list = /typeof (\w+)/.exec(definition)?.[1];
  const text = list === undefined ? definition : (new RegExp(`${list} = \\[([^\\]]*)\\]`).exec(source)?.[1] ?? "");
  return [...text.matchAll(/"([a-z-]+)"/g)].map(([, word = ""]) => word);
}

/** Every error of the office's that says by a word why it is one. */
function refusingClasses(): RefusingClass[] {
  const names = readdirSync(OFFICE, { recursive: true, encoding: "utf8" }).filter((name) => /^(?!.*\.test\.).*\.ts$/.test(name));
  return names.flatMap((name) => {
    const path = join(OFFICE, name);
    const source = readFileSync(path, "utf8");
    return [...source.matchAll(/export class (\w+Error) extends Error \{\s*override readonly name[^}]*?readonly refusal: (\w+);/g)].map(
      ([, className = "", type = ""]) => ({ path, name: className, refusals: wordsOf(source, type) }),
    );
  });
}

test("each refusal of each rule is somebody's answer, none is the server's failure", async () => {
  const classes = refusingClasses();
  expect(classes.length).toBeGreaterThanOrEqual(MANY);
  for (const { path, name, refusals } of classes) {
    expect(refusals, name).not.toEqual([]);
    const { prototype } = ((await import(path)) as Record<string, new () => Error>)[name] ?? class {};
    for (const refusal of refusals) {
      const fault = faultOf(Object.assign(Object.create(prototype), { refusal }));
      expect([name, refusal, fault.status >= 400 && fault.status < 500]).toEqual([name, refusal, true]);
    }
  }
});

test("so are the errors that are one refusal alone; what is none of the rules' is unexpected", () => {
  expect(faultOf(new ReasonNeededError("lose"))).toEqual({ kind: "state", status: 409 });
  for (const error of [new UnknownTokenError("1"), new UnknownCertificateError("1")]) expect(faultOf(error).status).toBe(404);
  for (const error of [new Error("no"), new TypeError("no"), "no", Object.assign(new Error("no"), { refusal: 7 })]) {
    expect(faultOf(error)).toEqual({ kind: "unexpected", status: 500 });
  }
});
