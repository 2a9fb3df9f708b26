// A file that anybody may fetch: its type, its age, and 304 for whoever has it already.

import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

export interface PublishedFile {
  readonly type: string;
  readonly body: Uint8Array;
  readonly lastModified: Date;
  /** 0: whoever keeps it asks each time whether it still holds. */
  readonly maxAgeSeconds: number;
}

/** RFC 9110 §13.1.2, weak comparison. */
function has(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  return tags.includes(tag) || tags.includes("*");
}

/**
 * If-Modified-Since is not looked at (RFC 9110 §13.1.3 leaves that free): it counts in seconds, and two CRLs may be of one second. Who asked with
 * the first one's would not see the second for hours.
 */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, body, lastModified, maxAgeSeconds }: PublishedFile,
): FastifyReply {
  const tag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  reply
    .header("etag", tag)
    .header("last-modified", lastModified.toUTCString())
    .header("cache-control", maxAgeSeconds > 0 ? `max-age=${maxAgeSeconds}, public, no-transform, must-revalidate` : "no-cache");
  return has(request.headers["if-none-match"], tag) ? reply.code(304).send() : reply.type(type).send(Buffer.from(body));
}
