// Whether the bridge runs: whether somebody answers at its socket.

import { statSync } from "node:fs";
import { connect } from "node:net";
import { asRoot } from "./as-root.ts";
import type { Check } from "./check.ts";
import type { Code } from "./finding.ts";
import { ok, trouble } from "./found.ts";
import type { Place } from "./place.ts";
import { shellWord } from "./shell-word.ts";

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

async function codeOf(path: string): Promise<Code<"bridge">> {
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

export const bridgeCommand = ({ program, state: { option } }: Place): string => `${program} bridge${option}`;

/** A dead socket is replaced by the next bridge; a folder, and what is another's, is not. */
function commands(place: Place, code: Code<"bridge">): string[] {
  const path = shellWord(place.state.pkcs11Socket);
  if (code === "no-socket") return [`mv ${path} ${path}.old`, bridgeCommand(place)];
  if (code === "forbidden") return [asRoot(place, `chown -R "$USER" ${shellWord(place.state.root)}`), bridgeCommand(place)];
  return [bridgeCommand(place)];
}

export const BRIDGE: Check<"bridge"> = {
  name: "bridge",
  area: "suite",
  look: async (place) => {
    const facts = { path: place.state.pkcs11Socket };
    const code = await codeOf(facts.path);
    if (code === "fine") return ok("bridge", code, facts);
    return trouble("bridge", code, facts, { mender: code === "forbidden" ? "administrator" : "user", commands: commands(place, code) });
  },
};
