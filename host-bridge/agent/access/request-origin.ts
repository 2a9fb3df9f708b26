// Whether a request comes from the agent's own pages, by what the browser says about it: Host, Origin, and Sec-Fetch-* (Fetch Metadata).

import type { IncomingHttpHeaders } from "node:http";
import { AccessError } from "./access-error.ts";

/** What a page elsewhere may lead the browser to. To /phrase where none is chosen yet: a redirect keeps the Sec-Fetch-Site of the page that began it. */
const OPEN_TO_LINKS: ReadonlySet<string> = new Set(["/", "/request", "/phrase"]);

/**
 * The one name by which the agent is asked. Anything else is a foreign name that was pointed at this computer (DNS rebinding). So is «localhost»: it is
 * [::1], too, where another user may listen on the same port, hand out a page, and go; that page's origin would then lead here.
 * @param address that the connection came to
 */
export function requireOwnHost({ host }: IncomingHttpHeaders, address: string, port: number): void {
  if (host !== `${address}:${port}`) throw new AccessError("host");
}

/**
 * For what changes something: it must say that it comes from a page of this very origin. A program that says nothing is refused, too.
 * @throws AccessError other-site
 */
export function requireOwnOrigin(headers: IncomingHttpHeaders): void {
  const site = headers["sec-fetch-site"];
  if (headers.origin !== `http://${headers.host}`) throw new AccessError("other-site");
  if (site !== undefined && site !== "same-origin") throw new AccessError("other-site");
}

/**
 * For what changes nothing: other sites may lead a whole window to the start page or hand a request over; they may not load, frame or embed anything.
 * Another port of this computer is another site here: «same-site» does not tell them apart.
 * @param path without parameters
 * @throws AccessError other-site
 */
export function requireOwnOrLink(headers: IncomingHttpHeaders, path: string): void {
  const site = headers["sec-fetch-site"];
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${headers.host}`) throw new AccessError("other-site");
  const destination = headers["sec-fetch-dest"];
  if (destination !== undefined && /^(?:i?frame|embed|object|fencedframe)$/.test(String(destination))) throw new AccessError("other-site");
  if (site === undefined || site === "same-origin" || site === "none") return; // none: typed, or a bookmark
  const isWholeWindow = headers["sec-fetch-mode"] === "navigate" && destination === "document";
  if (!isWholeWindow || !OPEN_TO_LINKS.has(path)) throw new AccessError("other-site");
}
