// Whether the agent runs, where an office's page hands over: and that it is the agent, and this user's.

import { request } from "node:http";
import { AGENT_HOST, DEFAULT_AGENT_PORT } from "../agent/agent-address.ts";
import { SEAL, SEAL_PATH } from "../web/seal.ts";
import type { Check } from "./check.ts";
import { ok, trouble } from "./found.ts";
import { listenerAt } from "./listener.ts";
import type { Place } from "./place.ts";

const MAX_ANSWER_CHARACTERS = 64 * 1024;
/** Where the door leads to (agent/door.ts). */
const LOOPBACK = /^http:\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}):(\d{1,5})\//;

interface Heard {
  readonly location: string;
  readonly body: string;
}

/** null: nobody listens. What is no http is an empty answer. */
function hear(host: string, port: number, path: string, timeLimitMs: number): Promise<Heard | null> {
  return new Promise((resolve) => {
    const nothing = { location: "", body: "" };
    const asked = request({ host, port, path, agent: false, signal: AbortSignal.timeout(timeLimitMs) }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        if (body.length < MAX_ANSWER_CHARACTERS) body += text;
      });
      answer.once("error", () => resolve(nothing));
      answer.once("end", () => resolve({ location: answer.headers.location ?? "", body }));
    });
    asked.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? null : nothing));
    asked.end();
  });
}

/** The pages are behind the door, at an address of loopback that is new at each start; or, elsewhere than on Linux, right here. */
async function isAgent(port: number, timeLimitMs: number): Promise<boolean | null> {
  const door = await hear(AGENT_HOST, port, "/", timeLimitMs);
  if (door === null) return null;
  const [, host = AGENT_HOST, behind = String(port)] = LOOPBACK.exec(door.location) ?? [];
  return (await hear(host, Number(behind), SEAL_PATH, timeLimitMs))?.body === SEAL;
}

export const AGENT: Check<"agent"> = {
  name: "agent",
  area: "suite",
  look: async ({ machine, agentPort: port, program, state: { option }, timeLimitMs }: Place) => {
    const commands = [`${program} agent${option}${port === DEFAULT_AGENT_PORT ? "" : ` --port ${port}`}`];
    const isOurs = await isAgent(port, timeLimitMs);
    const listener = isOurs === null ? null : listenerAt(port);
    const facts = { port, program: listener?.program ?? "", pid: listener?.pid ?? 0, uid: listener?.uid ?? machine.uid };
    if (isOurs === null) return trouble("agent", "not-running", facts, { commands });
    // Whoever has the port may copy the page: whose it is counts more than what it looks like.
    if (listener !== null && listener.uid !== machine.uid)
      return trouble("agent", "other-user", facts, { mender: "administrator", commands: [`ss -ltnp 'sport = :${port}'`] });
    if (isOurs) return ok("agent", "fine", facts);
    const stop = facts.pid === 0 ? `ss -ltnp 'sport = :${port}'` : `kill ${facts.pid}`;
    return trouble("agent", "other-program", facts, { commands: [stop, ...commands] });
  },
};
