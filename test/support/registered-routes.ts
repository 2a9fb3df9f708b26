// The routes that a server has, read from fastify's own drawing of them.

import type { FastifyInstance } from "fastify";

const LINE = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \((.*)\))?$/u;
const INDENT = 4;

/** «GET /search», sorted; without HEAD, which comes with each GET. The server is ready. */
export function registeredRoutes(app: FastifyInstance): string[] {
  const found: string[] = [];
  /** Of each depth, what stands before it. */
  const above: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent = "", part = "", methods = ""] = LINE.exec(line) ?? [];
    if (part === "") continue;
    const depth = indent.length / INDENT;
    const path = depth === 0 ? part : `${above[depth - 1]}${part}`;
    above[depth] = path;
    for (const method of methods.split(", ")) if (method !== "" && method !== "HEAD") found.push(`${method} ${path}`);
  }
  return found.sort();
}
