// The bridge's socket: whether somebody answers there.

import { statSync } from "node:fs";
import { connect } from "node:net";
import type { Code } from "./finding.ts";

/** What connect() says of what is there. A file and a socket that nobody serves are the same to it, and to the next bridge, which takes their place. */
const CODES: Readonly<Record<string, Code<"bridge">>> = {
  ECONNREFUSED: "dead-socket",
  EACCES: "forbidden",
  EAGAIN: "fine", // it listens, and has more callers than it can take just now
};

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // not there, or not to be looked at: connect() tells which
  }
}

export async function bridgeState(path: string): Promise<Code<"bridge">> {
  if (isFolder(path)) return "no-socket";
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve("fine");
    });
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(CODES[error.code ?? ""] ?? "not-running"));
  });
}
