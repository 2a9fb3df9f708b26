// Steps off a terminal: plain lines in nobody's words but the caller's.

import { expect, test } from "vitest";
import { plainSteps } from "./steps.ts";

test("a step begins, tells how far it is and ends with its time; one that fails says so, and what it threw goes on", async () => {
  const lines: string[] = [];
  const steps = plainSteps((line) => lines.push(line));
  const value = await steps.run("Envoi du micrologiciel", async (tell) => {
    tell("5 %");
    return 7;
  });
  await expect(steps.run("Démarrage", () => Promise.reject(new RangeError("no answer")))).rejects.toThrow(RangeError);
  expect(value).toBe(7);
  expect(lines.map((line) => line.replace(/\d\.\d{3} s/, "0.000 s"))).toEqual([
    "… Envoi du micrologiciel",
    "    5 %",
    "✔ Envoi du micrologiciel [0.000 s]",
    "… Démarrage",
    "✘ Démarrage",
  ]);
});
