// The address that offices' pages link to, when the pages have another: it leads there, and shows nothing itself.
//
// Whoever listens on a port gives its origin to a browser for good: another user who had 127.0.0.1:8757 for a moment, before the agent was started, leaves
// a service worker or a tab behind that reads every later page of that origin, the phrase and the PIN. So the pages are at another address of loopback
// (127.0.0.0/8), which nobody knows before the agent has it, and which is another at each start. Cookies of other ports don't get there, either.

import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:http";
import { AGENT_HOST } from "./agent-address.ts";

const SEE_OTHER = 303;
const NOT_FOUND = 404;
const OPEN: ReadonlySet<string> = new Set(["/", "/request"]);

/** Linux has all of 127.0.0.0/8; other systems 127.0.0.1 alone. */
export const hasManyAddresses = process.platform === "linux";

/** Of 16 millions; none that programs use by habit. */
export const freshHost = (): string => `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;

/**
 * Resolves when it listens.
 * @param address of the pages
 * @throws EADDRINUSE
 */
export async function openDoor(address: string, port: number): Promise<Server> {
  const door = createServer(({ method, headers, url = "/" }, answer) => {
    const [path = ""] = url.split("?");
    const isOpen = method === "GET" && OPEN.has(path) && headers.host === `${AGENT_HOST}:${port}`;
    answer
      .writeHead(isOpen ? SEE_OTHER : NOT_FOUND, { "cache-control": "no-store", ...(isOpen && { location: `${address}${url}` }) })
      .end();
  });
  await new Promise<void>((resolve, reject) => {
    door.once("error", reject);
    door.listen(port, AGENT_HOST, resolve);
  });
  return door;
}
