// What runs on a holder's computer when all is well, in the doctor's scratch home: bridge, agent, a token.

import { join } from "node:path";
import { type RunningAgent, startAgent } from "../../host-bridge/agent/agent.ts";
import { freshHost } from "../../host-bridge/agent/door.ts";
import { type RunningBridge, startBridge } from "../../host-bridge/bridge.ts";
import { MemoryTokenSecrets } from "./agent-bench.ts";
import type { DoctorBench } from "./doctor-bench.ts";
import { SimulatedToken } from "./simulated-token.ts";

const tokenFolder = ({ place }: DoctorBench): string => join(place.state.run, "tokens");

/** @param isAtDefault whether it listens where software looks that was told nothing, too */
export function runningBridge(bench: DoctorBench, isAtDefault: boolean): Promise<RunningBridge> {
  const defaultSocket = join(bench.home, "runtime", "p11-kit", "pkcs11");
  const place = { tokenFolder: tokenFolder(bench), pkcs11Socket: bench.place.state.pkcs11Socket, ...(isAtDefault && { defaultSocket }) };
  return startBridge({ ...place, log: () => {} });
}

export function runningAgent(bench: DoctorBench): Promise<RunningAgent> {
  return startAgent({
    folder: bench.place.state.agent,
    port: bench.place.agentPort,
    tokens: [],
    secrets: new MemoryTokenSecrets(),
    clock: { now: () => new Date() },
    host: freshHost(),
    log: () => {},
  });
}

export async function pluggedToken(bench: DoctorBench): Promise<{ close(): unknown }> {
  return (await SimulatedToken.initialised()).plugIn(join(tokenFolder(bench), "trial.sock"));
}
