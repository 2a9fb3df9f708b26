// What `sceau sim` does.

import type { ButtonScript } from "../../simulator/scripted-button.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import type { VpcdAddress } from "../../simulator/vpcd.ts";
import type { CliContext } from "../context.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";

const DEFAULT_VPCD = "127.0.0.1:35963";

export interface SimOptions {
  readonly button: string;
  readonly buttonDelay: string;
  readonly vpcd?: string | true;
}

function parseVpcdAddress(text: string | true): VpcdAddress {
  const match = /^(.+):(\d{1,5})$/.exec(text === true ? DEFAULT_VPCD : text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) throw new UsageError("bad-vpcd-address", String(text));
  return { host: match[1], port };
}

function parseButton(options: SimOptions): ButtonScript {
  const afterMs = Number(options.buttonDelay);
  if (!Number.isSafeInteger(afterMs) || afterMs < 0) throw new UsageError("bad-number", options.buttonDelay);
  if (options.button !== "auto" && options.button !== "never") throw new UsageError("bad-word", `${options.button} (auto, never)`);
  return options.button === "auto" ? { kind: "automatic", afterMs } : { kind: "never" };
}

export async function runSim(context: CliContext, name: string, options: SimOptions): Promise<void> {
  const { state, say, report, print } = context;
  const simulator = await startSimulator({
    folder: state.token(name),
    socketPath: state.tokenSocket(name),
    button: parseButton(options),
    ...(options.vpcd !== undefined && { vpcd: parseVpcdAddress(options.vpcd) }),
  });
  const serial = String(simulator.serial);
  const socket = state.tokenSocket(name);
  report({ event: "plugged-in", name, serial, socket }, [say.sim.pluggedIn(name, serial), say.sim.howToStop]);
  await untilStopped();
  await simulator.close();
  print(say.sim.unplugged);
}
