// What `sceau sim` does.

import { SIMULATOR_ROOT } from "../../host-bridge/token/attestation-key.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import type { ButtonScript } from "../../simulator/scripted-button.ts";
import { type ProfileName, startSimulator } from "../../simulator/simulator.ts";
import type { VpcdAddress } from "../../simulator/vpcd.ts";
import type { CliContext } from "../context.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";

const DEFAULT_VPCD = "127.0.0.1:35963";

export interface SimOptions {
  readonly button: string;
  readonly buttonDelay: string;
  readonly vpcd?: string | true;
  readonly profile?: string;
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

function parseProfile(text: string | undefined): { profile?: ProfileName } {
  if (text === undefined) return {};
  if (text !== "strict" && text !== "compat") throw new UsageError("bad-word", `${text} (strict, compat)`);
  return { profile: text };
}

/** The factory step of a simulated token that nobody has used yet, by the state folder's own root, made when there is none; null: there was none to do. */
async function provision({ state, now }: CliContext, name: string): Promise<string | null> {
  const transport = await openSocketTransport(state.tokenSocket(name), name);
  try {
    const client = new TokenClient(await transport.openChannel());
    const { isSealed, isInitialised, profile } = await client.deviceInfo();
    if (isSealed || (isInitialised && profile === "strict")) return null;
    const { provisionIfNew } = await import("../../host-bridge/factory/provision.ts"); // certificates take long to load
    return (await provisionIfNew(client, state.factory, SIMULATOR_ROOT, now())) ? SIMULATOR_ROOT : null;
  } finally {
    transport.close();
  }
}

export async function runSim(context: CliContext, name: string, options: SimOptions): Promise<void> {
  const { state, say, report, print } = context;
  const simulator = await startSimulator({
    folder: state.token(name),
    socketPath: state.tokenSocket(name),
    button: parseButton(options),
    ...parseProfile(options.profile),
    ...(options.vpcd !== undefined && { vpcd: parseVpcdAddress(options.vpcd) }),
  });
  const stopped = untilStopped(); // before anybody is told that it is there
  try {
    const { profile } = simulator;
    const serial = String(simulator.serial);
    const socket = state.tokenSocket(name);
    const root = await provision(context, name);
    if (root !== null) report({ event: "provisioned", name, serial, root }, [say.factory.provisioned(serial, root)]);
    const compat = profile === "compat" ? [say.token.compat] : [];
    report({ event: "plugged-in", name, serial, socket, profile }, [say.sim.pluggedIn(name, serial), ...compat, say.sim.howToStop]);
    await stopped;
  } finally {
    await simulator.close();
  }
  print(say.sim.unplugged);
}
