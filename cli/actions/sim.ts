// What `sceau sim` does.

import { join, resolve } from "node:path";
import { SIMULATOR_ROOT } from "../../host-bridge/token/attestation-key.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../../host-bridge/transport/socket.ts";
import { EngineError } from "../../simulator/engine/engine-error.ts";
import type { Interpreter } from "../../simulator/engine/probe.ts";
import type { ButtonScript } from "../../simulator/scripted-button.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import type { ProfileName } from "../../simulator/token-folder.ts";
import type { VpcdAddress } from "../../simulator/vpcd.ts";
import { CHECKOUT } from "../checkout.ts";
import type { CliContext } from "../context.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";

const DEFAULT_VPCD = "127.0.0.1:35963";
/** Where `npm run build:board -- jolt-js` leaves what a board gets. */
const BOARD_FOLDER = join(CHECKOUT, "dist", "boards", "jolt-js");

export interface SimOptions {
  readonly button: string;
  readonly buttonDelay: string;
  readonly vpcd?: string | true;
  readonly profile?: string;
  readonly engine?: string;
}

/** Either kind of simulated token. */
interface Running {
  readonly serial: number;
  readonly profile: ProfileName;
  /** null: this process itself. */
  readonly interpreter: Interpreter | null;
  /** What an interpreter that ended by itself printed last. */
  readonly gone: Promise<string>;
  close(): Promise<void>;
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

async function start({ state }: CliContext, name: string, options: SimOptions): Promise<Running> {
  const place = { folder: state.token(name), socketPath: state.tokenSocket(name), button: parseButton(options) };
  const { profile = "strict" } = parseProfile(options.profile);
  if (options.engine === undefined) {
    const vpcd = options.vpcd === undefined ? {} : { vpcd: parseVpcdAddress(options.vpcd) };
    const simulator = await startSimulator({ ...place, ...parseProfile(options.profile), ...vpcd });
    return { ...simulator, interpreter: null, gone: new Promise(() => {}) };
  }
  if (options.vpcd !== undefined) throw new EngineError("not-with-engine", "--vpcd");
  if (profile !== "strict") throw new EngineError("not-with-engine", `--profile ${profile}`);
  const { startEngineToken } = await import("../../simulator/engine/engine-token.ts");
  return startEngineToken({ ...place, interpreter: resolve(options.engine), boardFolder: BOARD_FOLDER });
}

export async function runSim(context: CliContext, name: string, options: SimOptions): Promise<void> {
  const { state, say, report, print } = context;
  const simulator = await start(context, name, options);
  const stopped = untilStopped(); // before anybody is told that it is there
  const died = simulator.gone.then((printed): never => {
    throw new EngineError("ended", printed);
  });
  const plugIn = async (): Promise<void> => {
    const { profile } = simulator;
    const serial = String(simulator.serial);
    const socket = state.tokenSocket(name);
    const root = await provision(context, name);
    if (root !== null) report({ event: "provisioned", name, serial, root }, [say.factory.provisioned(serial, root)]);
    const compat = profile === "compat" ? [say.token.compat] : [];
    const { interpreter } = simulator;
    const engine = interpreter === null ? [] : [say.sim.engine.runsOn(interpreter.version, interpreter.commit)];
    const told = { event: "plugged-in", name, serial, socket, profile, ...(interpreter !== null && { interpreter }) };
    report(told, [say.sim.pluggedIn(name, serial), ...engine, ...compat, say.sim.howToStop]);
    await stopped;
  };
  try {
    await Promise.race([plugIn(), died]);
  } finally {
    await simulator.close();
  }
  print(say.sim.unplugged);
}
