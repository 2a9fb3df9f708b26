// What `sceau agent` says, in English. French has the same keys (agent-fr.ts).

import type { AgentProblem } from "../../host-bridge/agent/agent-error.ts";

export const agentEn = {
  help: {
    agent: "your own pages in the browser: sign, look after a token, activate it; until Ctrl-C",
    port: "port on this computer alone",
    noOpen: "do not open the browser",
    noSerial: "leave serial ports alone",
    noHid: "leave USB (HID) alone",
    anyUser: "other users of this computer may use it, too: only where they can't be told apart",
  },
  ready: (address: string) => `Your pages are at ${address}`,
  anyUser: "WARNING: every user of this computer can reach these pages while the agent runs.",
  otherPort: (port: number) =>
    `Links on offices' pages lead to port ${port} and do not find this agent. Start it without --port for those, or activate with: sceau activate --office ADDRESS`,
  howToStop: "Ctrl-C stops it.",
  stopped: "The agent has stopped.",
  unexpected: (id: string, type: string) => `! unexpected error ${id}: ${type}`,
  failure: {
    "port-taken": (port: number) =>
      `Port ${port} is taken: by another agent of yours, which then needs no second one, or by another program or user. Another port: sceau agent --port ${port + 1}. Links on an office's page lead to the usual port only.`,
    "no-peers": () =>
      "This system does not tell which of its users asks a program, so other users could use your token through the agent. On a computer that you alone use: sceau agent --any-user",
  } satisfies Record<AgentProblem, (port: number) => string> as Record<AgentProblem, (port: number) => string>,
};
