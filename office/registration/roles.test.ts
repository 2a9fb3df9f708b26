// What a role permits, compared with the table that the README shows.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isPermitted, officesWith, PERMISSIONS, ROLE_PERMISSIONS, ROLES } from "./roles.ts";

const README = readFileSync(new URL("README.md", import.meta.url), "utf8").split("\n");
const cells = (line: string): string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

const start = README.indexOf("## Roles");
const [head = [], , ...rows] = README.slice(start)
  .filter((line) => line.startsWith("|"))
  .map(cells);

test("the README shows every role and every permission, and no others", () => {
  expect(head.slice(1)).toEqual([...PERMISSIONS]);
  expect(rows.map(([role]) => role)).toEqual([...ROLES]);
});

describe.each(ROLES)("%s", (role) => {
  const own = rows.find(([name]) => name === role) ?? [];

  test.each(PERMISSIONS.map((permission, index) => [permission, own[index + 1] === "yes"] as const))("%s: %s", (permission, isShown) => {
    expect(ROLE_PERMISSIONS[role].includes(permission)).toBe(isShown);
    const assignments = [{ officeId: "here", role }];
    expect(isPermitted(assignments, permission, "here")).toBe(isShown);
    expect(isPermitted(assignments, permission, "elsewhere")).toBe(false);
    expect(officesWith(assignments, permission)).toEqual(isShown ? ["here"] : []);
  });
});
